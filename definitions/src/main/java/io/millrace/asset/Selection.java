package io.millrace.asset;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.shape.Nearest;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A wish for some assets: {@code shop.orders}, {@code shop.*}, {@code +x} (and all before it),
 * {@code x+} (and all after it), {@code 1+x+2} (one and two steps), {@code tag:t}, {@code group:g},
 * {@code source:s}, {@code kind:rest_api}, {@code and}, {@code or}, {@code not}, parentheses; a
 * comma is {@code or}. {@code not} binds tightest, then {@code and}. Names with blanks or signs go
 * in quotes. Immutable.
 *
 * <p>An asset that is not {@code selected} is taken only when its key is there letter for letter.
 */
public final class Selection {
  /** All assets that are selected. */
  public static final Selection ALL = new Selection("*", new Term("*", 0, 0));

  private static final List<String> ATTRIBUTES = List.of("tag", "group", "source", "kind");

  private final String text;
  private final Wish wish;

  private Selection(String text, Wish wish) {
    this.text = text;
    this.wish = wish;
  }

  /**
   * Understands a selection.
   *
   * @param text {@code null} or blank is {@link #ALL}
   * @throws MillraceException {@code CONFIG_INVALID} saying where it cannot be understood
   */
  public static Selection parse(String text) {
    return text == null || text.isBlank()
        ? ALL
        : new Selection(text, new SelectionParser(text).parse());
  }

  /**
   * The assets of {@code select} without those of {@code exclude}, in the graph's order.
   *
   * @param exclude {@code null} or blank takes nothing away
   */
  public static List<AssetKey> resolve(AssetGraph graph, String select, String exclude) {
    List<AssetKey> wanted = parse(select).resolve(graph);
    if (exclude == null || exclude.isBlank()) {
      return wanted;
    }
    Set<AssetKey> without = new HashSet<>(parse(exclude).resolve(graph));
    return wanted.stream().filter(key -> !without.contains(key)).toList();
  }

  /**
   * The assets that are wished for, in the graph's order; may be empty.
   *
   * @throws MillraceException {@code CONFIG_INVALID} naming what the graph does not have
   */
  public List<AssetKey> resolve(AssetGraph graph) {
    return graph.ordered(wish.in(graph));
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }

  static MillraceException refused(String what, String why, String advice) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot select " + what + ": " + why + (advice.isEmpty() ? "" : " (" + advice + ")"));
  }

  /** A part of a selection. */
  sealed interface Wish {
    Set<AssetKey> in(AssetGraph graph);
  }

  /** All parts' assets. */
  record Or(List<Wish> parts) implements Wish {
    @Override
    public Set<AssetKey> in(AssetGraph graph) {
      Set<AssetKey> all = new HashSet<>();
      parts.forEach(part -> all.addAll(part.in(graph)));
      return all;
    }
  }

  /** The assets that all parts have. */
  record And(List<Wish> parts) implements Wish {
    @Override
    public Set<AssetKey> in(AssetGraph graph) {
      Set<AssetKey> common = new HashSet<>(parts.get(0).in(graph));
      parts.subList(1, parts.size()).forEach(part -> common.retainAll(part.in(graph)));
      return common;
    }
  }

  /** Every selected asset but those. */
  record Not(Wish wish) implements Wish {
    @Override
    public Set<AssetKey> in(AssetGraph graph) {
      Set<AssetKey> rest = selected(graph.assets().stream());
      rest.removeAll(wish.in(graph));
      return rest;
    }
  }

  /**
   * One name, pattern or attribute, and how many steps around it.
   *
   * @param before steps upstream; {@link Integer#MAX_VALUE} for all
   * @param after steps downstream
   */
  record Term(String name, int before, int after) implements Wish {
    @Override
    public Set<AssetKey> in(AssetGraph graph) {
      Set<AssetKey> found = found(graph);
      Set<AssetKey> around = new TreeSet<>();
      for (AssetKey key : found) {
        around.addAll(graph.before(key, before));
        around.addAll(graph.after(key, after));
      }
      found.addAll(selected(around.stream().map(graph::asset)));
      return found;
    }

    private Set<AssetKey> found(AssetGraph graph) {
      Asset exact = graph.asset(AssetKey.parse(name));
      if (exact != null) {
        return new HashSet<>(Set.of(exact.key()));
      }
      int colon = name.indexOf(':');
      return colon > 0
          ? withAttribute(graph, name.substring(0, colon), name.substring(colon + 1))
          : matching(graph);
    }

    private Set<AssetKey> matching(AssetGraph graph) {
      if (name.equals("*")) {
        return selected(graph.assets().stream());
      }
      if (!name.contains("*")) {
        throw refused(name, "no such asset", meant(graph));
      }
      Pattern pattern =
          Pattern.compile(
              Stream.of(name.split("\\*", -1))
                  .map(Pattern::quote)
                  .collect(Collectors.joining(".*")),
              Pattern.DOTALL);
      List<Asset> all =
          graph.assets().stream()
              .filter(a -> pattern.matcher(a.key().toString()).matches())
              .toList();
      if (all.isEmpty()) {
        throw refused(name, "no asset matches", meant(graph));
      }
      return selected(all.stream());
    }

    /** What one may have meant: a key, or all of a source. */
    private String meant(AssetGraph graph) {
      Set<String> known = new LinkedHashSet<>();
      graph.assets().stream()
          .filter(a -> a.key().source() != null)
          .forEach(a -> known.add(a.key().source() + ".*"));
      graph.assets().forEach(a -> known.add(a.key().toString()));
      return known.contains(name + ".*")
          ? "did you mean " + name + ".*?"
          : Nearest.advice(name, known);
    }

    private Set<AssetKey> withAttribute(AssetGraph graph, String attribute, String value) {
      Function<Asset, List<String>> values =
          switch (attribute) {
            case "tag" -> Asset::tags;
            case "group" -> a -> a.group() == null ? List.of() : List.of(a.group());
            case "source" -> a -> a.key().source() == null ? List.of() : List.of(a.key().source());
            case "kind" -> a -> List.of(a.kind());
            case "status" ->
                throw refused(name, "status: is not available yet in this version", "name assets");
            default ->
                throw refused(
                    name, "no such attribute: " + attribute, Nearest.advice(attribute, ATTRIBUTES));
          };
      Set<String> known = new TreeSet<>();
      graph.assets().forEach(a -> known.addAll(values.apply(a)));
      if (!known.contains(value)) {
        String advice = known.isEmpty() ? "no asset has one" : Nearest.advice(value, known);
        throw refused(name, "no such " + attribute, advice);
      }
      return selected(graph.assets().stream().filter(a -> values.apply(a).contains(value)));
    }
  }

  private static Set<AssetKey> selected(Stream<Asset> assets) {
    return assets
        .filter(Asset::selected)
        .map(Asset::key)
        .collect(Collectors.toCollection(HashSet::new));
  }
}
