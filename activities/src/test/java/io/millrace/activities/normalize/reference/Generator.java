package io.millrace.activities.normalize.reference;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Cases out of a seed: few keys that meet in many shapes, and values at the edges of types. */
final class Generator {
  private static final List<String> DISPOSITIONS =
      List.of("delete-insert", "upsert", "insert-only", "scd2");
  private static final List<String> MODES =
      List.of("evolve", "evolve", "discard_row", "discard_value", "freeze");

  private static final List<String> NAMINGS =
      List.of("direct", "duck_case", "sql_cs_v1", "sql_ci_v1");

  private final Random r;
  private final Words words;
  private List<String> keys;
  private List<String> values;
  private Naming naming;

  /** Whether many records have keys that meet in one name. */
  private boolean crowded;

  /** Of so many records one has a form of its own, roughly. */
  private int alike;

  Generator(long seed) {
    this.r = new Random(seed);
    this.words = new Words(r);
  }

  Case next() {
    keys = words.keys();
    values = words.values();
    crowded = r.nextInt(20) == 0;
    Setup setup = setup();
    List<Case.Part> parts = new ArrayList<>();
    int run = 1;
    List<String> shapes = new ArrayList<>();
    for (int i = 0, n = 1 + r.nextInt(3); i < n; i++) {
      List<byte[]> records = new ArrayList<>();
      boolean document = r.nextInt(5) == 0;
      alike = r.nextInt(4) == 0 ? 10 : 3;
      for (int k = 0, m = 1 + r.nextInt(r.nextInt(6) == 0 ? 20 : 4); k < m; k++) {
        records.add(record(shapes, document));
      }
      parts.add(new Case.Part(run, document, records));
      run += r.nextInt(2);
    }
    return new Case(setup, parts);
  }

  private Setup setup() {
    boolean compat = r.nextBoolean();
    boolean snake = r.nextInt(6) > 0;
    Setup plain =
        Setup.plain(
            compat,
            snake ? "snake_case" : NAMINGS.get(r.nextInt(NAMINGS.size())),
            !snake && r.nextBoolean());
    naming = plain.names();
    if (!crowded && r.nextInt(3) > 0) {
      return plain;
    }
    List<Setup.Declared> declared = columns(6 + (crowded ? 1 : 0));
    String own = key();
    own = ours(own) ? "id" : own;
    String disposition = r.nextInt(3) == 0 ? DISPOSITIONS.get(r.nextInt(4)) : "append";
    return new Setup(
        compat,
        plain.naming(),
        plain.folds(),
        r.nextInt(3) == 0 ? Integer.valueOf(r.nextInt(4)) : null,
        r.nextInt(4) == 0 ? 16 + r.nextInt(20) : 63,
        declared,
        disposition.matches("upsert|insert-only") ? List.of(own) : List.of(),
        disposition,
        contract(),
        1 + r.nextInt(2),
        r.nextInt(5) == 0 ? List.of("iso_timestamp", "iso_date") : List.of("iso_timestamp"),
        r.nextInt(6) == 0 ? Map.of(key(), words.type()) : Map.of(),
        r.nextInt(4) == 0 ? nested(compat) : List.of());
  }

  private List<Setup.Declared> columns(int most) {
    Set<String> names = new HashSet<>();
    List<Setup.Declared> declared = new ArrayList<>();
    for (int i = r.nextInt(most) + most - 6; i > 0; i--) {
      String type = r.nextInt(6) == 0 ? null : words.type();
      Integer precision = r.nextInt(3) == 0 ? Integer.valueOf(1 + r.nextInt(40)) : null;
      Integer scale = precision == null ? null : Integer.valueOf(r.nextInt(precision + 1));
      Boolean nullable = r.nextInt(8) == 0 ? Boolean.FALSE : null;
      String name = r.nextInt(crowded ? 2 : 4) == 0 ? r.nextBoolean() ? "a" : "a_b" : key();
      // what hints say of one column twice, or of our own columns, is no question for a normalizer
      if (!ours(name) && names.add(naming.key(name).toLowerCase(Locale.ROOT))) {
        declared.add(new Setup.Declared(name, type, nullable, precision, scale));
      }
    }
    return declared;
  }

  /**
   * Hints for tables below; with dlt's rules lists of several parents share one, and a contract.
   */
  private List<Setup.Nested> nested(boolean compat) {
    Map<String, Setup.Nested> hints = new LinkedHashMap<>();
    for (int i = 1 + r.nextInt(3); i > 0; i--) {
      List<String> path = new ArrayList<>();
      for (int k = 1 + r.nextInt(2); k > 0; k--) {
        String key = r.nextInt(5) == 0 ? r.nextBoolean() ? "list" : "value" : key();
        path.add(ours(key) ? "a" : key);
      }
      boolean map = r.nextBoolean();
      Setup.Nested n =
          new Setup.Nested(
              path,
              columns(6).stream().limit(2).toList(),
              compat || r.nextInt(4) > 0 ? null : List.of(mode(), mode(), mode()),
              r.nextInt(4) == 0 ? Integer.valueOf(r.nextInt(3)) : null,
              map ? r.nextBoolean() ? "key" : "a" : null,
              map ? r.nextBoolean() ? "value" : "b" : null);
      hints.putIfAbsent(naming.path(Declarations.path(naming, path)).toLowerCase(Locale.ROOT), n);
    }
    return List.copyOf(hints.values());
  }

  private static boolean ours(String key) {
    return key.toLowerCase(Locale.ROOT).matches("_(dlt|mr)_.*");
  }

  private List<String> contract() {
    if (crowded && r.nextBoolean()) {
      // the first of the keys that meet is left out, and the column stays free for another one
      return List.of("evolve", mode(), "discard_value");
    }
    return r.nextInt(3) == 0 ? List.of(mode(), mode(), mode()) : Setup.EVOLVE;
  }

  private String mode() {
    return MODES.get(r.nextInt(MODES.size()));
  }

  private String key() {
    String key = keys.get(r.nextInt(keys.size()));
    // now and then what another key is called whose name is taken
    return r.nextInt(200) > 0 ? key : naming.apart(naming.key(key), "/" + key, 1);
  }

  /** A new record, or one that came before with something changed. */
  private byte[] record(List<String> shapes, boolean document) {
    String text;
    if (!shapes.isEmpty() && (alike == 3) == (r.nextInt(alike) == 0)) {
      text = varied(shapes.get(r.nextInt(shapes.size())));
    } else {
      StringBuilder s = new StringBuilder();
      int kind = r.nextInt(24);
      if (kind == 0 || crowded && kind < 12) {
        meeting(s);
      } else if (kind < 3) {
        value(s, 0);
      } else {
        object(s, 0);
      }
      text = s.toString();
    }
    shapes.add(text);
    if (r.nextInt(1000) == 0) {
      // so that the window ends somewhere in the next record
      text = "{" + " ".repeat((1 << 18) - r.nextInt(300)) + "}";
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean broken = r.nextInt(document ? 200 : 25) == 0;
    return broken ? Words.damaged(bytes, r) : bytes;
  }

  /** The same record with one literal replaced by another. */
  private String varied(String shape) {
    for (int i = 0; i < 4; i++) {
      String from = values.get(r.nextInt(values.size()));
      if (shape.contains(from)) {
        String varied = shape.replace(from, values.get(r.nextInt(values.size())));
        // digits replaced by digits grow beyond the limits, which the reference does not know
        return varied.length() > 4 * shape.length() + 100 ? shape : varied;
      }
    }
    return shape;
  }

  private void object(StringBuilder s, int depth) {
    s.append('{').append(space());
    int n = r.nextInt(40) == 0 ? 30 : r.nextInt(6);
    Set<String> used = new HashSet<>();
    boolean first = true;
    for (int i = 0; i < n; i++) {
      String key = n == 30 && r.nextInt(3) > 0 ? "k" + r.nextInt(60) : key();
      if (!used.add(key) && r.nextInt(60) > 0) {
        continue;
      }
      s.append(first ? "" : ",").append(space()).append(words.quoted(key));
      s.append(space()).append(':').append(space());
      first = false;
      value(s, depth + 1);
      s.append(space());
    }
    s.append('}');
  }

  /** A record in which keys meet in one name, which random keys seldom do. */
  private void meeting(StringBuilder s) {
    List<String> members =
        switch (crowded ? 2 : r.nextInt(4)) {
          case 0 -> List.of("\"a\":{\"b\":" + list() + "}", "\"a__b\":" + list());
          case 1 -> List.of("\"a\":" + literal(), "\"a__v_text\":" + literal());
          case 2 -> spellings();
          default -> List.of("\"a\":[" + list() + ",{\"list\":" + list() + "}," + list() + "]");
        };
    List<String> mixed = new ArrayList<>(members);
    Collections.shuffle(mixed, r);
    s.append('{').append(String.join(",", mixed)).append('}');
  }

  private List<String> spellings() {
    List<String> some = new ArrayList<>();
    for (String key : List.of("a_b", "aB", "a b", "a/b")) {
      if (r.nextBoolean()) {
        some.add(words.quoted(key) + ":" + literal());
      }
    }
    return some;
  }

  private String list() {
    List<String> some = new ArrayList<>();
    for (int n = r.nextInt(3); n >= 0; n--) {
      some.add(literal());
    }
    return some.toString();
  }

  private String literal() {
    return values.get(r.nextInt(values.size()));
  }

  private void value(StringBuilder s, int depth) {
    int kind = depth > 5 ? 0 : r.nextInt(8);
    if (kind == 6) {
      object(s, depth);
    } else if (kind == 7) {
      s.append('[').append(space());
      for (int i = 0, n = r.nextInt(4); i < n; i++) {
        s.append(i > 0 ? "," : "").append(space());
        value(s, depth + 1);
        s.append(space());
      }
      s.append(']');
    } else {
      s.append(values.get(r.nextInt(values.size())));
    }
  }

  private String space() {
    return switch (r.nextInt(40)) {
      case 0 -> " ";
      case 1 -> "\t ";
      case 2 -> "\r";
      default -> "";
    };
  }
}
