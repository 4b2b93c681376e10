package io.millrace.project.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.project.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shapes of single values, lists and maps. */
public final class Shapes {
  private static final Pattern DURATION_TEXT = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern SIZE_TEXT = Pattern.compile("(\\d{1,15})\\s?([KMGT]i?)?B?");
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** A text that is known without looking anything up; not empty. */
  public static final Shape<String> TEXT =
      new ScalarShape<>("text", Defs.type("string"), Set.of(Node.Kind.TEXT), Shapes::plainText);

  /** A text that may refer to {@code ${env:…}} and {@code ${file:…}}; numbers as written. */
  public static final Shape<Text> VALUE =
      new ScalarShape<>(
          "text, may hold `${…}`",
          Defs.types("string", "number", "boolean"),
          Set.of(Node.Kind.TEXT, Node.Kind.NUMBER, Node.Kind.BOOL),
          (scalar, spot) -> new Text(scalar.text()));

  /** The same, for what nobody should read: a literal is warned of. */
  public static final Shape<Text> SECRET =
      new Changed<>(
          VALUE,
          (text, spot) -> {
            if (!text.raw().isEmpty() && !text.hasReferences()) {
              warnOfSecret(spot);
            }
            return text;
          });

  /** The same, warned of only where its key sounds like a secret's: a header, a parameter. */
  public static final Shape<Text> SENSITIVE =
      new Changed<>(
          VALUE,
          (text, spot) -> {
            if (spot.problems().hidden(spot.place())) {
              warnOfSecret(spot);
            }
            return text;
          });

  public static final Shape<Boolean> YES_OR_NO =
      new ScalarShape<>(
          "true or false",
          Defs.type("boolean"),
          Set.of(Node.Kind.BOOL),
          (scalar, spot) -> scalar.text().equals("true"));

  /** {@code 30s}, {@code 5m}, {@code 6h}, {@code 2d}, {@code 500ms}; longer than nothing. */
  public static final Shape<Duration> DURATION =
      new ScalarShape<>(
          "a duration like `30s`",
          Defs.type("string").put("pattern", "^[0-9]+(ms|s|m|h|d)$|\\$\\{vars\\."),
          Set.of(Node.Kind.TEXT, Node.Kind.NUMBER),
          Shapes::duration);

  /** Bytes: {@code 64MB} (powers of ten), {@code 64MiB} (powers of two), or a plain number. */
  public static final Shape<Long> SIZE =
      new ScalarShape<>(
          "a size like `64MB`",
          Defs.types("string", "integer"),
          Set.of(Node.Kind.TEXT, Node.Kind.NUMBER),
          Shapes::size);

  public static final Shape<Double> NUMBER =
      new ScalarShape<>(
          "a number",
          Defs.types("number", "string"),
          Set.of(Node.Kind.NUMBER),
          (scalar, spot) -> Double.valueOf(scalar.text()));

  /** Anything without references, as JSON. */
  public static final Shape<JsonNode> JSON =
      new Anything<>(false, spot -> JsonValues.json(spot.node()));

  /** Anything as JSON; its texts may refer to {@code ${env:…}} and {@code ${file:…}}. */
  public static final Shape<JsonNode> REFERRING_JSON =
      new Anything<>(true, spot -> JsonValues.json(spot.node()));

  /** Anything without references, as plain Java: texts, numbers, booleans, lists, maps. */
  public static final Shape<Object> ANYTHING =
      new Anything<>(false, spot -> JsonValues.plain(spot.node()));

  private Shapes() {}

  /** A whole number from {@code least}. */
  public static Shape<Long> whole(long least) {
    return new ScalarShape<>(
        "a whole number from " + least,
        Defs.types("integer", "string").put("minimum", least),
        Set.of(Node.Kind.NUMBER),
        (scalar, spot) -> whole(scalar, spot, least, Long.MAX_VALUE));
  }

  /** The same, as an int. */
  public static Shape<Integer> count(int least) {
    return new ScalarShape<>(
        "a whole number from " + least,
        Defs.types("integer", "string").put("minimum", least),
        Set.of(Node.Kind.NUMBER),
        (scalar, spot) -> {
          Long value = whole(scalar, spot, least, Integer.MAX_VALUE);
          return value == null ? null : value.intValue();
        });
  }

  /** One of some words. */
  public static Shape<String> words(String... words) {
    return wordsBut(List.of(), words);
  }

  /**
   * One of some words; others belong elsewhere.
   *
   * @param meant what each of the others should be written like
   */
  public static Shape<String> wordsMeaning(Map<String, String> meant, String... words) {
    return words(List.of(), meant, List.of(words));
  }

  /** One of some words; others are known and refused until they are built. */
  public static Shape<String> wordsBut(List<String> later, String... words) {
    return words(later, Map.of(), List.of(words));
  }

  private static Shape<String> words(
      List<String> later, Map<String, String> meant, List<String> known) {
    return new ScalarShape<>(
        "one of " + String.join(", ", known),
        Defs.words(known),
        Set.of(Node.Kind.values()),
        (scalar, spot) -> {
          if (known.contains(scalar.text())) {
            return scalar.text();
          }
          if (later.contains(scalar.text())) {
            spot.refuse(
                scalar.text() + " is not available yet in this version",
                "available: " + String.join(", ", known));
          } else {
            spot.refuse(
                "expected one of " + String.join(", ", known) + ": found " + spot.found(),
                Optional.ofNullable(meant.get(scalar.text()))
                    .or(() -> Nearest.to(scalar.text(), known))
                    .map(near -> "did you mean " + near + "?")
                    .orElse(""));
          }
          return null;
        });
  }

  public static <T> Shape<List<T>> listOf(Shape<T> item) {
    return new ListShape<>(item, false);
  }

  /** A list, or its only element. */
  public static <T> Shape<List<T>> oneOrMany(Shape<T> item) {
    return new ListShape<>(item, true);
  }

  /** A map from any name to a value, in the order written. Names are not empty. */
  public static <T> Shape<Map<String, T>> mapOf(Shape<T> value) {
    return new MapShape<>(value);
  }

  /**
   * A list of maps that have the key {@code name}, or a map from these names to the rest of each
   * entry.
   */
  public static <T> Shape<List<T>> named(Keys<T> entry) {
    return new NamedShape<>(entry);
  }

  /** A single value, or a map. */
  public static <T> Shape<T> either(Shape<? extends T> alone, Shape<? extends T> map) {
    return new Either<>(alone, map);
  }

  /** The shape, with {@code null} as a value of its own. */
  public static <T> Shape<T> orNull(Shape<T> shape, T forNull) {
    return new OrNull<>(shape, forNull);
  }

  private static String plainText(Node.Scalar scalar, Spot spot) {
    if (scalar.text().isEmpty()) {
      spot.refuse("it is empty", "write a text");
      return null;
    }
    return unreferring(scalar, spot) ? scalar.text() : null;
  }

  /** What the plan needs, and what nobody resolves, cannot refer to anything. */
  private static boolean unreferring(Node.Scalar scalar, Spot spot) {
    boolean well = !scalar.text().contains("${");
    if (!well) {
      spot.refuse(
          "${env:…} and ${file:…} cannot be used here: found " + spot.found(),
          "write the value, or use ${vars.…}");
    }
    return well;
  }

  private static Duration duration(Node.Scalar scalar, Spot spot) {
    Matcher match = DURATION_TEXT.matcher(scalar.text());
    Duration value = null;
    if (match.matches()) {
      long amount = Long.parseLong(match.group(1));
      value =
          switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
    }
    if (value == null || value.isZero() || value.compareTo(LONGEST) > 0) {
      spot.refuse(
          "expected a duration: found " + spot.found(),
          "a number from 1 and ms, s, m, h or d, for example 30s");
      return null;
    }
    return value;
  }

  private static Long size(Node.Scalar scalar, Spot spot) {
    Matcher match = SIZE_TEXT.matcher(scalar.text());
    Long value = null;
    if (match.matches()) {
      String unit = match.group(2) == null ? "" : match.group(2);
      int power = unit.isEmpty() ? 0 : "KMGT".indexOf(unit.charAt(0)) + 1;
      double bytes = Math.pow(unit.endsWith("i") ? 1024 : 1000, power);
      double total = Long.parseLong(match.group(1)) * bytes;
      value = total >= 1 && total <= 1e15 ? (Long) (long) total : null;
    }
    if (value == null) {
      spot.refuse(
          "expected a size: found " + spot.found(),
          "a number from 1 with or without KB, MB, GB, KiB, MiB, GiB, for example 64MB");
    }
    return value;
  }

  private static Long whole(Node.Scalar scalar, Spot spot, long least, long most) {
    Long value = null;
    if (scalar.text().matches("-?[0-9]{1,18}")) {
      value = Long.valueOf(scalar.text());
    }
    if (value == null || value < least || value > most) {
      spot.refuse("expected a whole number from " + least + ": found " + spot.found(), "");
      return null;
    }
    return value;
  }

  private static void warnOfSecret(Spot spot) {
    spot.warn(
        "holds a secret in clear",
        "put it into an environment variable and write \"${env:"
            + environmentName(spot.path())
            + "}\"");
  }

  /** {@code sources.shop.client.auth.token} gives {@code SHOP_TOKEN}. */
  private static String environmentName(String path) {
    String[] keys = path.split("\\.");
    String last = keys[keys.length - 1];
    String owner = keys.length > 2 ? keys[1] + "_" : "";
    return (owner + last).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
  }

  /** One scalar of some kinds. */
  private record ScalarShape<T>(
      String kind, ObjectNode json, Set<Node.Kind> kinds, BiFunction<Node.Scalar, Spot, T> make)
      implements Shape<T> {
    @Override
    public T read(Spot spot) {
      if (spot.node() instanceof Node.Scalar scalar && kinds.contains(scalar.kind())) {
        return make.apply(scalar, spot);
      }
      boolean quotes = kinds.equals(Set.of(Node.Kind.TEXT)) && spot.node() instanceof Node.Scalar;
      spot.refuse(
          "expected "
              + kind.replace("`", "").replace(", may hold ${…}", "")
              + ": found "
              + spot.found(),
          quotes ? "put it in quotes when it is meant as text" : "");
      return null;
    }

    @Override
    public ObjectNode schema(Defs defs) {
      return json.deepCopy();
    }
  }

  private record ListShape<T>(Shape<T> item, boolean orOne) implements Shape<List<T>> {
    @Override
    public List<T> read(Spot spot) {
      if (!(spot.node() instanceof Node.Items items)) {
        if (!orOne) {
          spot.refuse("expected a list: found " + spot.found(), "begin each element with `- `");
          return null;
        }
        T only = item.read(spot);
        return only == null ? null : List.of(only);
      }
      List<T> all = new ArrayList<>();
      for (int i = 0; i < items.items().size(); i++) {
        T value = item.read(spot.at(i));
        if (value != null) {
          all.add(value);
        }
      }
      return Collections.unmodifiableList(all);
    }

    @Override
    public String kind() {
      return orOne ? item.kind() + ", or a list of it" : "list of " + item.kind();
    }

    @Override
    public ObjectNode schema(Defs defs) {
      ObjectNode list = Defs.type("array");
      list.set("items", item.schema(defs));
      return orOne ? Defs.anyOf(List.of(item.schema(defs), list)) : list;
    }

    @Override
    public List<Keys<?>> parts() {
      return item.parts();
    }
  }

  private record MapShape<T>(Shape<T> value) implements Shape<Map<String, T>> {
    @Override
    public Map<String, T> read(Spot spot) {
      if (!(spot.node() instanceof Node.Fields fields)) {
        spot.refuse("expected a map: found " + spot.found(), "write `name: value`");
        return null;
      }
      Map<String, T> all = new LinkedHashMap<>();
      for (Node.Field field : fields.fields()) {
        if (field.name().isEmpty()) {
          spot.refuse(field.place(), "a name is empty", "write a name");
        } else if (!Node.isNull(field.value()) || value.takesNull()) {
          T read = value.read(spot.child(field));
          if (read != null) {
            all.put(field.name(), read);
          }
        }
      }
      return Collections.unmodifiableMap(all);
    }

    @Override
    public String kind() {
      return "map from names to " + value.kind();
    }

    @Override
    public ObjectNode schema(Defs defs) {
      ObjectNode map = Defs.type("object");
      map.set("additionalProperties", value.schema(defs));
      return map;
    }

    @Override
    public List<Keys<?>> parts() {
      return value.parts();
    }
  }

  private record NamedShape<T>(Keys<T> entry) implements Shape<List<T>> {
    @Override
    public List<T> read(Spot spot) {
      if (!(spot.node() instanceof Node.Fields fields)) {
        return Shapes.listOf(entry).read(spot);
      }
      List<T> all = new ArrayList<>();
      for (Node.Field field : fields.fields()) {
        T value = entry.read(named(field, spot.child(field)));
        if (value != null) {
          all.add(value);
        }
      }
      return Collections.unmodifiableList(all);
    }

    /** The entry with the name it stands under; {@code null} is an entry that says nothing more. */
    private static Spot named(Node.Field field, Spot spot) {
      Node.Field name =
          new Node.Field(
              field.place(),
              "name",
              new Node.Scalar(field.place(), field.place(), Node.Kind.TEXT, field.name()));
      if (Node.isNull(field.value())) {
        return new Spot(
            new Node.Fields(field.place(), List.of(name)), spot.path(), spot.problems());
      }
      return field.value() instanceof Node.Fields fields
          ? new Spot(fields.with(name), spot.path(), spot.problems())
          : spot;
    }

    @Override
    public String kind() {
      return "map from names to " + entry.kind() + ", or a list of them";
    }

    @Override
    public ObjectNode schema(Defs defs) {
      ObjectNode list = Defs.type("array");
      list.set("items", entry.schema(defs));
      ObjectNode map = Defs.type("object");
      ObjectNode one =
          defs.ref(
              entry.name() + " by name",
              () -> {
                ObjectNode schema = entry.objectSchema(defs, null, null);
                schema.remove("required");
                return schema;
              });
      map.set("additionalProperties", Defs.anyOf(List.of(one, Defs.type("null"))));
      return Defs.anyOf(List.of(map, list));
    }

    @Override
    public List<Keys<?>> parts() {
      return entry.parts();
    }
  }

  private record Either<T>(Shape<? extends T> alone, Shape<? extends T> map) implements Shape<T> {
    @Override
    public T read(Spot spot) {
      return spot.node() instanceof Node.Fields ? map.read(spot) : alone.read(spot);
    }

    @Override
    public String kind() {
      return alone.kind() + ", or " + map.kind();
    }

    @Override
    public ObjectNode schema(Defs defs) {
      return Defs.anyOf(List.of(alone.schema(defs), map.schema(defs)));
    }

    @Override
    public List<Keys<?>> parts() {
      return map.parts();
    }
  }

  private record OrNull<T>(Shape<T> shape, T forNull) implements Shape<T> {
    @Override
    public T read(Spot spot) {
      return Node.isNull(spot.node()) ? forNull : shape.read(spot);
    }

    @Override
    public String kind() {
      return shape.kind() + ", or null";
    }

    @Override
    public ObjectNode schema(Defs defs) {
      return Defs.anyOf(List.of(shape.schema(defs), Defs.type("null")));
    }

    @Override
    public List<Keys<?>> parts() {
      return shape.parts();
    }

    @Override
    public boolean takesNull() {
      return true;
    }
  }

  private record Anything<T>(boolean refers, Function<Spot, T> make) implements Shape<T> {
    @Override
    public T read(Spot spot) {
      return refers || known(spot) ? make.apply(spot) : null;
    }

    private static boolean known(Spot spot) {
      boolean well = true;
      for (Spot below : spot.below()) {
        well &= known(below);
      }
      return spot.node() instanceof Node.Scalar scalar ? unreferring(scalar, spot) : well;
    }

    @Override
    public String kind() {
      return refers ? "anything, may hold `${…}`" : "anything";
    }

    @Override
    public ObjectNode schema(Defs defs) {
      return Defs.object();
    }
  }
}
