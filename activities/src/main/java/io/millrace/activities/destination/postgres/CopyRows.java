package io.millrace.activities.destination.postgres;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.sql.RowMover;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.destination.sql.Staged;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;

/** Moves a table's rows into PostgreSQL with one binary {@code COPY}. */
final class CopyRows implements RowMover {
  private final Sql sql;
  private final LoadPackage load;
  private final Progress progress;
  private final StoredJson json = new StoredJson();

  CopyRows(Sql sql, LoadPackage load, Progress progress) {
    this.sql = sql;
    this.load = load;
    this.progress = progress;
  }

  @Override
  public long insert(String table, List<Column> columns, String target, String number, long first)
      throws IOException {
    return insert(new Cells(table, columns, true, json), target, number, first);
  }

  @Override
  public long insertSome(String table, List<Column> columns, String target, String number)
      throws IOException {
    // whatever these columns hold is told when the row goes in
    return insert(new Cells(table, columns, false, new StoredJson()), target, number, 0);
  }

  private long insert(Cells cells, String target, String number, long first) throws IOException {
    try {
      return copy(cells, target, number, first);
    } catch (SQLException e) {
      throw PostgresErrors.ofCopy(cells.table, cells.columns, e);
    }
  }

  @Override
  public void rejects(String loadId) throws IOException {
    try {
      copyRejects(loadId);
    } catch (SQLException e) {
      throw PostgresErrors.ofCopy(SystemNames.REJECTS, Staged.REJECTS, e);
    }
  }

  @Override
  public Map<String, Long> notes() {
    return json.notes();
  }

  private long copy(Cells cells, String target, String number, long first)
      throws SQLException, IOException {
    String table = cells.table;
    List<String> into = new ArrayList<>(cells.columns.stream().map(Column::name).toList());
    if (number != null) {
      into.add(number);
    }
    BinaryRows rows = open(target, into);
    long done = 0;
    try (LoadPackage.Batches batches = load.batches(table)) {
      for (TableBatch batch = batches.next(); batch != null; batch = batches.next()) {
        progress.report(0, done, 0);
        cells.enter(batch);
        for (int row = 0; row < batch.rows(); row++) {
          rows.row(into.size());
          cells.write(row, rows);
          if (number != null) {
            rows.int8(first + done);
          }
          done++;
        }
        FaultPoint.hit(FaultPoint.MID_ROWS);
      }
      return finish(table, done, rows);
    } catch (IOException | RuntimeException | Error e) {
      rows.cancel(e);
      throw e;
    }
  }

  private void copyRejects(String loadId) throws SQLException, IOException {
    String table = SystemNames.REJECTS;
    List<String> into = new ArrayList<>(Staged.REJECTS.stream().map(Column::name).toList());
    into.addAll(List.of("load_id", "rejected_at"));
    byte[] load = loadId.getBytes(StandardCharsets.UTF_8);
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    BinaryRows rows = open(sql.table(table), into);
    Cells cells = new Cells(table, Staged.REJECTS, true, json);
    long done = 0;
    try (LoadPackage.Batches batches = this.load.batches(table)) {
      for (TableBatch batch = batches.next(); batch != null; batch = batches.next()) {
        cells.enter(batch);
        for (int row = 0; row < batch.rows(); row++) {
          rows.row(into.size());
          byte[][] texts = cells.texts(row);
          int record = texts.length - 1;
          for (int i = 0; i < record; i++) {
            rows.text(texts[i]);
          }
          rows.json(json.lenient(texts[record]));
          rows.bytes(load, 0, load.length);
          rows.timestamp(now);
          done++;
        }
      }
      finish(table, done, rows);
    } catch (IOException | RuntimeException | Error e) {
      rows.cancel(e);
      throw e;
    }
  }

  private BinaryRows open(String target, List<String> into) {
    String copy = "COPY %s (%s) FROM STDIN (FORMAT BINARY)".formatted(target, Sql.names(into));
    return sql.onConnection(
        connection ->
            new BinaryRows(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy)));
  }

  private long finish(String table, long done, BinaryRows rows) throws SQLException {
    long kept = rows.end();
    if (kept != done) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load table %s: the database kept %d of %d rows: a trigger on it leaves some out (drop that, or leave records out with a filter of processing_steps)"
              .formatted(table, kept, done));
    }
    return Staged.whole(load, table, done);
  }

  /**
   * The cells of a batch, row by row in the order of our columns. A batch of a wide table has few
   * of its columns and a row few of these, so what is walked through are the batch's own.
   */
  private static final class Cells {
    private static final int NEVER = -1;

    private final String table;
    private final List<Column> columns;
    private final boolean all;
    private final StoredJson json;

    /** Our columns that the batch has, ascending. */
    private int[] has = {};

    /** For each of these its cells, which cell is next and the row of that. */
    private TableBatch.Cells[] cells = {};

    private int[] next = {};
    private int[] due = {};

    private byte[] arena;

    /**
     * @param all whether these are all columns of the table
     */
    Cells(String table, List<Column> columns, boolean all, StoredJson json) {
      this.all = all;
      this.json = json;
      this.table = table;
      this.columns = columns;
    }

    void enter(TableBatch batch) {
      int[] places = Staged.places(table, columns, batch, all);
      has = IntStream.range(0, places.length).filter(i -> places[i] >= 0).toArray();
      cells =
          Arrays.stream(has).mapToObj(i -> batch.cells(places[i])).toArray(TableBatch.Cells[]::new);
      next = new int[has.length];
      due = new int[has.length];
      for (int i = 0; i < has.length; i++) {
        due[i] = cells[i].count() == 0 ? NEVER : cells[i].rows()[0];
      }
      arena = batch.arena();
    }

    /** Writes a field for each of our columns. */
    void write(int row, BinaryRows to) throws SQLException {
      int written = 0;
      for (int i = 0; i < has.length; i++) {
        if (due[i] == row) {
          to.none(has[i] - written);
          write(columns.get(has[i]), take(i), to);
          written = has[i] + 1;
        }
      }
      to.none(columns.size() - written);
    }

    /** The value that is due, and on to the next. */
    private long take(int i) {
      TableBatch.Cells of = cells[i];
      int at = next[i]++;
      due[i] = at + 1 < of.count() ? of.rows()[at + 1] : NEVER;
      return of.values()[at];
    }

    private void write(Column of, long value, BinaryRows to) throws SQLException {
      int offset = (int) (value >>> 32);
      int length = (int) value;
      switch (of.type()) {
        case BIGINT -> integer(of, value, to);
        case DOUBLE -> to.int8(value);
        case BOOL -> to.bool(value != 0);
        case TIMESTAMP -> to.timestamp(value);
        case DATE -> to.date(value);
        case TIME -> to.int8(value);
        case TEXT, BINARY -> to.bytes(arena, offset, length);
        case JSON -> {
          if (StoredJson.odd(arena, offset, length)) {
            to.json(json.storable(arena, offset, length));
          } else {
            to.json(arena, offset, length);
          }
        }
        case DECIMAL, WEI -> to.numeric(arena, offset, length);
      }
    }

    private void integer(Column column, long value, BinaryRows to) throws SQLException {
      int bits = column.precision() == null ? 64 : column.precision();
      if (bits > 32) {
        to.int8(value);
      } else if (bits > 16 && value == (int) value) {
        to.int4((int) value);
      } else if (bits <= 16 && value == (short) value) {
        to.int2((short) value);
      } else {
        throw new MillraceException(
            Failure.DATA_INVALID,
            "Cannot load column %s.%s (%s): a value does not fit: %d (give the column another type or precision)"
                .formatted(table, column.name(), ColumnTypes.sql(column), value));
      }
    }

    /** The texts of a row in the order of our columns, {@code null} for none. */
    byte[][] texts(int row) {
      byte[][] texts = new byte[columns.size()][];
      for (int i = 0; i < has.length; i++) {
        if (due[i] == row) {
          long value = take(i);
          int offset = (int) (value >>> 32);
          texts[has[i]] = Arrays.copyOfRange(arena, offset, offset + (int) value);
        }
      }
      return texts;
    }
  }
}
