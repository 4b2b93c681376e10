package io.millrace.activities.normalize;

import java.nio.charset.StandardCharsets;

/**
 * The objects at one place of the records: the keys seen there so far, in a hash table, and for
 * each the key that came next. Learned on the way; records of one form find every key by one
 * comparison.
 */
final class Shape {
  private final Shapes all;

  /** The table that the objects' scalars go to. */
  final Table table;

  /** The object that a row is made of: this one, or the one that it is nested in. */
  final Shape row;

  /** What the names of columns begin with, not shortened; {@code ""} at a row's own level. */
  private final String prefix;

  /** The keys from the row to here as they are in names, those that add nothing included. */
  private String keys = "";

  /** Keys from the record to here, for messages and for telling names apart. */
  final String path;

  /** Table names below begin with this, not shortened. */
  private final String tablePath;

  /** How deep nested values become columns and tables; at 0 they are kept as json. */
  final int level;

  /** Whether the table's rows come from here and from nowhere else. */
  boolean single;

  /** Its {@code next} is the key that an object begins with. */
  final Field first;

  private Field[] slots = new Field[16];
  private int count;
  private Field valueField;
  private Field listField;

  Shape(
      Shapes all, Table table, Shape row, String prefix, String path, String tablePath, int level) {
    this.all = all;
    this.table = table;
    this.row = row == null ? this : row;
    this.prefix = prefix;
    this.path = path;
    this.tablePath = tablePath;
    this.level = level;
    this.first = new Field(-1, new byte[0], this, "", null);
  }

  /** Says that rows of the table come from here. */
  Shape makesRows() {
    single = table.from == null;
    if (single) {
      table.from = this;
    } else {
      table.from.single = false;
    }
    return this;
  }

  Field find(byte[] b, int off, int len) {
    int mask = slots.length - 1;
    int i = hash(b, off, len) & mask;
    for (Field f; (f = slots[i]) != null; i = i + 1 & mask) {
      if (f.is(b, off, len)) {
        return f;
      }
    }
    return null;
  }

  Field learn(byte[] b, int off, int len) {
    byte[] key = java.util.Arrays.copyOfRange(b, off, off + len);
    Field f = field(key);
    if (2 * ++count > slots.length) {
      Field[] old = slots;
      slots = new Field[2 * old.length];
      for (Field o : old) {
        if (o != null) {
          place(o);
        }
      }
    }
    place(f);
    return f;
  }

  private void place(Field f) {
    int mask = slots.length - 1;
    int i = hash(f.key, 0, f.key.length) & mask;
    while (slots[i] != null) {
      i = i + 1 & mask;
    }
    slots[i] = f;
  }

  private Field field(byte[] key) {
    String raw = new String(key, StandardCharsets.UTF_8);
    String part = all.part(raw);
    all.check(key.length, path.length() + tablePath.length() + raw.length());
    String name = all.naming.join(prefix, part);
    String column = name.isEmpty() ? Shapes.EMPTY : name;
    String where = path.substring(row.path.length()) + '/' + step(raw);
    Slot slot = all.slot(table, column, where);
    Field f = new Field(all.next(), key, this, part, slot);
    slot.takes(f);
    all.add(f);
    f.map = all.map(this, f);
    return f;
  }

  /** Where a scalar goes that stands in the list itself. */
  Field value() {
    if (valueField == null) {
      valueField = named("value");
    }
    return valueField;
  }

  /**
   * The list that stands in the list itself. dlt makes an object {@code {"list": …}} of it, and
   * that costs a level of nesting of its own.
   */
  Field list() {
    if (listField == null) {
      listField = new Shape(all, table, null, "", path, tablePath, level - 1).named("list");
    }
    return listField;
  }

  /** Where the keys of a map's entries go; another field than that of a key of that name. */
  Field mapKey(String key) {
    return new Shape(all, table, this, "", path + "{}", tablePath, level).named(key);
  }

  Field named(String key) {
    byte[] b = key.getBytes(StandardCharsets.UTF_8);
    Field f = find(b, 0, b.length);
    return f == null ? learn(b, 0, b.length) : f;
  }

  Shape nested(Field f) {
    String name = all.naming.path(prefix, f.part);
    Shape inner = new Shape(all, table, row, name, path + '/' + key(f), tablePath, level - 1);
    inner.keys = keys + f.part + '\0';
    return inner;
  }

  Shape elements(Field f) {
    String full = all.naming.path(tablePath, below(f));
    String where = path + '/' + key(f) + "[]";
    Table child = all.child(table, childName(f), where);
    int deep = child.nesting == null ? row.level - 1 : child.nesting;
    return new Shape(all, child, null, "", where, full, deep).makesRows();
  }

  /** What the table of the lists there would be called. */
  String childName(Field f) {
    return all.naming.join(tablePath, below(f));
  }

  /** A list of which no name is left has its rows in its parent's table, but not in a root's. */
  private String below(Field f) {
    String name = all.naming.path(prefix, all.list(f));
    return name.isEmpty() && !table.nested() ? Shapes.EMPTY : name;
  }

  /** Lists with the same one share a table on purpose: the last of them in a row wins. */
  String listKey(Field f) {
    return keys + all.list(f);
  }

  private static String key(Field f) {
    return step(new String(f.key, StandardCharsets.UTF_8));
  }

  /** A key in a path, as JSON Pointer writes it: a slash in it is no step. */
  private static String step(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }

  private static int hash(byte[] b, int off, int len) {
    int h = len;
    int i = 0;
    for (; i + 8 <= len; i += 8) {
      long w = Texts.word(b, off + i);
      h = (int) ((h ^ w ^ w >>> 32) * 0x9E3779B1);
    }
    for (; i < len; i++) {
      h = (h ^ b[off + i]) * 0x01000193;
    }
    return h ^ h >>> 15;
  }
}
