package io.millrace.activities.normalize;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.normalize.value.Coercion;
import io.millrace.activities.normalize.value.PyNumbers;
import io.millrace.activities.normalize.value.Value;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract.Mode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The long way of a row, in dlt's order: flatten (scalars first, nested objects last in first out,
 * the last of colliding names in the place of the first), filter what the contract refused before,
 * convert, judge new columns, write.
 */
final class Slow {
  /** Instead of a place on the tape: a column of ours, several places, and no value. */
  private static final int OURS = -1;

  private static final int ALL = -2;
  private static final int NULL = -3;

  private final Types types;
  private final Map<Slot, Integer> entries = new LinkedHashMap<>();
  private final Map<Object, Integer> lists = new LinkedHashMap<>();

  /** Declared columns that a key of this row may take for good, and that key. */
  private final Map<Slot, Slot> takers = new HashMap<>();

  private final OwnIds ownIds = new OwnIds();
  private final Set<Integer> overflow = new LinkedHashSet<>();
  private int fresh;
  private int[] order;

  /** Rows whose own id was not taken, because another row of the segment had it already. */
  long sharedIds;

  /**
   * A cell that waits until the whole row is known to be written.
   *
   * @param from the key's own slot; {@code null} for what is ours
   */
  private record Pending(Slot slot, long cell, Column fresh, Slot from, int at, boolean over) {
    /** A column that appears without a value. */
    static final long NOTHING = -1;

    boolean empty() {
      return at == NULL;
    }
  }

  Slow(Types types) {
    this.types = types;
  }

  /** Whether no row brought an id of its own. */
  boolean noOwnIds() {
    return ownIds.none();
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
    if (filtered(rows, t, f, from, to)) {
      return false;
    }
    identify(rows, t, f, userId);
    int before = t.used;
    overflow.clear();
    takers.clear();
    fresh = 0;
    Map<Slot, Pending> cells = new LinkedHashMap<>();
    for (Map.Entry<Slot, Integer> e : entries.entrySet()) {
      cell(rows, t, f, e.getKey(), e.getValue(), cells);
    }
    if (!overflow.isEmpty()) {
      overflow(rows, t, from, to, cells);
    }
    Map<Slot, Pending> all = new LinkedHashMap<>(cells);
    if (!judge(rows, t, f, from, to, cells)) {
      t.undo(t.rows, before);
      if (rows.compat && make(rows, t, cells)) {
        // in dlt a row that is left out has made the columns that it may
        t.refresh();
      }
      all.keySet().forEach(t::release);
      return false;
    }
    for (Slot s : t.columns) {
      if (s.required && (!cells.containsKey(s) || cells.get(s).empty())) {
        t.undo(t.rows, before);
        all.keySet().forEach(t::release);
        throw Refused.record("has no value that fits " + s.name + ", which must have one");
      }
    }
    rows.tables.hang(t, f);
    boolean changed = make(rows, t, cells);
    for (Pending p : cells.values()) {
      if (!p.empty() && p.at != OURS) {
        p.slot.put(t.rows, p.cell);
      }
    }
    rows.system(t, t.rows, f);
    for (Pending p : cells.values()) {
      if (p.from != null && takers.get(p.from.meant()) == p.from) {
        t.take(p.from.meant(), p.from);
        changed = true;
      }
    }
    if (changed) {
      t.refresh();
    }
    all.keySet().forEach(t::release);
    t.done();
    order = lists.values().stream().mapToInt(Integer::intValue).toArray();
    return true;
  }

  /** The row's new columns are the table's; whether there are any. */
  private static boolean make(Rows rows, Table t, Map<Slot, Pending> cells) {
    boolean any = false;
    for (Pending p : cells.values()) {
      if (p.fresh != null) {
        t.is(p.fresh);
        any = true;
        rows.tables.collisions += p.slot.name.equals(p.slot.plain) ? 0 : 1;
      }
    }
    t.evolves &= rows.tables.grows(t);
    return any;
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
        int kind = tape.tag[i] & Tape.KIND;
        if (kind >= Tape.DICT && field.slot.meant().type == DataType.JSON) {
          // a row before this one, of the same record, made the column
          entries.put(field.slot, field.slot == field.in.table.overflow ? i : rows.kept(i));
          continue;
        }
        switch (kind) {
          case Tape.DICT -> open.push(new int[] {i + 1, tape.after(i)});
          // kept apart, lists whose names meet have tables of their own
          case Tape.LIST -> lists.put(rows.tables.apart() ? field : field.in.listKey(field), i);
          default -> entries.put(field.slot, i);
        }
      }
    }
  }

  /** Where the part of the primary key is of which several keys came; the one that is loaded. */
  int keyPart(Rows rows, Slot part, int from, int to) {
    flatten(rows, from, to);
    int found = -1;
    for (Map.Entry<Slot, Integer> e : entries.entrySet()) {
      boolean none = found < 0 || (rows.in.tape.tag[found] & Tape.KIND) == Tape.NULL;
      found = none && e.getKey().meant() == part ? e.getValue() : found;
    }
    return found;
  }

  /** Adds our own columns; returns where the data has an id of its own, -1 for nowhere. */
  private int system(Rows rows, Table t) {
    Integer own = entries.get(t.id);
    if (t.rootId != null) {
      entries.put(t.rootId, OURS);
    }
    if (t.nested()) {
      entries.put(t.parentId, OURS);
      entries.put(t.listIdx, OURS);
    } else {
      entries.put(t.loadId, OURS);
    }
    entries.put(t.id, OURS);
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
        f.own(own);
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
  private boolean filtered(Rows rows, Table t, Rows.Frame f, int from, int to) {
    for (Slot s : List.copyOf(entries.keySet())) {
      if (s.filtered == Mode.DISCARD_ROW) {
        reject(rows, t, f, from, to, why(s, Mode.DISCARD_ROW));
        return true;
      }
      if (s.filtered == Mode.DISCARD_VALUE) {
        int at = entries.remove(s);
        if ((rows.in.tape.tag[at] & Tape.KIND) != Tape.NULL) {
          reject(rows, t, f, at, why(s, Mode.DISCARD_VALUE));
        }
      }
    }
    return false;
  }

  private static String why(Slot s, Mode mode) {
    return "schema contract: column " + s.name + " (" + mode.key() + ")";
  }

  /** Keeps the row, with all below it, among the rejects. */
  void reject(Rows rows, Table t, Rows.Frame f, int from, int to, String why) {
    if (f.up == null) {
      int len = rows.recordEnd - rows.recordStart;
      rows.tables.rejects.part(t.name, Rows.path(f), why, rows.in.buf, rows.recordStart, len);
    } else {
      Out text = Printed.element(rows, f.list, from, to);
      rows.tables.rejects.part(t.name, Rows.path(f), why, text.array(), 0, text.size());
    }
  }

  /** Keeps one value among the rejects. */
  private static void reject(Rows rows, Table t, Rows.Frame f, int at, String why) {
    Out text = Printed.value(rows, at);
    rows.tables.rejects.part(t.name, path(rows, f, at), why, text.array(), 0, text.size());
  }

  /** Where an entry is in its record, as JSONPath. */
  private static String path(Rows rows, Rows.Frame f, int at) {
    Field field = rows.shapes.fields[rows.in.tape.tag[at] >>> Tape.KIND_BITS];
    if (f.up != null && field == f.list.elements().value()) {
      return Rows.path(f);
    }
    String inRow = field.in.path.substring(field.in.row.path.length()).replace('/', '.');
    return Rows.path(f) + inRow + "." + new String(field.key, StandardCharsets.UTF_8);
  }

  private void cell(Rows rows, Table t, Rows.Frame f, Slot s, int at, Map<Slot, Pending> cells) {
    switch (at) {
      case OURS -> ours(t, s, cells);
      default -> {
        if (rows.beyond(rows.in.tape.tag[at] & Tape.KIND, rows.in.tape.value[at])) {
          reject(rows, t, f, at, "beyond what a double holds: " + s.name);
        } else {
          value(rows, t, s, at, cells);
        }
      }
    }
  }

  private static final Map<String, String> ROLES =
      Map.of("id", "row_key", "parent", "parent_key", "root", "root_key");

  /** The place of a column that {@link Rows#system} fills. */
  private void ours(Table t, Slot s, Map<Slot, Pending> cells) {
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
    cells.put(s, new Pending(s, Pending.NOTHING, fresh, null, OURS, false));
  }

  private void value(Rows rows, Table t, Slot s, int at, Map<Slot, Pending> cells) {
    Tape tape = rows.in.tape;
    if (s == t.overflow) {
      overflow.add(at);
      return;
    }
    int kind = tape.tag[at] & Tape.KIND;
    if (kind == Tape.NULL) {
      nothing(rows, t, s, cells);
      return;
    }
    if (!rows.hold(kind, tape.value[at])) {
      return;
    }
    Slot to = target(s, cells);
    boolean variant = false;
    boolean over = false;
    for (; ; ) {
      Pending already = cells.get(to);
      // dlt does not look at what the row is about to make: of two definitions the last one wins
      boolean made = to.type == null && already != null && !rows.compat;
      Column fresh = made ? already.fresh : null;
      Column column = to.type != null ? to.column : fresh;
      if (column == null) {
        over = t.full(to, this.fresh);
        if (over && (variant ? t.contract.dataType() : t.contract.columns()) == Mode.EVOLVE) {
          overflow.add(at);
          return;
        }
        t.claim(to);
        column = fresh = types.infer(rows, to, variant);
        this.fresh += to.hinted ? 0 : 1;
      }
      if (Coercion.coerce(rows.value, rows.value.kind(), column, rows.compat)) {
        // a text that is JSON's null is none to dlt
        boolean nothing = rows.compat && rows.value.isNull();
        long cell = nothing ? Pending.NOTHING : rows.store(t, column.type());
        cells.put(to, new Pending(to, cell, fresh, s, nothing ? NULL : at, over));
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

  /** Where the key's values go: a declared column that is free, for the first key of the row. */
  private Slot target(Slot s, Map<Slot, Pending> cells) {
    Slot declared = s.meant();
    if (declared == s || !takers.containsKey(declared) && cells.containsKey(declared)) {
      return s;
    }
    return takers.computeIfAbsent(declared, d -> s) == s ? declared : s;
  }

  /** A null makes a column only when it is asked for, and never one too many. */
  private void nothing(Rows rows, Table t, Slot key, Map<Slot, Pending> cells) {
    if (rows.tables.nullColumns == null || key.meant().type != null) {
      return;
    }
    Slot s = target(key, cells);
    if (s.type != null || t.full(s, fresh)) {
      return;
    }
    t.claim(s);
    DataType type = types.preferred(s.name);
    Column c = s.noted(Rows.fresh(s, type == null ? rows.tables.nullColumns : type));
    fresh += s.hinted ? 0 : 1;
    cells.put(s, new Pending(s, Pending.NOTHING, c, key, NULL, false));
  }

  /** Puts the values that have no column of their own into the one that they share. */
  private void overflow(Rows rows, Table t, int from, int to, Map<Slot, Pending> cells) {
    Slot s = t.overflow;
    if (s.type != null && s.type != DataType.JSON && s.type != DataType.TEXT) {
      throw Refused.record("has values for " + s.name + ", which is no column of json");
    }
    Out text = Printed.some(rows, from, to, overflow);
    Column column = s.type == null ? Column.of(s.name, DataType.JSON) : null;
    long cell = t.copy(text.array(), 0, text.size());
    cells.put(s, new Pending(s, cell, column, null, ALL, false));
    rows.tables.overflowed += overflow.size();
  }

  /** The contract's word on the new columns; false when it leaves the row out. */
  private boolean judge(
      Rows rows, Table t, Rows.Frame f, int from, int to, Map<Slot, Pending> cells) {
    if (t.contract.columns() == Mode.EVOLVE && t.contract.dataType() == Mode.EVOLVE) {
      return true;
    }
    List<Pending> out = new ArrayList<>();
    Pending row = null;
    for (Pending p : cells.values()) {
      Mode mode = mode(rows, t, p);
      if (mode == Mode.EVOLVE) {
        continue;
      }
      out.add(p);
      if (p.empty()) {
        continue;
      }
      if (mode == Mode.FREEZE) {
        throw frozen(rows, t, f, p.slot, p.fresh.hinted("variant"));
      }
      if (rows.compat) {
        // dlt goes on to leave out what it has left out once, nulls included
        rows.tables.run.filter(p.slot, mode);
      }
      row = row == null && mode == Mode.DISCARD_ROW ? p : row;
    }
    out.forEach(p -> cells.remove(p.slot));
    if (row != null) {
      reject(rows, t, f, from, to, why(row.slot, Mode.DISCARD_ROW));
      return false;
    }
    for (Pending p : out) {
      if (!p.empty()) {
        reject(rows, t, f, p.at, why(p.slot, Mode.DISCARD_VALUE));
      }
    }
    return true;
  }

  /** What the contract wants when the cell makes a column. */
  private static Mode mode(Rows rows, Table t, Pending p) {
    boolean ours = p.slot == t.overflow || p.slot.name.startsWith(rows.tables.names.prefix());
    if (p.fresh == null || ours) {
      return Mode.EVOLVE;
    }
    if (p.fresh.hinted("variant")) {
      return t.contract.dataType();
    }
    // for dlt a column that was declared without a type is as new as any
    boolean declared = !rows.compat && t.columns.contains(p.slot);
    return !p.over && (t.evolves || declared) ? Mode.EVOLVE : t.contract.columns();
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
