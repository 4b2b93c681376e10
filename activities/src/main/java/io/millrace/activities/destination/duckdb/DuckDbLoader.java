package io.millrace.activities.destination.duckdb;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.duckdb.DuckDbFile.Closing;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.run.Refresh;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Loads into one dataset of one DuckDB file. Everything that writes is a {@link LoadTransaction}.
 */
final class DuckDbLoader implements Loader {
  /** A load of fewer rows is a small one: DuckDB's row group has eight times as many. */
  private static final long SMALL = 16_384;

  private final DuckDbFile file;
  private final String dataset;
  private final SystemNames names;

  DuckDbLoader(DuckDbFile file, String dataset, SystemNames names) {
    this.file = file;
    this.dataset = dataset;
    this.names = names;
  }

  @Override
  public Stored read(
      String project, String asset, String partition, String source, Refresh refresh) {
    if (!file.exists()) {
      return new Stored(0, 0, null, Schema.empty(source));
    }
    return file.readPatiently(
        "read the state of %s in %s".formatted(asset, file.path()),
        connection -> {
          Sql sql = new Sql(connection, dataset);
          SystemTables system = new SystemTables(sql, names);
          Catalog catalog = Catalog.read(sql);
          system.check(catalog);
          if (catalog.table(SystemNames.STATE) == null || catalog.table(names.version()) == null) {
            return new Stored(0, 0, null, Schema.empty(source));
          }
          SystemTables.State state = system.state(project, asset, partition, refresh != null);
          return new Stored(
              state.epoch(),
              state.seq(),
              refresh == null ? state.checkpoint() : null,
              Forget.preview(refresh, system.schema(source), asset, names));
        });
  }

  @Override
  public Committed load(Order order, LoadPackage load, Progress progress) {
    return file.write(
        "load %s into %s".formatted(order.segment().asset(), file.path()),
        closing(order, load),
        progress,
        connection -> {
          RowSource source = load == null ? null : new RowSource(connection, load, progress);
          connection.setAutoCommit(false);
          try {
            Committed committed =
                new LoadTransaction(new Sql(connection, dataset), names, order, load, source).run();
            if (committed.replayed()) {
              connection.rollback();
              return committed;
            }
            FaultPoint.hit(FaultPoint.BEFORE_COMMIT);
            connection.commit();
            FaultPoint.hit(FaultPoint.AFTER_COMMIT);
            return committed;
          } catch (SQLException | IOException | RuntimeException | Error e) {
            rollback(connection, e);
            throw e;
          }
        });
  }

  /**
   * Loads that only add rows, and enough of them, or the few that a long run ends with, leave the
   * rows of the loads before them alone: merging row groups wrote every row of a file of 400 MB two
   * and a half times.
   */
  private static Closing closing(Order order, LoadPackage load) {
    if (load == null || order.disposition().kind() != WriteDisposition.Kind.APPEND) {
      return Closing.TIDY;
    }
    long most = load.tables().stream().mapToLong(load::rows).max().orElse(0);
    boolean tail = order.finish() && order.segment().seq() > 1;
    return most < SMALL && !tail ? Closing.TIDY : Closing.PLAIN;
  }

  /** Nothing of a failed load stays. That this fails too says only that DuckDB was faster. */
  private static void rollback(Connection connection, Throwable why) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public void probe() {
    if (file.exists()) {
      tryToWrite(file);
      return;
    }
    // a file of another name, which nobody else can have opened when it is removed
    DuckDbFile trial = file.trial();
    try {
      tryToWrite(trial);
    } finally {
      trial.remove();
    }
  }

  private void tryToWrite(DuckDbFile in) {
    in.write(
        "write into " + file.path(),
        Closing.PLAIN,
        Progress.NONE,
        connection -> {
          Sql sql = new Sql(connection, dataset);
          connection.setAutoCommit(false);
          try {
            String table = sql.table("_mr_probe_" + UUID.randomUUID().toString().replace("-", ""));
            sql.run("CREATE SCHEMA IF NOT EXISTS " + sql.schema());
            sql.run("CREATE TABLE " + table + " (written BOOLEAN)");
            sql.run("INSERT INTO " + table + " VALUES (true)");
            sql.run("DROP TABLE " + table);
            return null;
          } finally {
            connection.rollback();
          }
        });
  }

  @Override
  public Rows query(String sql, int limit) {
    String what = "query " + file.path();
    if (!file.exists()) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot %s: there is no such file: %s (run something first)"
              .formatted(what, file.path()));
    }
    return file.read(
        what,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
              return new Rows(List.of(), List.of());
            }
            try (ResultSet result = statement.getResultSet()) {
              return rows(result, limit);
            }
          } catch (SQLException e) {
            throw DuckDbErrors.ofStatement(what, e);
          }
        });
  }

  private static Rows rows(ResultSet result, int limit) throws SQLException {
    ResultSetMetaData meta = result.getMetaData();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(meta.getColumnLabel(i));
    }
    List<List<Object>> rows = new ArrayList<>();
    while ((limit == 0 || rows.size() < limit) && result.next()) {
      List<Object> row = new ArrayList<>(columns.size());
      for (int i = 1; i <= columns.size(); i++) {
        Object value = result.getObject(i);
        row.add(plain(value) ? value : text(value, result.getString(i)));
      }
      rows.add(row);
    }
    return new Rows(columns, rows);
  }

  /** Java leaves out seconds that are zero; RFC 3339 and its readers want them. */
  private static String text(Object value, String driver) {
    return value instanceof OffsetDateTime moment
        ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(moment)
        : value instanceof LocalTime time ? DateTimeFormatter.ISO_LOCAL_TIME.format(time) : driver;
  }

  private static boolean plain(Object value) {
    return value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float
        || value instanceof BigDecimal
        || value instanceof BigInteger;
  }

  @Override
  public List<TableInfo> tables(boolean system) {
    if (!file.exists()) {
      return List.of();
    }
    return file.read(
        "list the tables of " + file.path(),
        connection -> {
          Sql sql = new Sql(connection, dataset);
          List<TableInfo> tables = new ArrayList<>();
          for (Catalog.Table table : Catalog.read(sql).tables()) {
            boolean ours =
                table.name().startsWith("_mr_") || table.name().startsWith(names.prefix() + "_");
            if (system || !ours) {
              tables.add(
                  new TableInfo(
                      table.name(),
                      sql.number("SELECT count(*) FROM " + sql.table(table.name())),
                      table.fields().stream()
                          .map(f -> new ColumnInfo(f.name(), f.type(), f.nullable()))
                          .toList()));
            }
          }
          return tables;
        });
  }
}
