package io.millrace.project.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A choice between maps by their key {@code type}. Where a type has a default or may stand alone, a
 * text is the type of a map without further keys.
 */
public final class Variants<T> implements Shape<T> {
  private static final String TYPE = "type";

  private final String name;
  private final String standard;
  private final boolean alone;
  private final Map<String, Keys<? extends T>> variants = new LinkedHashMap<>();
  private final Map<String, String> aliases = new LinkedHashMap<>();
  private final Set<String> later = new LinkedHashSet<>();
  private final Map<String, Shape<? extends T>> plugins = new LinkedHashMap<>();

  /**
   * @param name what it is, for messages and names: {@code paginator}
   * @param standard the type when none is said; {@code null} when it must be said
   * @param alone whether the type may stand alone, as a text
   */
  public Variants(String name, String standard, boolean alone) {
    this.name = name;
    this.standard = standard;
    this.alone = alone;
  }

  public Variants<T> with(String type, Keys<? extends T> keys) {
    variants.put(type, keys);
    return this;
  }

  public Variants<T> alias(String alias, String type) {
    aliases.put(alias, type);
    return this;
  }

  /** Types that are known and refused until they are built. */
  public Variants<T> later(String... types) {
    later.addAll(List.of(types));
    return this;
  }

  /** A type that is known here and now only: neither the schema nor the reference page has it. */
  public Variants<T> plugin(String type, Shape<? extends T> keys) {
    plugins.put(type, keys);
    return this;
  }

  @Override
  public T read(Spot spot) {
    Node node = spot.node();
    if (alone && node instanceof Node.Scalar scalar) {
      node = new Node.Fields(scalar.place(), List.of(new Node.Field(scalar.place(), TYPE, scalar)));
    }
    if (!(node instanceof Node.Fields fields)) {
      spot.refuse(
          "expected " + (alone ? "a text or a map" : "a map") + ": found " + spot.found(), "");
      return null;
    }
    Node said = fields.get(TYPE).filter(n -> !Node.isNull(n)).orElse(null);
    if (said == null && standard == null) {
      spot.refuse("the key is missing: type", "one of " + String.join(", ", variants.keySet()));
      return null;
    }
    Spot at = said == null ? spot : new Spot(said, spot.path() + "." + TYPE, spot.problems());
    String type = said == null ? standard : word(said);
    Shape<? extends T> keys = variants.get(aliases.getOrDefault(type, type));
    keys = keys == null ? plugins.get(type) : keys;
    if (keys != null) {
      return keys.read(new Spot(fields.without(TYPE), spot.path(), spot.problems()));
    }
    if (later.contains(type)) {
      at.problems()
          .add(
              at.place(),
              "Cannot use the "
                  + name
                  + " type "
                  + type
                  + " in "
                  + spot.path()
                  + ": not available yet in this version",
              "available: " + String.join(", ", variants.keySet()));
    } else {
      at.refuse("unknown " + name + " type: found " + at.found(), Nearest.advice(type, known()));
    }
    return null;
  }

  private Set<String> known() {
    Set<String> known = new LinkedHashSet<>(variants.keySet());
    known.addAll(plugins.keySet());
    return known;
  }

  private static String word(Node node) {
    return node instanceof Node.Scalar scalar ? scalar.text() : "";
  }

  @Override
  public String kind() {
    return (alone ? "its type or " : "")
        + String.join(", ", variants.values().stream().map(Keys::kind).toList());
  }

  @Override
  public ObjectNode schema(Defs defs) {
    return defs.ref(name, () -> choices(defs));
  }

  private ObjectNode choices(Defs defs) {
    List<ObjectNode> choices = new ArrayList<>();
    if (alone) {
      Set<String> words = new LinkedHashSet<>(variants.keySet());
      words.addAll(aliases.keySet());
      choices.add(Defs.words(words));
    }
    variants.forEach(
        (type, keys) -> {
          Set<String> words = new LinkedHashSet<>(Set.of(type));
          aliases.forEach(
              (alias, meant) -> {
                if (meant.equals(type)) {
                  words.add(alias);
                }
              });
          choices.add(
              defs.ref(
                  keys.name(),
                  () -> {
                    ObjectNode schema = keys.objectSchema(defs, TYPE, words);
                    if (!type.equals(standard)) {
                      schema.withArray("required").add(TYPE);
                    }
                    return schema;
                  }));
        });
    return Defs.anyOf(choices);
  }

  @Override
  public List<Keys<?>> parts() {
    return List.copyOf(variants.values());
  }
}
