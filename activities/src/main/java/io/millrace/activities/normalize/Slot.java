package io.millrace.activities.normalize;

import io.millrace.activities.staging.NumberedIds;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A column of a table while it is filled: what is known of it, and its cells in this batch. */
final class Slot {
  /** Has a type and one key: cells may be written as they come. */
  static final byte PLAIN = 0;

  /** No data has shown its type yet. */
  static final byte UNTYPED = 1;

  /**
   * Several keys of one row, a column of ours, or filtered by the contract: rows take the long way.
   */
  static final byte SPECIAL = 2;

  /** Owner of what belongs to no key. */
  static final String NOBODY = "";

  private static final int FIRST = 16;

  final Table table;

  /** Final once the column exists. */
  String name;

  /** The key, where names are kept apart and the name is not settled; {@code null} otherwise. */
  final String path;

  /** The name that the key would have if it met no other. */
  final String plain;

  /** Whether hints named the column. */
  boolean hinted;

  /** Whether hints named the column and no key has it yet: the first one whose value is loaded. */
  boolean unowned;

  /** The column of the key's plain name, which may be free to take. */
  Slot offered;

  /** Whether the row being written makes a column of it. */
  boolean claimed;

  /** {@code null} while nothing is known. */
  Column column;

  DataType type;
  byte state = UNTYPED;

  /** What {@link Direct} may write here without a second look; {@link Direct#ODD} for nothing. */
  byte direct = Direct.ODD;

  private boolean shared;

  /** A column that we write ourselves. */
  boolean system;

  /** What the contract said of this column earlier in the run. */
  SchemaContract.Mode filtered;

  /** Place in the table's sorted primary key; -1 for none. */
  int keyPart = -1;

  /** Whether every row must have a value here. */
  boolean required;

  private final List<Field> fields = new ArrayList<>(1);

  private static final long[] NONE = {};

  /** The cells' rows; {@code null} as long as every row from the first on has a cell. */
  private int[] rows;

  /** Memory for {@link #rows} from the batch before. */
  private int[] spare;

  long[] values = NONE;
  int count;

  /** Where the cells are numbers of rows: what makes ids of them. */
  private NumberedIds ids;

  /** The memory of the batch before, which may not be written yet. */
  private int[] otherRows;

  private long[] otherValues = NONE;

  Slot(Table table, String name, String path) {
    this.table = table;
    this.name = name;
    this.plain = name;
    this.path = path;
    refresh();
  }

  void takes(Field f) {
    for (Field other : fields) {
      shared |= other.in.row == f.in.row;
    }
    fields.add(f);
    refresh();
  }

  /** Forgets the keys it takes; they will be learned again. */
  void forgetFields() {
    fields.clear();
    shared = false;
    refresh();
  }

  /** The declared column that the key may take, while it has none; or itself. */
  Slot meant() {
    return type == null && offered != null && offered.unowned ? offered : this;
  }

  /** The key that it belongs to: where its name does not tell, a hint does. */
  String owner() {
    if (path != null) {
      return path;
    }
    Object key = column == null ? null : column.hints().get(Tables.KEY_HINT);
    return key != null ? key.toString() : variant() ? NOBODY : told(name);
  }

  private boolean variant() {
    return column != null && column.hinted("variant");
  }

  private static String told(String name) {
    return '/' + name.replace("__", "/");
  }

  /** The column with a note of its key, when the name alone does not tell it. */
  Column noted(Column c) {
    return path == null || path.equals(told(c.name())) ? c : c.with(Tables.KEY_HINT, path);
  }

  /** It belongs to that key now, whose values come here. */
  void owned(Slot key) {
    Column mine = column.without(Tables.KEY_HINT);
    is(key.path.equals(told(name)) ? mine : mine.with(Tables.KEY_HINT, key.path));
    for (Field f : key.fields) {
      f.slot = this;
      takes(f);
    }
    key.fields.clear();
  }

  void filter(SchemaContract.Mode mode) {
    filtered = mode;
    refresh();
  }

  /** Whether a key's own values go here. */
  boolean taken() {
    return !fields.isEmpty();
  }

  void is(Column now) {
    column = now;
    type = now.type();
    unowned = NOBODY.equals(now.hints().get(Tables.KEY_HINT));
    refresh();
  }

  void refresh() {
    boolean special = shared || system || filtered != null || type == null && table.nulls();
    state = special ? SPECIAL : type == null ? UNTYPED : PLAIN;
    boolean bounded = column != null && column.precision() != null;
    direct = state == PLAIN && !bounded ? Direct.way(type) : Direct.ODD;
  }

  void put(int row, long value) {
    int n = count;
    if (n == values.length) {
      grow();
    }
    values[n] = value;
    if (rows != null) {
      rows[n] = row;
    } else if (row != n) {
      sparse();
      rows[n] = row;
    }
    count = n + 1;
  }

  /**
   * Puts the id of a row: its number, as long as one seed gives all ids of the batch. The same id
   * as in the row before is not written again.
   */
  void put(int row, Rows.Frame of) {
    if (count == 0) {
      ids = of.ids;
    } else if (ids != null && ids != of.ids) {
      spell();
    }
    if (ids != null) {
      put(row, of.number);
      return;
    }
    byte[] id = of.id();
    long last = count == 0 ? 0 : values[count - 1];
    int at = Tape.offset(last);
    boolean again =
        count > 0 && Arrays.equals(table.arena, at, at + Tape.length(last), id, 0, id.length);
    put(row, again ? last : table.copy(id, 0, id.length));
  }

  /** The numbers become texts: some id of the batch is not one of theirs. */
  private void spell() {
    byte[] id = new byte[NumberedIds.LENGTH];
    for (int i = 0; i < count; i++) {
      ids.write(id, 0, values[i]);
      values[i] = table.copy(id, 0, id.length);
    }
    ids = null;
    table.spelled();
  }

  private void grow() {
    int size = Math.max(FIRST, 2 * values.length);
    table.grew((size - values.length) * 12L);
    values = Arrays.copyOf(values, size);
    if (rows != null) {
      rows = Arrays.copyOf(rows, size);
    }
  }

  private void sparse() {
    rows = spare != null && spare.length >= values.length ? spare : new int[values.length];
    spare = null;
    for (int i = 0; i < count; i++) {
      rows[i] = i;
    }
  }

  /**
   * The cells, for somebody else to read until this is called again, and none here any more.
   *
   * @param all rows of the batch
   * @param forever whether the reader keeps them, so that their memory is not ours any more
   */
  Batches.Cells hand(int all, boolean forever) {
    if (rows == null && count < all) {
      sparse();
    }
    Batches.Cells cells = new Batches.Cells(column, count, count < all ? rows : null, values, ids);
    int[] memory = rows != null ? rows : spare;
    spare = otherRows;
    otherRows = forever ? null : memory;
    values = otherValues;
    otherValues = forever ? NONE : cells.values();
    rows = null;
    ids = null;
    count = 0;
    return cells;
  }

  boolean has(int row) {
    return count > 0 && (rows == null ? count - 1 : rows[count - 1]) == row;
  }

  /** Takes back the cells of that row and those after it. */
  void cut(int row) {
    if (rows == null) {
      count = Math.min(count, row);
    }
    while (count > 0 && rows != null && rows[count - 1] >= row) {
      count--;
    }
  }

  /** Gives its memory back; it has no cells. */
  void release() {
    rows = null;
    spare = null;
    values = NONE;
    otherRows = null;
    otherValues = NONE;
  }
}
