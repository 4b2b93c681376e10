package io.millrace.activities.normalize;

import io.millrace.activities.staging.NumberedIds;
import io.millrace.schema.Column;
import io.millrace.schema.SchemaContract;
import io.millrace.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/** A table while records go into it: its columns in order, and the batch that is being filled. */
final class Table {
  /** Where a row's id comes from. */
  enum Ids {
    RANDOM,
    KEY,
    CONTENT
  }

  static final int ROWS = 8_192;
  static final int ARENA = 16 << 20;

  private final Tables all;

  /** Final once the table has a row. */
  String name;

  byte[] utf8;

  /** The name that the table would have if its list met no other. */
  final String plain;

  /** Where names are kept apart: the place of the list whose elements are its rows. */
  String owner;

  /** Whether no row was loaded yet, so that its name may be another's. */
  boolean waits;

  /** {@code null} for a root. */
  Table parent;

  /** Whether it hangs from no parent only because hints say so. */
  boolean cut;

  /** The resource that writes a root. */
  String resource;

  final Map<String, Object> hints = new LinkedHashMap<>();
  private final Map<String, Slot> slots = new HashMap<>();

  /** What the schema knows, in its order, columns without a type included. */
  final List<Slot> columns = new ArrayList<>();

  /** Whether hints speak of it. */
  boolean hinted;

  /** What hints say of it; {@code null} for what holds for its parent. */
  SchemaContract ownContract;

  /** How deep its rows become columns and tables; {@code null} for one less than above. */
  Integer nesting;

  SchemaContract contract = SchemaContract.EVOLVE;
  Ids ids = Ids.RANDOM;

  /** Whether its rows carry the id of their root. */
  boolean rootKey;

  /** Whether it was in the schema, with columns, before its first row here. */
  boolean known;

  /** Whether it was made in this run and {@link Tables#grows}: the contract allows its columns. */
  boolean evolves;

  /** The contract refuses the table: its rows and those below are left out. */
  boolean dropped;

  /** Whether it has rows, of this segment or of earlier ones. */
  boolean filled;

  /** Whether it got rows in this segment, sealed or not. */
  boolean seen;

  Slot id;
  Slot loadId;
  Slot parentId;
  Slot listIdx;
  Slot rootId;

  /** Where the values go for which there is no column left. */
  Slot overflow;

  /** Columns that data made. */
  int made;

  /** Columns that every row must have, without our own. */
  List<Slot> required = List.of();

  /** Columns of the primary key, sorted by name. */
  List<Slot> key = List.of();

  /** What gives its rows ids by their number; {@code null} where an id tells of its parent. */
  NumberedIds numbered;

  /** Rows of this segment that were sealed. */
  private long sealed;

  int rows;

  /** The place in the records that its rows come from, when it is only one. */
  Shape from;

  /** Where {@link Direct} began to write the record of that number. */
  long marked;

  private int markedRows;
  private int markedUsed;
  byte[] arena = new byte[256];
  int used;

  /** The arena of the batch before, and whether that one is written. */
  private byte[] otherArena = new byte[256];

  private Future<?> before;
  private long loadIdCell = -1;

  /** What of the arena stays whatever is taken back. */
  private int floor;

  /** Where names are kept apart: the columns of the keys that were seen. */
  private final Map<String, Slot> byPath = new HashMap<>();

  /**
   * The columns whose names do not tell their keys, by these: who had the plain name may be gone.
   */
  private final Map<String, Slot> noted = new HashMap<>();

  Table(Tables all, String name, String owner) {
    this.all = all;
    this.plain = name;
    this.owner = owner;
    named(name);
  }

  final void named(String now) {
    name = now;
    utf8 = now.getBytes(StandardCharsets.UTF_8);
  }

  boolean nested() {
    return parent != null;
  }

  Slot slot(String column) {
    return slots.computeIfAbsent(all.fold(column), c -> new Slot(this, column, null));
  }

  /** The column is now that. One that gets its type now moves to the end. */
  Slot is(Column column) {
    Slot s = slot(column.name());
    if (s.type == null && column.complete()) {
      columns.remove(s);
    }
    if (!columns.contains(s)) {
      columns.add(s);
    }
    s.is(column);
    if (column.hints().get(Tables.KEY_HINT) instanceof String key) {
      noted.putIfAbsent(key, s);
    }
    return s;
  }

  /** Looks again at what depends on columns' hints. */
  void refresh() {
    List<Slot> must = new ArrayList<>();
    List<Slot> keys = new ArrayList<>();
    made = 0;
    for (Slot s : columns) {
      made += s.type != null && !s.system && !s.hinted ? 1 : 0;
      s.required = !s.system && s.column != null && !s.column.acceptsNull();
      s.keyPart = -1;
      if (s.required) {
        must.add(s);
      }
      if (s.column != null && s.column.hinted("primary_key")) {
        keys.add(s);
      }
    }
    keys.sort((a, b) -> a.name.compareTo(b.name));
    for (int i = 0; i < keys.size(); i++) {
      keys.get(i).keyPart = i;
    }
    required = must;
    key = keys;
  }

  boolean hasColumns() {
    return columns.stream().anyMatch(s -> s.type != null);
  }

  /**
   * Where names are kept apart: the column of the key at that path. A key owns a name only once a
   * value of it is loaded, so that nothing depends on keys that never had one.
   */
  Slot slotFor(String column, String path) {
    return byPath.computeIfAbsent(
        path,
        p -> {
          Slot there = all.reserved(column, p) ? null : holder(column);
          there = there != null && p.equals(there.owner()) ? there : noted.get(p);
          if (there != null) {
            return there;
          }
          Slot own = new Slot(this, column, p);
          own.offered = slots.get(all.fold(column));
          return own;
        });
  }

  /** What has that name, other than for the time being; {@code null} for nothing. */
  private Slot holder(String column) {
    Slot s = slots.get(all.fold(column));
    return s != null && (s.column != null || s.system || s.claimed) ? s : null;
  }

  /** Forgets the keys that never became columns, and which keys the others came from. */
  void forget() {
    from = null;
    byPath.clear();
    slots.values().removeIf(s -> s.column == null && s.filtered == null && !s.system && !s.hinted);
    slots.values().forEach(Slot::forgetFields);
  }

  /** Whether a null alone makes a column. */
  boolean nulls() {
    return all.nullColumns != null;
  }

  /** Whether data may make that column, so many more being on the way. */
  boolean full(Slot s, int more) {
    return !s.hinted && !s.system && made + more >= all.columnsPerTable;
  }

  /** Settles the name of a column that is about to exist: the first that is free. */
  void claim(Slot s) {
    s.claimed = true;
    if (s.path == null || slots.get(all.fold(s.name)) == s) {
      return;
    }
    int tries = all.reserved(s.plain, s.path) ? 1 : 0;
    while (holder(all.apart(s.plain, s.path, tries)) != null) {
      tries++;
    }
    s.name = all.apart(s.plain, s.path, tries);
    slots.put(all.fold(s.name), s);
  }

  /** The row is written or not: a column that does not exist now gives its name back. */
  void release(Slot s) {
    s.claimed = false;
    if (s.path != null && s.column == null) {
      slots.remove(all.fold(s.name), s);
      s.name = s.plain;
    }
  }

  /** A declared column that belonged to no key has got a value of that one. */
  void take(Slot declared, Slot key) {
    byPath.put(key.path, declared);
    declared.owned(key);
  }

  /** Copies into the batch's memory; the slice. */
  long copy(byte[] b, int off, int len) {
    int at = room(len);
    System.arraycopy(b, off, arena, at, len);
    used = at + len;
    return Tape.slice(at, len);
  }

  /** Makes room and says where to write. */
  int room(int len) {
    if (arena.length - used < len) {
      int size = (int) Math.min(Integer.MAX_VALUE - 64L, Math.max(used + (long) len, 2L * used));
      all.grew(size - arena.length);
      arena = Arrays.copyOf(arena, size);
    }
    return used;
  }

  /** The number that the row being written has in its segment. */
  long number() {
    return sealed + rows;
  }

  void grew(long bytes) {
    all.grew(bytes);
  }

  long loadIdCell(byte[] load) {
    if (loadIdCell < 0) {
      loadIdCell = copy(load, 0, load.length);
    }
    return loadIdCell;
  }

  /** Ids that were numbers are texts from now on, those of rows that stay too. */
  void spelled() {
    floor = used;
  }

  /** Takes back the row that was being written, or all from that one on. */
  void undo(int row, int usedBefore) {
    rows = row;
    for (Slot s : columns) {
      s.cut(row);
    }
    used = Math.max(usedBefore, floor);
    if (loadIdCell >= 0 && Tape.offset(loadIdCell) >= used) {
      loadIdCell = -1;
    }
  }

  /** Notes where a record begins, to come back to. */
  void mark(long record) {
    marked = record;
    markedRows = rows;
    markedUsed = used;
  }

  /** Rows since the mark. */
  int sinceMark() {
    return rows - markedRows;
  }

  /** Takes back all rows since the mark. */
  void reset() {
    undo(markedRows, markedUsed);
  }

  /** The rows since the mark stay. */
  void keep() {
    begin();
    if (rows >= ROWS || used >= ARENA) {
      seal();
    }
  }

  private void begin() {
    if (!seen) {
      seen = true;
      all.began(this);
    }
  }

  void done() {
    begin();
    if (++rows >= ROWS || used >= ARENA) {
      seal();
    }
  }

  /** The batch is full: it goes to the package, and a new one begins in the memory of the last. */
  private void seal() {
    Beside.await(before);
    before = all.batches.put(batch());
  }

  /** A part of the records ends here: its rows share no batch with those that come. */
  void cut() {
    if (rows > 0) {
      seal();
    }
  }

  /** So many rows came here by another way. */
  void took(int more) {
    begin();
    sealed += more;
  }

  /** Its rows are numbered from 0 again. */
  void renumber() {
    sealed = 0;
  }

  /** Writes what there is and gives all memory back. */
  void release() {
    if (rows > 0) {
      all.batches.write(batch());
    }
    columns.forEach(Slot::release);
    arena = new byte[256];
    otherArena = new byte[256];
    before = null;
  }

  /** The rows since the last one, none of which are here any more. */
  private Batches.Full batch() {
    List<Batches.Cells> cells = new ArrayList<>(columns.size());
    for (Slot s : columns) {
      if (s.count > 0) {
        cells.add(s.hand(rows, all.batches.holds()));
      }
    }
    Batches.Full batch = new Batches.Full(name, rows, arena, used, cells);
    byte[] memory = arena;
    arena = otherArena;
    otherArena = all.batches.holds() ? new byte[256] : memory;
    sealed += rows;
    rows = 0;
    used = 0;
    loadIdCell = -1;
    floor = 0;
    return batch;
  }

  TableSchema schema() {
    List<Column> now = new ArrayList<>();
    for (Slot s : columns) {
      now.add(s.column);
    }
    return new TableSchema(name, parent == null ? null : parent.name, resource, hints, now);
  }
}
