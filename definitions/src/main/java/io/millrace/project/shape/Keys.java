package io.millrace.project.shape;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A map with known keys that becomes a record. Each key is declared once, with its shape, its
 * default in words and a sentence; reading, JSON Schema and reference page all come from that:
 *
 * <pre>{@code
 * Keys<RateLimit> RATE_LIMIT = Keys.of("rate_limit", "At most so many requests per time.", k -> {
 *   var requests = k.required("requests", Shapes.whole(1), "How many.");
 *   var per = k.required("per", Shapes.DURATION, "In how long.");
 *   return v -> new RateLimit(v.get(requests), v.get(per));
 * });
 * }</pre>
 */
public final class Keys<T> implements Shape<T> {
  private final String name;
  private final String doc;
  private final Map<String, Key<?>> keys = new LinkedHashMap<>();
  private final Map<String, String> later = new LinkedHashMap<>();
  private Key<?> open;
  private String prefix;
  private String shorthand;
  private boolean lenient;
  private final Function<Values, T> make;

  private Keys(String name, String doc, Function<Keys<T>, Function<Values, T>> declare) {
    this.name = name;
    this.doc = doc;
    this.make = declare.apply(this);
  }

  /**
   * @param name of the definition in the schema and of the section in the reference page
   * @param declare declares the keys and answers how a record is made of their values. The maker is
   *     called when all required keys are there and well
   */
  public static <T> Keys<T> of(
      String name, String doc, Function<Keys<T>, Function<Values, T>> declare) {
    return new Keys<>(name, doc, declare);
  }

  /** A key that may be left out. */
  public <V> Key<V> key(String key, Shape<V> shape, String doc) {
    return add(new Key<>(key, shape, null, doc, false));
  }

  /** A key that may be left out, and what that means, in words. */
  public <V> Key<V> key(String key, Shape<V> shape, String standard, String doc) {
    return add(new Key<>(key, shape, standard, doc, false));
  }

  public <V> Key<V> required(String key, Shape<V> shape, String doc) {
    return add(new Key<>(key, shape, null, doc, true));
  }

  /** A key that is known and refused until it is built. */
  public void later(String key, String advice) {
    later.put(key, advice);
  }

  /** Any further keys that begin with a prefix. */
  public <V> Key<Map<String, V>> open(String keyPrefix, Shape<V> shape, String doc) {
    Key<Map<String, V>> key = new Key<>(keyPrefix + "…", Shapes.mapOf(shape), null, doc, false);
    prefix = keyPrefix;
    open = key;
    return key;
  }

  /** A text alone stands for a map with this one key. */
  public void shorthand(String key) {
    shorthand = key;
  }

  /** The record is made even when required keys are missing, so that others can refer to it. */
  public void lenient() {
    lenient = true;
  }

  private <V> Key<V> add(Key<V> key) {
    keys.put(key.name(), key);
    return key;
  }

  @Override
  public T read(Spot spot) {
    if (shorthand != null && spot.node() instanceof Node.Scalar scalar) {
      Node.Field only = new Node.Field(scalar.place(), shorthand, scalar);
      return read(
          new Spot(new Node.Fields(scalar.place(), List.of(only)), spot.path(), spot.problems()));
    }
    if (!(spot.node() instanceof Node.Fields fields)) {
      spot.refuse("expected " + plainKind() + ": found " + spot.found(), expectedKeys());
      return null;
    }
    Map<Key<?>, Object> values = new IdentityHashMap<>();
    List<Node.Field> rest = new ArrayList<>();
    for (Node.Field field : fields.fields()) {
      Key<?> key = keys.get(field.name());
      if (key == null) {
        rest.add(field);
      } else if (!Node.isNull(field.value()) || key.shape().takesNull()) {
        values.put(key, key.shape().read(spot.child(field)));
      }
    }
    readRest(spot, fields, rest, values);
    boolean complete = true;
    for (Key<?> key : keys.values()) {
      if (key.required() && !values.containsKey(key)) {
        spot.refuse("the key is missing: " + key.name(), "add " + key.name() + ": " + key.doc());
      }
      complete &= !key.required() || values.get(key) != null;
    }
    if (!complete && !lenient) {
      return null;
    }
    T made = make.apply(new Values(spot, values));
    if (made != null) {
      spot.problems().remember(made, spot);
    }
    return made;
  }

  private void readRest(
      Spot spot, Node.Fields fields, List<Node.Field> rest, Map<Key<?>, Object> values) {
    List<Node.Field> opened = new ArrayList<>();
    for (Node.Field field : rest) {
      if (prefix != null && field.name().startsWith(prefix)) {
        opened.add(field);
      } else if (later.containsKey(field.name())) {
        spot.child(field).refuseForNow(field.place(), later.get(field.name()));
      } else {
        spot.refuse(
            field.place(), "unknown key: " + field.name(), Nearest.advice(field.name(), names()));
      }
    }
    if (!opened.isEmpty()) {
      values.put(
          open,
          open.shape()
              .read(
                  new Spot(new Node.Fields(fields.place(), opened), spot.path(), spot.problems())));
    }
  }

  private Set<String> names() {
    return keys.keySet();
  }

  private String plainKind() {
    return shorthand == null ? "a map" : "a text or a map";
  }

  private String expectedKeys() {
    return "its keys: " + String.join(", ", keys.keySet());
  }

  public String name() {
    return name;
  }

  public String doc() {
    return doc;
  }

  /** The keys in the order declared. */
  public List<Key<?>> list() {
    List<Key<?>> all = new ArrayList<>(keys.values());
    if (open != null) {
      all.add(open);
    }
    return all;
  }

  /** Names of the keys that are known and not built yet. */
  public Set<String> laterNames() {
    return later.keySet();
  }

  @Override
  public String kind() {
    String link = "[" + name + "](#" + name.replace(' ', '-') + ")";
    return shorthand == null ? link : "text (its `" + shorthand + "`) or " + link;
  }

  @Override
  public ObjectNode schema(Defs defs) {
    ObjectNode ref = defs.ref(name, () -> objectSchema(defs, null, null));
    return shorthand == null ? ref : Defs.anyOf(List.of(Defs.type("string"), ref));
  }

  /**
   * @param tag a further key that tells this map from others; {@code null} for none
   * @param words what the tag may be
   */
  ObjectNode objectSchema(Defs defs, String tag, Iterable<String> words) {
    ObjectNode schema = Defs.type("object");
    schema.put("description", doc);
    schema.put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    if (tag != null) {
      properties.set(tag, Defs.words(words));
    }
    ArrayNode required = schema.arrayNode();
    for (Key<?> key : keys.values()) {
      ObjectNode property = key.shape().schema(defs);
      property.put("description", key.doc());
      if (key.standard() != null) {
        property.put("x-default", key.standard());
      }
      properties.set(key.name(), property);
      if (key.required()) {
        required.add(key.name());
      }
    }
    if (open != null) {
      schema.putObject("patternProperties").set("^" + prefix, Defs.object());
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema;
  }

  @Override
  public List<Keys<?>> parts() {
    return List.of(this);
  }

  /**
   * A declared key.
   *
   * @param standard what leaving it out means, in words; {@code null} when there is nothing to say
   */
  public record Key<V>(
      String name, Shape<V> shape, String standard, String doc, boolean required) {}
}
