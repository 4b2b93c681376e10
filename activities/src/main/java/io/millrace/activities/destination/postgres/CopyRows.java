package io.millrace.activities.destination.postgres;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.sql.RowMover;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Moves a table's rows into PostgreSQL with one binary {@code COPY}. */
final class CopyRows implements RowMover {
  private final Sql sql;
  private final LoadPackage load;
  private final Progress progress;

  CopyRows(Sql sql, LoadPackage load, Progress progress) {
    this.sql = sql;
    this.load = load;
    this.progress = progress;
  }

  @Override
  public long insert(String table, List<Column> columns, String target, String number, long first)
      throws SQLException, IOException {
    List<String> into = new ArrayList<>(columns.stream().map(Column::name).toList());
    if (number != null) {
      into.add(number);
    }
    BinaryRows rows = open(target, into);
    Cells cells = new Cells(table, columns);
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
      return finish(table, rows);
    } catch (SQLException e) {
      throw PostgresErrors.ofCopy(table, columns, e);
    } catch (IOException | RuntimeException | Error e) {
      rows.cancel(e);
      throw e;
    }
  }

  @Override
  public void rejects(String loadId) throws SQLException, IOException {
    String table = SystemNames.REJECTS;
    List<String> names = List.of("asset", "table_name", "path", "reason", "record");
    List<String> into = new ArrayList<>(names);
    into.addAll(List.of("load_id", "rejected_at"));
    byte[] load = loadId.getBytes(StandardCharsets.UTF_8);
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    BinaryRows rows = open(sql.table(table), into);
    Cells cells =
        new Cells(table, names.stream().map(name -> Column.of(name, DataType.TEXT)).toList());
    try (LoadPackage.Batches batches = this.load.batches(table)) {
      for (TableBatch batch = batches.next(); batch != null; batch = batches.next()) {
        cells.enter(batch);
        for (int row = 0; row < batch.rows(); row++) {
          rows.row(into.size());
          for (int i = 0; i < names.size() - 1; i++) {
            cells.write(i, row, rows);
          }
          rows.json(StoredJson.lenient(cells.text(names.size() - 1, row)));
          rows.bytes(load, 0, load.length);
          rows.timestamp(now);
        }
      }
      finish(table, rows);
    } catch (IOException | RuntimeException | Error e) {
      rows.cancel(e);
      throw e;
    }
  }

  private BinaryRows open(String target, List<String> into) throws SQLException {
    CopyIn copy =
        sql.connection()
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY %s (%s) FROM STDIN (FORMAT BINARY)".formatted(target, Sql.names(into)));
    return new BinaryRows(copy);
  }

  private long finish(String table, BinaryRows rows) throws SQLException {
    long count = rows.end();
    if (count != load.rows(table)) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          "Cannot load table %s: its staged rows are not complete: %d of %d (the segment is fetched again)"
              .formatted(table, count, load.rows(table)));
    }
    return count;
  }

  /** The cells of a batch, row by row in the order of our columns. */
  private static final class Cells {
    private final String table;
    private final List<Column> columns;
    private final TableBatch.Cells[] cells;

    /** Per column the next cell. */
    private final int[] next;

    private TableBatch batch;

    Cells(String table, List<Column> columns) {
      this.table = table;
      this.columns = columns;
      this.cells = new TableBatch.Cells[columns.size()];
      this.next = new int[columns.size()];
    }

    void enter(TableBatch entered) {
      batch = entered;
      Arrays.fill(cells, null);
      Arrays.fill(next, 0);
      Map<String, Integer> ours = new HashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        ours.put(columns.get(i).name(), i);
      }
      List<Column> theirs = batch.columns();
      for (int i = 0; i < theirs.size(); i++) {
        Integer mine = ours.get(theirs.get(i).name());
        if (mine == null || columns.get(mine).type() != theirs.get(i).type()) {
          throw new MillraceException(
              Failure.STAGING_LOST,
              "Cannot load table %s: its rows do not fit the package's schema: column %s (the segment is fetched again)"
                  .formatted(table, theirs.get(i).name()));
        }
        cells[mine] = batch.cells(i);
      }
    }

    void write(int row, BinaryRows to) throws SQLException {
      for (int i = 0; i < cells.length; i++) {
        write(i, row, to);
      }
    }

    private boolean has(int column, int row) {
      TableBatch.Cells of = cells[column];
      return of != null && next[column] < of.count() && of.rows()[next[column]] == row;
    }

    void write(int column, int row, BinaryRows to) throws SQLException {
      if (!has(column, row)) {
        to.none();
        return;
      }
      long value = cells[column].values()[next[column]++];
      int offset = (int) (value >>> 32);
      int length = (int) value;
      Column of = columns.get(column);
      switch (of.type()) {
        case BIGINT -> integer(of, value, to);
        case DOUBLE -> to.int8(value);
        case BOOL -> to.bool(value != 0);
        case TIMESTAMP -> to.timestamp(value);
        case DATE -> to.date(value);
        case TIME -> to.int8(value);
        case TEXT, BINARY -> to.bytes(batch.arena(), offset, length);
        case JSON -> to.json(StoredJson.storable(batch.arena(), offset, length));
        case DECIMAL, WEI -> to.numeric(batch.arena(), offset, length);
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

    byte[] text(int column, int row) {
      if (!has(column, row)) {
        return null;
      }
      long value = cells[column].values()[next[column]++];
      int offset = (int) (value >>> 32);
      return Arrays.copyOfRange(batch.arena(), offset, offset + (int) value);
    }
  }
}
