package io.millrace.activities.destination.duckdb;

import io.millrace.activities.Progress;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.sql.Staged;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.duckdb.DuckDBWritableVector;

/**
 * The table function {@code _mr_rows()}: DuckDB pulls a table's batches through it, chunk by chunk,
 * column by column. Registered once per connection, pointed at one table at a time. Its columns are
 * {@code c0, c1, …} and, after them, {@code n}: the row's number.
 *
 * <p>An exception in here would reach the caller as text only, so it is kept and thrown again by
 * {@link #rethrow}.
 */
final class RowSource implements DuckDBTableFunction<Object, Object, Object> {
  static final String CALL = "_mr_rows()";
  static final String NUMBER = "n";

  private final LoadPackage load;
  private final Progress progress;

  private List<Column> columns = List.of();
  private boolean all;
  private String table;
  private long firstNumber;

  private LoadPackage.Batches batches;
  private TableBatch batch;

  /** Per column of ours: its place in the batch ({@code -1}: absent) and the next cell there. */
  private int[] place;

  private int[] cell;
  private int row;
  private long delivered;
  private long total;
  private Throwable failure;

  RowSource(Connection connection, LoadPackage load, Progress progress) throws SQLException {
    this.load = load;
    this.progress = progress;
    DuckDBFunctions.tableFunction().withName("_mr_rows").withFunction(this).register(connection);
    // the driver remembers every registration of the process for listings; we register per load
    DuckDBDriver.clearFunctionsRegistry();
  }

  static String vector(int column) {
    return "c" + column;
  }

  /**
   * The next statement that reads {@link #CALL} gets the rows of this table.
   *
   * @param all whether these are all of its columns
   * @param firstNumber what {@link #NUMBER} is in the first row
   */
  void pointAt(String table, List<Column> columns, boolean all, long firstNumber) {
    this.all = all;
    this.table = table;
    this.columns = columns;
    this.firstNumber = firstNumber;
  }

  /** Throws what went wrong in here, if anything did. Call it when the statement failed. */
  void rethrow() throws IOException {
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure instanceof IOException e) {
      throw e;
    }
  }

  /** Lets go of the batches of the last statement. */
  void close() throws IOException {
    batch = null;
    if (batches != null) {
      batches.close();
      batches = null;
    }
  }

  @Override
  public Object bind(DuckDBTableFunctionBindInfo info) {
    for (int i = 0; i < columns.size(); i++) {
      info.addResultColumn(vector(i), ColumnTypes.vector(columns.get(i).type()));
    }
    info.addResultColumn(NUMBER, DuckDBColumnType.BIGINT);
    return null;
  }

  @Override
  public Object init(DuckDBTableFunctionInitInfo info) throws IOException {
    info.setMaxThreads(1);
    delivered = 0;
    try {
      close();
      batches = load.batches(table);
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
      throw e;
    }
    return null;
  }

  @Override
  public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter out) throws Exception {
    try {
      return fill(out);
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
      throw e;
    }
  }

  private long fill(DuckDBDataChunkWriter out) throws IOException {
    if (delivered > 0) {
      FaultPoint.hit(FaultPoint.MID_ROWS);
    }
    while (batch == null || row == batch.rows()) {
      batch = batches.next();
      if (batch == null) {
        return 0;
      }
      enter();
    }
    int end = (int) Math.min(batch.rows(), row + out.capacity());
    for (int i = 0; i < columns.size(); i++) {
      // asking for the vector makes all its rows NULL, so absent columns ask for it too
      DuckDBWritableVector vector = out.vector(i);
      if (place[i] >= 0) {
        cell[i] = fill(vector, columns.get(i).type(), batch.cells(place[i]), cell[i], end);
      }
    }
    DuckDBWritableVector numbers = out.vector(columns.size());
    for (int i = row; i < end; i++) {
      numbers.setLong(i - row, firstNumber + delivered + (i - row));
    }
    int rows = end - row;
    row = end;
    delivered += rows;
    total += rows;
    return rows;
  }

  /** Finds our columns in the batch that was just opened. */
  private void enter() {
    progress.report(0, total, 0);
    row = 0;
    place = Staged.places(table, columns, batch, all);
    cell = new int[columns.size()];
  }

  /** Writes the cells of rows {@code row} to {@code end}; returns the first cell after them. */
  private int fill(
      DuckDBWritableVector vector, DataType type, TableBatch.Cells cells, int from, int end) {
    int[] rows = cells.rows();
    long[] values = cells.values();
    int count = cells.count();
    int to = from;
    switch (type) {
      case BIGINT, TIMESTAMP, TIME -> {
        for (; to < count && rows[to] < end; to++) {
          vector.setLong(rows[to] - row, values[to]);
        }
      }
      case DATE -> {
        for (; to < count && rows[to] < end; to++) {
          vector.setInt(rows[to] - row, Math.toIntExact(values[to]));
        }
      }
      case DOUBLE -> {
        for (; to < count && rows[to] < end; to++) {
          vector.setDouble(rows[to] - row, Double.longBitsToDouble(values[to]));
        }
      }
      case BOOL -> {
        for (; to < count && rows[to] < end; to++) {
          vector.setBoolean(rows[to] - row, values[to] != 0);
        }
      }
      case TEXT, JSON, DECIMAL, WEI, BINARY -> {
        byte[] arena = batch.arena();
        byte[][] slices = new byte[end - row][];
        for (; to < count && rows[to] < end; to++) {
          int offset = (int) (values[to] >>> 32);
          byte[] slice = Arrays.copyOfRange(arena, offset, offset + (int) values[to]);
          slices[rows[to] - row] =
              type == DataType.BINARY ? Base64.getEncoder().encode(slice) : slice;
        }
        if (to > from) {
          vector.setStringUtf8Batch(0, slices);
        }
      }
    }
    return to;
  }
}
