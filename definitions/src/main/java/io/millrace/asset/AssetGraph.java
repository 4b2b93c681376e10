package io.millrace.asset;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.shape.Nearest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Assets and what they wait for: without cycles, in one order for everybody. Immutable. */
public final class AssetGraph {
  private final Map<AssetKey, Asset> assets = new LinkedHashMap<>();
  private final Map<AssetKey, Set<AssetKey>> downstream = new HashMap<>();

  private AssetGraph(Map<AssetKey, Asset> byKey) {
    byKey.values().forEach(a -> downstream.put(a.key(), new TreeSet<>()));
    byKey.values().forEach(a -> a.upstream().forEach(u -> downstream.get(u).add(a.key())));
    order(byKey).forEach(key -> assets.put(key, byKey.get(key)));
  }

  /**
   * The graph of those assets; {@code CONFIG_INVALID} with all flaws when it is none. A key that is
   * there twice is the first one's.
   */
  public static AssetGraph of(Collection<Asset> assets) {
    List<Flaw> flaws = flaws(assets);
    if (!flaws.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          flaws.stream()
              .map(f -> "Cannot order " + f.asset() + ": " + f.why() + " (" + f.advice() + ")")
              .collect(Collectors.joining("\n")));
    }
    return new AssetGraph(byKey(assets));
  }

  /**
   * Every unknown dependency, and one circle through each group of assets that wait for another.
   */
  public static List<Flaw> flaws(Collection<Asset> assets) {
    SortedMap<AssetKey, Asset> byKey = byKey(assets);
    List<String> names = byKey.keySet().stream().map(AssetKey::toString).toList();
    List<Flaw> flaws = new ArrayList<>();
    Map<AssetKey, Set<AssetKey>> waitsFor = new TreeMap<>();
    for (Asset asset : byKey.values()) {
      Set<AssetKey> found = new TreeSet<>();
      for (AssetKey upstream : asset.upstream()) {
        if (byKey.containsKey(upstream)) {
          found.add(upstream);
        } else {
          flaws.add(
              new Flaw(
                  asset.key(),
                  upstream,
                  "it depends on an unknown asset: " + upstream,
                  Nearest.advice(upstream.toString(), names)));
        }
      }
      waitsFor.put(asset.key(), found);
    }
    new Circles(waitsFor).found().forEach(c -> flaws.add(Flaw.circle(c)));
    return flaws;
  }

  private static SortedMap<AssetKey, Asset> byKey(Collection<Asset> assets) {
    SortedMap<AssetKey, Asset> byKey = new TreeMap<>();
    assets.forEach(a -> byKey.putIfAbsent(a.key(), a));
    return byKey;
  }

  private List<AssetKey> order(Map<AssetKey, Asset> byKey) {
    Map<AssetKey, Integer> waits = new HashMap<>();
    byKey.forEach((key, asset) -> waits.put(key, Set.copyOf(asset.upstream()).size()));
    PriorityQueue<AssetKey> ready = new PriorityQueue<>();
    waits.forEach(
        (key, count) -> {
          if (count == 0) {
            ready.add(key);
          }
        });
    List<AssetKey> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      AssetKey next = ready.poll();
      order.add(next);
      for (AssetKey after : downstream.get(next)) {
        if (waits.merge(after, -1, Integer::sum) == 0) {
          ready.add(after);
        }
      }
    }
    return order;
  }

  /** All assets, each after what it waits for, else by key. */
  public List<Asset> assets() {
    return List.copyOf(assets.values());
  }

  /** The asset of that key; {@code null} when there is none. */
  Asset asset(AssetKey key) {
    return assets.get(key);
  }

  /** What an asset waits for directly; empty for an unknown one. */
  public Set<AssetKey> upstream(AssetKey key) {
    Asset asset = assets.get(key);
    return asset == null ? Set.of() : Collections.unmodifiableSet(new TreeSet<>(asset.upstream()));
  }

  /** What waits for an asset directly; empty for an unknown one. */
  public Set<AssetKey> downstream(AssetKey key) {
    return Collections.unmodifiableSet(downstream.getOrDefault(key, Set.of()));
  }

  /** Those keys in the graph's order. */
  public List<AssetKey> ordered(Set<AssetKey> keys) {
    return assets.keySet().stream().filter(keys::contains).toList();
  }

  /** Everything at most {@code steps} before an asset, without itself. */
  Set<AssetKey> before(AssetKey key, int steps) {
    return walk(key, steps, true);
  }

  /** Everything at most {@code steps} after an asset, without itself. */
  Set<AssetKey> after(AssetKey key, int steps) {
    return walk(key, steps, false);
  }

  private Set<AssetKey> walk(AssetKey from, int steps, boolean up) {
    Map<AssetKey, Integer> far = new HashMap<>(Map.of(from, 0));
    Deque<AssetKey> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      AssetKey at = open.poll();
      if (far.get(at) < steps) {
        for (AssetKey next : up ? upstream(at) : downstream(at)) {
          if (far.putIfAbsent(next, far.get(at) + 1) == null) {
            open.add(next);
          }
        }
      }
    }
    far.remove(from);
    return far.keySet();
  }

  /**
   * What is wrong with a graph.
   *
   * @param asset where to mend it
   * @param upstream the unknown dependency; {@code null} for a circle
   * @param why a sentence without its subject
   */
  public record Flaw(AssetKey asset, AssetKey upstream, String why, String advice) {
    static Flaw circle(List<AssetKey> circle) {
      String way = circle.stream().map(AssetKey::toString).collect(Collectors.joining(" -> "));
      return new Flaw(
          circle.get(0), null, "it waits for itself: " + way, "take out one depends_on");
    }
  }
}
