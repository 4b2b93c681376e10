package io.millrace.activities.normalize;

import java.util.Set;

/** Entries of the tape as JSON again, under the keys that they had. */
final class Printed {
  private final Rows rows;
  private final Out out;

  /** Indices of the entries that are wanted; {@code null} for all. */
  private final Set<Integer> wanted;

  private Printed(Rows rows, Out out, Set<Integer> wanted) {
    this.rows = rows;
    this.out = out;
    this.wanted = wanted;
  }

  /** The element of that list whose entries these are. */
  static Out element(Rows rows, Field list, int from, int to) {
    Out out = new Out();
    Printed p = new Printed(rows, out, null);
    boolean row = p.kind(from - 1) == Tape.ROW && rows.in.tape.after(from - 1) == to;
    if (!row) {
      p.value(from);
    } else if (list.map != null) {
      p.object(from, to);
    } else {
      p.row(list, from, to);
    }
    return out;
  }

  static Out value(Rows rows, int at) {
    Out out = new Out();
    new Printed(rows, out, null).value(at);
    return out;
  }

  /** An object of those entries of a row alone, nested as they were. */
  static Out some(Rows rows, int from, int to, Set<Integer> entries) {
    Out out = new Out();
    new Printed(rows, out, entries).object(from, to);
    return out;
  }

  private int kind(int at) {
    return rows.in.tape.tag[at] & Tape.KIND;
  }

  private Field field(int at) {
    return rows.shapes.fields[rows.in.tape.tag[at] >>> Tape.KIND_BITS];
  }

  private void object(int from, int to) {
    out.one('{');
    boolean first = true;
    for (int i = from; i < to; i = rows.in.tape.after(i)) {
      if (!holds(i)) {
        continue;
      }
      if (!first) {
        out.one(',');
      }
      first = false;
      byte[] key = field(i).key;
      CompactJson.text(key, 0, key.length, out);
      out.one(':');
      value(i);
    }
    out.one('}');
  }

  private boolean holds(int at) {
    if (wanted == null || wanted.contains(at)) {
      return true;
    }
    int end = kind(at) == Tape.DICT ? rows.in.tape.after(at) : at;
    for (int i = at + 1; i < end; i++) {
      if (wanted.contains(i)) {
        return true;
      }
    }
    return false;
  }

  private void value(int at) {
    switch (kind(at)) {
      case Tape.DICT -> object(at + 1, rows.in.tape.after(at));
      case Tape.LIST -> list(at);
      case Tape.REAL -> {
        long v = rows.in.tape.value[at];
        out.bytes(rows.in.buf, Tape.offset(v), Tape.length(v));
      }
      default -> rows.printCell(at, out);
    }
  }

  private void list(int at) {
    Tape tape = rows.in.tape;
    MapRows map = field(at).map;
    int end = tape.after(at);
    boolean entries = map != null && end > at + 2 && map.isKey(field(at + 2));
    out.one(entries ? '{' : '[');
    for (int i = at + 1; i < end; i = tape.after(i)) {
      if (i > at + 1) {
        out.one(',');
      }
      if (kind(i) != Tape.ROW) {
        value(i);
      } else if (entries) {
        rows.printCell(i + 1, out);
        out.one(':');
        entry(map, i + 2, tape.after(i));
      } else {
        row(field(at), i + 1, tape.after(i));
      }
    }
    out.one(entries ? '}' : ']');
  }

  /** An element: an object, or a list that was made one. */
  private void row(Field list, int from, int to) {
    if (from < to && field(from).in == list.elements().list().in) {
      value(from);
    } else {
      object(from, to);
    }
  }

  /** What an entry holds beside its key. */
  private void entry(MapRows map, int from, int to) {
    if (from < to && map.isValue(field(from)) && to == rows.in.tape.after(from)) {
      value(from);
    } else {
      object(from, to);
    }
  }
}
