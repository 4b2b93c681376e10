package io.millrace.activities.normalize;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.normalize.value.Coercion;
import io.millrace.activities.normalize.value.IsoTime;
import io.millrace.activities.normalize.value.PyNumbers;
import io.millrace.activities.normalize.value.RowIds;
import io.millrace.activities.normalize.value.Value;
import io.millrace.activities.staging.NumberedIds;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract.Mode;
import java.util.Arrays;

/**
 * Makes rows of a record on the tape, the parent first. A row whose columns are all known goes the
 * fast way: cell by cell in document order. Whatever is unusual (a new column, keys that meet in
 * one name, a column of ours in the data, a contract) takes the row back and goes the long way,
 * which does everything in dlt's order ({@link Slow}).
 */
final class Rows {
  /** A row on the way from the root to the row being written. */
  static final class Frame {
    /** What gives the row its id by number; {@code null} for an id of its own. */
    NumberedIds ids;

    long number;

    /** The id, when it is one of its own or was asked for. */
    private byte[] id;

    private final byte[] memory = new byte[RowIds.LENGTH];

    /** The row that {@code root_id} means for the rows below. */
    Frame root;

    final int depth;
    Frame up;
    Field list;
    long index;

    Frame(int depth) {
      this.depth = depth;
    }

    void numbered(NumberedIds by, long row) {
      ids = by;
      number = row;
      id = null;
    }

    void own(byte[] now) {
      ids = null;
      id = now;
    }

    /** Where an id of our own that is no number is written. */
    byte[] made() {
      own(memory);
      return memory;
    }

    byte[] id() {
      if (id == null) {
        ids.write(memory, 0, number);
        id = memory;
      }
      return id;
    }
  }

  private static final long NEGATIVE_ZERO = Long.MIN_VALUE;

  final Tables tables;
  final Scanner in;
  final Shapes shapes;
  final boolean compat;
  final Value value = new Value();
  final Out json = new Out();
  final RowIds ids = new RowIds();

  /** As hashes want JSON: dlt's form. */
  final CompactJson compact = new CompactJson(false);

  /** As cells want it. */
  private final CompactJson cells;

  final byte[] loadId;
  private final Slow slow;
  private Frame[] frames = new Frame[8];

  /** Begin and end of the record in the window. */
  int recordStart;

  int recordEnd;
  long record;

  /** Numbers beyond a double and NULs in texts, left out. */
  long bent;

  Rows(Tables tables, Shapes shapes, Scanner in, Slow slow, boolean compat) {
    this.tables = tables;
    this.shapes = shapes;
    this.in = in;
    this.loadId = tables.loadId();
    this.compat = compat;
    this.cells = new CompactJson(!compat);
    this.slow = slow;
  }

  Frame frame(int depth) {
    if (depth >= frames.length) {
      frames = Arrays.copyOf(frames, Math.max(depth + 1, 2 * frames.length));
    }
    if (frames[depth] == null) {
      frames[depth] = new Frame(depth);
    }
    return frames[depth];
  }

  /** The whole tape as one record of a root table. */
  void root(Table t) {
    Frame f = frame(0);
    f.up = null;
    f.root = f;
    row(t, 0, in.tape.size, f, 0);
    tables.relieve();
  }

  private void row(Table t, int from, int to, Frame f, int depth) {
    boolean waited = t.waits;
    if (waited) {
      tables.lists.settle(t);
    }
    boolean written = written(t, from, to, f);
    if (written) {
      lists(from, to, f, depth);
    } else if (waited) {
      tables.lists.release(t);
    }
  }

  private boolean written(Table t, int from, int to, Frame f) {
    if (t.dropped || (!t.known && refuses(t, f))) {
      slow.reject(
          this, t, f, from, to, "schema contract: new table (" + t.contract.tables().key() + ")");
      return false;
    }
    t.known = true;
    if (t.cut) {
      f.root = f;
    }
    try {
      if (!t.nested()) {
        identify(t, from, to, f);
      }
      return t.id.type != null && fast(t, from, to, f) || slow.row(this, t, from, to, f);
    } catch (Refused e) {
      if (f.up == null) {
        throw e;
      }
      // the parent is written already: this row and those below go to the rejects
      slow.reject(this, t, f, from, to, e.getMessage());
      return false;
    }
  }

  /** The contract's word on a table that was not there. */
  private boolean refuses(Table t, Frame f) {
    Mode mode = t.contract.tables();
    switch (mode) {
      case EVOLVE:
        if (tables.grows(t)) {
          tables.run.make(t);
        }
        return false;
      case FREEZE:
        throw new MillraceException(
            Failure.CONTRACT_FROZEN,
            "Cannot add table "
                + t.name
                + ": the schema contract freezes tables: "
                + path(f)
                + " of record "
                + record
                + " (allow it with schema_contract tables: evolve)");
      case DISCARD_ROW:
      case DISCARD_VALUE:
      default:
        t.dropped = true;
        return true;
    }
  }

  /** Where a row is in its record, as JSONPath. */
  static String path(Frame f) {
    if (f.up == null) {
      return "$";
    }
    String inRow = f.list.in.path.substring(f.list.in.row.path.length()).replace('/', '.');
    String key = new String(f.list.key, java.nio.charset.StandardCharsets.UTF_8);
    return path(f.up) + inRow + "." + key + "[" + f.index + "]";
  }

  void identify(Table t, int from, int to, Frame f) {
    switch (t.ids) {
      case RANDOM -> f.numbered(t.numbered, t.number());
      case KEY -> {
        json.clear();
        key(t, from, to);
        ids.hash(f.made(), 0, json.array(), 0, json.size());
      }
      case CONTENT -> {
        json.clear();
        compact.sorted(in.buf, recordStart, recordEnd, json, tables.names.prefix());
        ids.hash(f.made(), 0, json.array(), 0, json.size());
      }
    }
  }

  /** The primary key as JSON, names sorted, values as they came. */
  private void key(Table t, int from, int to) {
    int[] at = new int[t.key.size()];
    Arrays.fill(at, -1);
    Tape tape = in.tape;
    for (int i = from; i < to; ) {
      int kind = tape.tag[i] & Tape.KIND;
      if (kind < Tape.DICT) {
        Slot s = shapes.fields[tape.tag[i] >>> Tape.KIND_BITS].slot.meant();
        if (s.keyPart >= 0 && s.table == t) {
          at[s.keyPart] = at[s.keyPart] < 0 ? i : slow.keyPart(this, s, from, to);
        }
      }
      i = kind == Tape.DICT ? i + 1 : tape.after(i);
    }
    json.one('{');
    for (int k = 0; k < at.length; k++) {
      if (at[k] < 0) {
        throw Refused.record("has no value for the primary key " + t.key.get(k).name);
      }
      if (k > 0) {
        json.one(',');
      }
      byte[] name = t.key.get(k).name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      CompactJson.text(name, 0, name.length, json);
      json.one(':');
      print(at[k], json);
    }
    json.one('}');
  }

  /** One entry as JSON in orjson's form, for hashes. */
  void print(int at, Out to) {
    print(at, to, compact);
  }

  /** One entry as JSON, for cells. */
  void printCell(int at, Out to) {
    print(at, to, cells);
  }

  private void print(int at, Out to, CompactJson nested) {
    Tape tape = in.tape;
    long v = tape.value[at];
    int off = Tape.offset(v);
    int len = Tape.length(v);
    switch (tape.tag[at] & Tape.KIND) {
      case Tape.NULL -> to.ascii("null");
      case Tape.FALSE -> to.ascii("false");
      case Tape.TRUE -> to.ascii("true");
      case Tape.INT -> to.ascii(Long.toString(v));
      case Tape.DOUBLE -> to.ascii(PyNumbers.orjson(Double.longBitsToDouble(v)));
      case Tape.BIG -> to.bytes(in.buf, off, len);
      case Tape.REAL -> to.ascii(PyNumbers.orjson(PyNumbers.parseDouble(in.buf, off, len)));
      case Tape.TEXT -> CompactJson.text(in.buf, off, len, to);
      case Tape.ESCAPED -> CompactJson.text(tape.scratch, off, len, to);
      case Tape.JSON -> nested.compact(in.buf, off, off + len, to);
      default -> throw new IllegalStateException("no scalar");
    }
  }

  private boolean fast(Table t, int from, int to, Frame f) {
    Tape tape = in.tape;
    Field[] fields = shapes.fields;
    int row = t.rows;
    int before = t.used;
    long bentBefore = bent;
    long duplicatesBefore = in.duplicates;
    int i = from;
    boolean plain = true;
    while (i < to) {
      int tag = tape.tag[i];
      int kind = tag & Tape.KIND;
      if (kind >= Tape.DICT) {
        Slot s = fields[tag >>> Tape.KIND_BITS].slot;
        if (kind == Tape.LIST && s.state == Slot.SPECIAL || s.type == DataType.JSON) {
          plain = false;
          break;
        }
        i = kind == Tape.DICT ? i + 1 : tape.after(i);
        continue;
      }
      Slot s = fields[tag >>> Tape.KIND_BITS].slot;
      if (s.state != Slot.PLAIN) {
        if (kind == Tape.NULL && s.state == Slot.UNTYPED) {
          i++;
          continue;
        }
        plain = false;
        break;
      }
      if (kind != Tape.NULL && !cell(t, row, s, kind, tape.value[i])) {
        plain = false;
        break;
      }
      i++;
    }
    if (plain) {
      for (int k = 0; k < t.required.size(); k++) {
        plain &= t.required.get(k).has(row);
      }
      if (t.nested()) {
        link(t, f);
      }
      plain &= system(t, row, f);
    }
    if (!plain) {
      t.undo(row, before);
      bent = bentBefore;
      in.duplicates = duplicatesBefore;
      return false;
    }
    t.done();
    return true;
  }

  /** Our own columns, the row's id being made; false when one is not there yet. */
  boolean system(Table t, int row, Frame f) {
    if (t.nested()) {
      if (t.parentId.type == null || t.listIdx.type == null) {
        return false;
      }
      t.parentId.put(row, f.up);
      t.listIdx.put(row, f.index);
    } else {
      if (t.loadId.type == null) {
        return false;
      }
      t.loadId.put(row, t.loadIdCell(loadId));
    }
    if (t.rootId != null) {
      if (t.rootId.type == null) {
        return false;
      }
      t.rootId.put(row, t.cut ? f.up.root : f.root);
    }
    t.id.put(row, f);
    return true;
  }

  /** The id of a list's element. */
  void link(Table t, Frame f) {
    if (t.numbered != null) {
      f.numbered(t.numbered, t.number());
      return;
    }
    byte[] up = f.up.id();
    ids.child(f.made(), 0, up, 0, up.length, t.utf8, f.index);
  }

  boolean cell(Table t, int row, Slot s, int kind, long v) {
    switch (s.type) {
      case TEXT:
        if (kind == Tape.TEXT && (!compat || in.buf[Tape.offset(v)] != (byte) 0xEF)) {
          s.put(row, t.copy(in.buf, Tape.offset(v), Tape.length(v)));
          return true;
        }
        if (kind == Tape.ESCAPED && in.nuls == 0 && !compat) {
          s.put(row, t.copy(in.tape.scratch, Tape.offset(v), Tape.length(v)));
          return true;
        }
        break;
      case BIGINT:
        if (kind == Tape.INT && s.column.precision() == null) {
          s.put(row, v);
          return true;
        }
        break;
      case DOUBLE:
        if (kind == Tape.DOUBLE && (v != NEGATIVE_ZERO || !compat)) {
          s.put(row, v);
          return true;
        }
        break;
      case BOOL:
        if (kind <= Tape.TRUE) {
          s.put(row, kind == Tape.TRUE ? 1 : 0);
          return true;
        }
        break;
      case TIMESTAMP:
        if (kind == Tape.TEXT) {
          long micros = IsoTime.timestamp(in.buf, Tape.offset(v), Tape.length(v));
          if (micros != IsoTime.NONE) {
            s.put(row, micros);
            return true;
          }
        }
        break;
      case JSON:
        if (kind == Tape.JSON) {
          compact(in.buf, Tape.offset(v), Tape.length(v));
          s.put(row, t.copy(json.array(), 0, json.size()));
          return true;
        }
        break;
      case DATE, TIME, BINARY, DECIMAL, WEI:
        break;
    }
    return coerced(t, row, s, kind, v);
  }

  private boolean coerced(Table t, int row, Slot s, int kind, long v) {
    if (beyond(kind, v)) {
      return false;
    }
    if (!hold(kind, v)) {
      return true;
    }
    Slot to = s;
    while (!Coercion.coerce(value, value.kind(), to.column, compat)) {
      to = variant(to);
      if (to.state != Slot.PLAIN || to.taken() || to.has(row)) {
        return false;
      }
    }
    if (!compat || !value.isNull()) {
      to.put(row, store(t, to.type));
    }
    return true;
  }

  Slot variant(Slot s) {
    String suffix = "v_" + Coercion.variant(value, value.kind(), s.column);
    return s.table.slot(tables.naming.join(s.name, suffix));
  }

  /** Whether it is a number that no double holds, such as 1e400: rejected, but dlt drops it. */
  boolean beyond(int kind, long v) {
    return kind == Tape.REAL
        && !compat
        && Double.isInfinite(PyNumbers.parseDouble(in.buf, Tape.offset(v), Tape.length(v)));
  }

  /** Takes an entry into {@link #value}; false when it is nothing. */
  boolean hold(int kind, long v) {
    byte[] b = in.buf;
    int off = Tape.offset(v);
    int len = Tape.length(v);
    switch (kind) {
      case Tape.NULL:
        return false;
      case Tape.FALSE:
      case Tape.TRUE:
        value.setBool(kind == Tape.TRUE);
        return true;
      case Tape.INT:
        value.setBigint(v);
        return true;
      case Tape.DOUBLE:
        value.setDouble(Double.longBitsToDouble(v));
        return true;
      case Tape.BIG:
        value.setBigInteger(b, off, len);
        return true;
      case Tape.REAL:
        double d = PyNumbers.parseDouble(b, off, len);
        if (Double.isInfinite(d)) {
          bent++;
          return false;
        }
        value.setReal(d, b, off, compat ? 0 : len);
        return true;
      case Tape.ESCAPED:
        text(in.tape.scratch, off, len);
        return true;
      case Tape.TEXT:
        text(b, off, len);
        return true;
      case Tape.JSON:
        compact(b, off, len);
        value.setJson(json.array(), 0, json.size());
        return true;
      default:
        throw new IllegalStateException("kind " + kind);
    }
  }

  /** An object or list as a cell has it, in {@link #json}. */
  private void compact(byte[] b, int off, int len) {
    json.clear();
    in.duplicates += cells.compact(b, off, off + len, json);
  }

  /** NUL cannot be stored by every destination: it is left out, as dlt does. */
  private void text(byte[] b, int off, int len) {
    int n = 0;
    for (int i = off; in.nuls > 0 && i < off + len; i++) {
      if (b[i] == 0) {
        n++;
      }
    }
    byte[] from = b;
    int at = off;
    int left = len;
    if (n > 0) {
      bent++;
      left = len - n;
      from = new byte[left];
      at = 0;
      for (int i = off, o = 0; i < off + len; i++) {
        if (b[i] != 0) {
          from[o++] = b[i];
        }
      }
    }
    value.setText(from, at, left);
    if (compat && left > 2 && from[at] == (byte) 0xEF) {
      Coercion.decodePua(value);
    }
  }

  /** The object or list there as one value: an entry of its own at the end of the tape. */
  int kept(int at) {
    Tape tape = in.tape;
    int start = Tape.offset(tape.value[at]);
    int field = tape.tag[at] >>> Tape.KIND_BITS;
    return tape.add(Tape.JSON, field, Tape.slice(start, in.behind(start) - start));
  }

  /** What is held, as a cell of that type. */
  long store(Table t, DataType type) {
    return switch (type) {
      case BIGINT, DOUBLE, BOOL, TIMESTAMP, DATE, TIME -> value.bits();
      case TEXT, JSON, BINARY, DECIMAL, WEI -> t.copy(value.buf(), value.off(), value.len());
    };
  }

  private void lists(int from, int to, Frame f, int depth) {
    int[] order = slow.order();
    if (order != null) {
      // the long way has its own order, and of several lists that meet in one name only the last
      int[] own = order.clone();
      slow.forget();
      for (int i : own) {
        list(i, f, depth);
      }
      return;
    }
    inOrder(from, to, f, depth);
  }

  /** In the order of the long way: the lists of an object, then those of the objects in it. */
  private void inOrder(int from, int to, Frame f, int depth) {
    Tape tape = in.tape;
    int objects = 0;
    for (int i = from; i < to; i = tape.after(i)) {
      int kind = tape.tag[i] & Tape.KIND;
      if (kind == Tape.LIST) {
        list(i, f, depth);
      }
      objects += kind == Tape.DICT ? 1 : 0;
    }
    if (objects == 0) {
      return;
    }
    int[] open = new int[objects];
    int n = 0;
    for (int i = from; i < to; i = tape.after(i)) {
      if ((tape.tag[i] & Tape.KIND) == Tape.DICT) {
        open[n++] = i;
      }
    }
    while (n-- > 0) {
      inOrder(open[n] + 1, tape.after(open[n]), f, depth);
    }
  }

  private void list(int at, Frame up, int depth) {
    Tape tape = in.tape;
    int end = tape.after(at);
    if (end == at + 1) {
      return;
    }
    Field field = shapes.fields[tape.tag[at] >>> Tape.KIND_BITS];
    Table t = field.elements().table;
    Frame f = frame(depth + 1);
    f.up = up;
    f.list = field;
    long index = 0;
    for (int i = at + 1; i < end; ) {
      int next = tape.after(i);
      boolean row = (tape.tag[i] & Tape.KIND) == Tape.ROW;
      f.root = up.root;
      f.index = index++;
      row(t, row ? i + 1 : i, next, f, depth + 1);
      i = next;
    }
  }

  /** A column as data shows it for the first time. */
  static Column fresh(Slot s, DataType type) {
    Column c = s.column;
    return c == null
        ? Column.of(s.name, type)
        : new Column(
            c.name(),
            type,
            c.nullable() == null ? Boolean.TRUE : c.nullable(),
            c.precision(),
            c.scale(),
            c.timezone(),
            c.hints());
  }
}
