package io.millrace.activities.normalize;

import io.millrace.activities.normalize.value.Naming;
import io.millrace.source.TableHints;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** All fields that the records have shown, and how keys become names. */
final class Shapes {
  /** What an empty key is called, as in dlt. */
  static final String EMPTY = "_empty";

  /** Distinct places of keys that are held at once. */
  private static final int MAX_FIELDS = 500_000;

  /** Characters of one place: keys from the record down to it. */
  private static final int MAX_PATH = 100_000;

  /** Characters of all names together. */
  private static final long MAX_NAMES = 64L << 20;

  private long characters;
  final Naming naming;
  private final Tables tables;
  private final Map<String, String> parts = new HashMap<>();
  Field[] fields = new Field[256];
  private int count;

  private final int keyBytes;

  Shapes(Naming naming, Tables tables, int keyBytes) {
    this.naming = naming;
    this.tables = tables;
    this.keyBytes = keyBytes;
  }

  /** Forgets what was learned; the next record begins anew. */
  void forget() {
    characters = 0;
    count = 0;
    fields = new Field[256];
    parts.clear();
  }

  /** What reads the objects at that field as rows; {@code null} for nothing. */
  MapRows map(Shape in, Field f) {
    TableHints.Entries e =
        tables.maps.isEmpty() ? null : tables.maps.get(tables.fold(in.childName(f)));
    return e == null ? null : new MapRows(e);
  }

  /** What the key adds to names of columns; dlt adds nothing for one of separators alone. */
  String part(String raw) {
    if (parts.size() > MAX_FIELDS) {
      parts.clear();
    }
    return parts.computeIfAbsent(
        raw,
        r -> {
          String part = naming.key(r);
          return part.isEmpty() && (tables.apart() || Naming.blank(r)) ? EMPTY : part;
        });
  }

  /** What the key of a list adds to the name of its table; dlt adds nothing for a blank one. */
  String list(Field f) {
    return f.part.equals(EMPTY) && !tables.apart()
        ? naming.key(new String(f.key, StandardCharsets.UTF_8))
        : f.part;
  }

  int next() {
    return count;
  }

  /** Keys are memory until the segment ends: too long ones are refused. */
  void check(int key, int path) {
    if (key > keyBytes) {
      throw Refused.record("has a key that is longer than " + keyBytes + " bytes");
    }
    if (path > MAX_PATH) {
      throw Refused.record("has keys that are together longer than " + MAX_PATH);
    }
    characters += path;
  }

  void add(Field f) {
    if (count == MAX_FIELDS || characters > MAX_NAMES) {
      throw Refused.Relearn.RELEARN;
    }
    if (count == fields.length) {
      fields = Arrays.copyOf(fields, 2 * count);
    }
    fields[count++] = f;
  }

  /** The table's column for the key at that path, which would be called that. */
  Slot slot(Table table, String called, String path) {
    String name = tables.column(called);
    return tables.apart() ? table.slotFor(name, path) : table.slot(name);
  }

  Table child(Table parent, String name, String path) {
    return tables.lists.of(parent, name, path);
  }

  /** The shape of the records of a root table. */
  Shape root(Table table, int level) {
    return new Shape(this, table, null, "", "", table.name, level).makesRows();
  }
}
