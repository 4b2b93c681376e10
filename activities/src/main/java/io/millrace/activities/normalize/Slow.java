package io.millrace.activities.normalize;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.normalize.value.Coercion;
import io.millrace.activities.normalize.value.PyNumbers;
import io.millrace.activities.normalize.value.Value;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract.Mode;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The long way of a row, in dlt's order: flatten (scalars first, nested objects last in first out,
 * the last of colliding names in the place of the first), filter what the contract refused before,
 * convert, judge new columns, write.
 */
final class Slow {
  private static final int LOAD = -1;
  private static final int ID = -2;
  private static final int PARENT = -3;
  private static final int INDEX = -4;
  private static final int ROOT = -5;

  private final Types types;
  private final Map<Slot, Integer> entries = new LinkedHashMap<>();
  private final Map<Object, Integer> lists = new LinkedHashMap<>();
  private final OwnIds ownIds = new OwnIds();
  private int[] order;

  /** Rows whose own id was not taken, because another row of the segment had it already. */
  long sharedIds;

  /** A cell that waits until the whole row is known to be written. */
  private record Pending(Slot slot, long cell, Column fresh, int at) {}

  Slow(Types types) {
    this.types = types;
  }

  /** Lists of the row just written, in order; {@code null} when it went the fast way. */
  int[] order() {
    return order;
  }

  void forget() {
    order = null;
  }

  /** Writes the row; false when the contract leaves it out. */
  boolean row(Rows rows, Table t, int from, int to, Rows.Frame f) {
    order = null;
    flatten(rows, from, to);
    int userId = system(rows, t);
    if (filtered(rows, t, f)) {
      return false;
    }
    identify(rows, t, f, userId);
    int before = t.used;
    Map<Slot, Pending> cells = new LinkedHashMap<>();
    for (Map.Entry<Slot, Integer> e : entries.entrySet()) {
      cell(rows, t, f, e.getKey(), e.getValue(), cells);
    }
    Map<Slot, Pending> all = new LinkedHashMap<>(cells);
    if (!judge(rows, t, f, cells)) {
      t.undo(before);
      all.keySet().forEach(t::release);
      return false;
    }
    for (Slot s : t.columns) {
      if (s.required && !cells.containsKey(s)) {
        t.undo(before);
        all.keySet().forEach(t::release);
        throw Refused.record("has no value that fits " + s.name + ", which must have one");
      }
    }
    boolean changed = false;
    for (Pending p : cells.values()) {
      if (p.fresh != null) {
        t.is(p.fresh);
        changed = true;
      }
      p.slot.put(t.rows, p.cell);
    }
    if (changed) {
      t.refresh();
    }
    all.keySet().forEach(t::release);
    t.done();
    order = lists.values().stream().mapToInt(Integer::intValue).toArray();
    return true;
  }

  private void flatten(Rows rows, int from, int to) {
    entries.clear();
    lists.clear();
    Tape tape = rows.in.tape;
    Deque<int[]> open = new ArrayDeque<>();
    open.push(new int[] {from, to});
    while (!open.isEmpty()) {
      int[] part = open.pop();
      for (int i = part[0]; i < part[1]; i = tape.after(i)) {
        Field field = rows.shapes.fields[tape.tag[i] >>> Tape.KIND_BITS];
        switch (tape.tag[i] & Tape.KIND) {
          case Tape.DICT -> open.push(new int[] {i + 1, (int) tape.value[i]});
          // kept apart, lists whose names meet have tables of their own
          case Tape.LIST -> lists.put(rows.tables.apart() ? field : field.in.listKey(field), i);
          case Tape.DEAD -> {}
          default -> entries.put(field.slot, i);
        }
      }
    }
  }

  /** Adds our own columns; returns where the data has an id of its own, -1 for nowhere. */
  private int system(Rows rows, Table t) {
    Integer own = entries.get(t.id);
    if (t.nested()) {
      if (t.rootId != null) {
        entries.put(t.rootId, ROOT);
      }
      entries.put(t.parentId, PARENT);
      entries.put(t.listIdx, INDEX);
    } else {
      if (t.rootId != null) {
        entries.put(t.rootId, ROOT);
      }
      entries.put(t.loadId, LOAD);
    }
    entries.put(t.id, ID);
    return own != null && truthy(rows, own) ? own : -1;
  }

  private static boolean truthy(Rows rows, int at) {
    long v = rows.in.tape.value[at];
    return switch (rows.in.tape.tag[at] & Tape.KIND) {
      case Tape.NULL, Tape.FALSE, Tape.JSON -> false;
      case Tape.INT -> v != 0;
      case Tape.DOUBLE -> Double.longBitsToDouble(v) != 0;
      case Tape.REAL -> {
        double d = PyNumbers.parseDouble(rows.in.buf, Tape.offset(v), Tape.length(v));
        yield d != 0 && !Double.isInfinite(d);
      }
      case Tape.TEXT, Tape.ESCAPED -> printed(rows, rows.in.tape.tag[at] & Tape.KIND, v).length > 0;
      default -> true;
    };
  }

  private void identify(Rows rows, Table t, Rows.Frame f, int userId) {
    if (userId >= 0) {
      byte[] own = printed(rows, rows.in.tape.tag[userId] & Tape.KIND, rows.in.tape.value[userId]);
      if (rows.compat || ownIds.first(t.name, own)) {
        f.id = own;
        f.idLength = own.length;
        return;
      }
      sharedIds++;
    }
    if (t.nested()) {
      rows.link(t, f);
    }
  }

  /** A scalar as a text column shows it. */
  private static byte[] printed(Rows rows, int kind, long v) {
    rows.hold(kind, v);
    Coercion.coerce(rows.value, rows.value.kind(), Column.of("id", DataType.TEXT), rows.compat);
    Value shown = rows.value;
    return Arrays.copyOfRange(shown.buf(), shown.off(), shown.off() + shown.len());
  }

  /** What the contract said earlier in the run about columns that this row has. */
  private boolean filtered(Rows rows, Table t, Rows.Frame f) {
    for (Slot s : List.copyOf(entries.keySet())) {
      if (s.filtered == Mode.DISCARD_ROW) {
        discarded(rows, t, f, s, Mode.DISCARD_ROW, -1);
        return true;
      }
      if (s.filtered == Mode.DISCARD_VALUE) {
        discarded(rows, t, f, s, Mode.DISCARD_VALUE, entries.get(s));
        entries.remove(s);
      }
    }
    return false;
  }

  private void discarded(Rows rows, Table t, Rows.Frame f, Slot s, Mode mode, int at) {
    if (at >= 0 && (rows.in.tape.tag[at] & Tape.KIND) == Tape.NULL) {
      return;
    }
    byte[] text = rows.in.buf;
    int off = rows.recordStart;
    int len = rows.recordEnd - rows.recordStart;
    if (at >= 0) {
      Out value = new Out();
      rows.print(at, value);
      text = value.array();
      off = 0;
      len = value.size();
    }
    String why = "schema contract: column " + s.name + " (" + mode.key() + ")";
    rows.tables.reject(t.name, Rows.path(f), why, text, off, len);
  }

  private void cell(Rows rows, Table t, Rows.Frame f, Slot s, int at, Map<Slot, Pending> cells) {
    switch (at) {
      case LOAD -> ours(t, s, t.loadIdCell(rows.loadId), cells);
      case ID -> ours(t, s, t.idCell(f.id, f.idLength), cells);
      case PARENT -> ours(t, s, t.idCell(f.up.id, f.up.idLength), cells);
      case ROOT -> {
        Rows.Frame root = t.cut ? f.up.root : f.root;
        ours(t, s, t.idCell(root.id, root.idLength), cells);
      }
      case INDEX -> ours(t, s, f.index, cells);
      default -> {
        if (rows.beyond(rows.in.tape.tag[at] & Tape.KIND, rows.in.tape.value[at])) {
          refuse(rows, t, f, s, at);
        } else {
          value(rows, t, s, at, cells);
        }
      }
    }
  }

  /** Keeps a number, as it was written, that no column of numbers can hold. */
  private static void refuse(Rows rows, Table t, Rows.Frame f, Slot s, int at) {
    long v = rows.in.tape.value[at];
    String why = "beyond what a double holds: " + s.name;
    String path = Rows.path(f) + "." + s.name;
    rows.tables.reject(t.name, path, why, rows.in.buf, Tape.offset(v), Tape.length(v));
  }

  private static final Map<String, String> ROLES =
      Map.of("id", "row_key", "parent", "parent_key", "root", "root_key");

  private void ours(Table t, Slot s, long cell, Map<Slot, Pending> cells) {
    Column fresh = null;
    if (s.type == null) {
      Map<String, Object> hints = new LinkedHashMap<>();
      if (s == t.id) {
        hints.put("unique", true);
        hints.put(ROLES.get("id"), true);
      } else if (s == t.parentId) {
        hints.put(ROLES.get("parent"), true);
      } else if (s == t.rootId) {
        hints.put(ROLES.get("root"), true);
      }
      if (s.column != null) {
        hints.putAll(s.column.hints());
      }
      DataType type = s == t.listIdx ? DataType.BIGINT : DataType.TEXT;
      fresh = new Column(s.name, type, false, null, null, null, hints);
    }
    cells.put(s, new Pending(s, cell, fresh, -1));
  }

  private void value(Rows rows, Table t, Slot s, int at, Map<Slot, Pending> cells) {
    Tape tape = rows.in.tape;
    if (!rows.hold(tape.tag[at] & Tape.KIND, tape.value[at])) {
      return;
    }
    Slot to = s;
    boolean variant = false;
    for (; ; ) {
      Pending already = cells.get(to);
      Column fresh = to.type == null && already != null ? already.fresh : null;
      Column column = to.type != null ? to.column : fresh;
      if (column == null) {
        t.claim(to);
        column = fresh = types.infer(rows, t, to, variant);
      }
      if (Coercion.coerce(rows.value, rows.value.kind(), column, rows.compat)) {
        cells.put(to, new Pending(to, rows.store(t, column.type()), fresh, at));
        return;
      }
      variant = true;
      Slot tried = to;
      to = t.slot(types.variant(rows, tried, column));
      if (already == null) {
        // no column came of it, so the name is free again
        t.release(tried);
      }
    }
  }

  /** The contract's word on the new columns; false when it leaves the row out. */
  private boolean judge(Rows rows, Table t, Rows.Frame f, Map<Slot, Pending> cells) {
    if (t.contract.columns() == Mode.EVOLVE && t.contract.dataType() == Mode.EVOLVE) {
      return true;
    }
    for (Pending p : List.copyOf(cells.values())) {
      if (p.fresh == null || p.slot.name.startsWith(rows.tables.names.prefix())) {
        continue;
      }
      boolean variant = p.fresh.hinted("variant");
      boolean free = !variant && (t.evolves || t.columns.contains(p.slot));
      Mode mode = variant ? t.contract.dataType() : t.contract.columns();
      if (free || mode == Mode.EVOLVE) {
        continue;
      }
      if (mode == Mode.FREEZE) {
        throw frozen(rows, t, f, p.slot, variant);
      }
      rows.tables.filtered(p.slot, mode);
      if (mode == Mode.DISCARD_ROW) {
        discarded(rows, t, f, p.slot, mode, -1);
        return false;
      }
      discarded(rows, t, f, p.slot, mode, p.at);
      cells.remove(p.slot);
    }
    return true;
  }

  private static MillraceException frozen(
      Rows rows, Table t, Rows.Frame f, Slot s, boolean variant) {
    return new MillraceException(
        Failure.CONTRACT_FROZEN,
        "Cannot add column "
            + s.name
            + " to table "
            + t.name
            + ": the schema contract freezes "
            + (variant ? "data types" : "columns")
            + ": "
            + Rows.path(f)
            + " of record "
            + rows.record
            + " (allow it with schema_contract "
            + (variant ? "data_type" : "columns")
            + ": evolve)");
  }
}
