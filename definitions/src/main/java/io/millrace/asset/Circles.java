package io.millrace.asset;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds assets that wait for themselves: one shortest circle through the first asset (by key) of
 * every group whose members all wait for each other.
 */
final class Circles {
  private final Map<AssetKey, Set<AssetKey>> upstream = new TreeMap<>();
  private final Map<AssetKey, Set<AssetKey>> downstream = new TreeMap<>();

  /**
   * @param waitsFor what each asset waits for; every one of them is a key too
   */
  Circles(Map<AssetKey, Set<AssetKey>> waitsFor) {
    waitsFor.forEach((key, before) -> upstream.put(key, new TreeSet<>(before)));
    waitsFor.keySet().forEach(key -> downstream.put(key, new TreeSet<>()));
    waitsFor.forEach((key, before) -> before.forEach(b -> downstream.get(b).add(key)));
  }

  /** Each circle from its first asset back to it, along what it waits for. */
  List<List<AssetKey>> found() {
    Set<AssetKey> left = stuck();
    List<List<AssetKey>> circles = new ArrayList<>();
    Set<AssetKey> told = new HashSet<>();
    for (AssetKey key : left) {
      if (!told.contains(key)) {
        List<AssetKey> circle = shortest(key);
        if (!circle.isEmpty()) {
          circles.add(circle);
          told.addAll(together(key));
        }
      }
    }
    return circles;
  }

  private List<AssetKey> shortest(AssetKey start) {
    Map<AssetKey, AssetKey> cameFrom = new HashMap<>();
    Deque<AssetKey> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      AssetKey at = open.poll();
      for (AssetKey next : upstream.get(at)) {
        if (next.equals(start)) {
          return way(start, at, cameFrom);
        }
        if (cameFrom.putIfAbsent(next, at) == null) {
          open.add(next);
        }
      }
    }
    return List.of();
  }

  private static List<AssetKey> way(
      AssetKey start, AssetKey end, Map<AssetKey, AssetKey> cameFrom) {
    Deque<AssetKey> way = new ArrayDeque<>(List.of(start));
    for (AssetKey at = end; !at.equals(start); at = cameFrom.get(at)) {
      way.addFirst(at);
    }
    way.addFirst(start);
    return List.copyOf(way);
  }

  /** Everything that waits for {@code key} and that {@code key} waits for. */
  private Set<AssetKey> together(AssetKey key) {
    Set<AssetKey> all = reached(key, upstream);
    all.retainAll(reached(key, downstream));
    return all;
  }

  /** Everything that cannot be ordered: circles, and what waits for them. */
  private Set<AssetKey> stuck() {
    Set<AssetKey> left = new TreeSet<>(upstream.keySet());
    Map<AssetKey, Integer> waits = new HashMap<>();
    Deque<AssetKey> ready = new ArrayDeque<>();
    upstream.forEach(
        (key, before) -> {
          waits.put(key, before.size());
          if (before.isEmpty()) {
            ready.add(key);
          }
        });
    while (!ready.isEmpty()) {
      AssetKey key = ready.poll();
      left.remove(key);
      for (AssetKey after : downstream.get(key)) {
        if (waits.merge(after, -1, Integer::sum) == 0) {
          ready.add(after);
        }
      }
    }
    return left;
  }

  private static Set<AssetKey> reached(AssetKey from, Map<AssetKey, Set<AssetKey>> edges) {
    Set<AssetKey> seen = new HashSet<>();
    Deque<AssetKey> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      for (AssetKey next : edges.get(open.poll())) {
        if (seen.add(next)) {
          open.add(next);
        }
      }
    }
    return seen;
  }
}
