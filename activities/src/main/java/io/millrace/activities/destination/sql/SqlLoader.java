package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Ledger;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.SystemNames;
import io.millrace.run.Refresh;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Loads into one dataset of a database. Everything that writes is a {@link LoadTransaction}. */
public final class SqlLoader implements Loader {
  /** Rows that a driver that can holds at once. */
  private static final int FETCH = 1_000;

  private final Database database;
  private final Dataset dataset;
  private final SystemNames names;

  public SqlLoader(Database database, String dataset, SystemNames names) {
    this.database = database;
    this.dataset = new Dataset(database, dataset, names);
    this.names = names;
  }

  @Override
  public Stored read(
      String project, String asset, String partition, String source, Refresh refresh) {
    if (!database.exists()) {
      return new Stored(0, 0, null, Schema.empty(source));
    }
    return database.read(
        "read the state of %s in %s".formatted(asset, database.place()),
        true,
        connection -> {
          Sql sql = dataset.sql(connection);
          SystemTables system = new SystemTables(sql, names);
          Catalog catalog = Catalog.read(sql);
          system.check(catalog);
          if (catalog.table(SystemNames.STATE) == null || catalog.table(names.version()) == null) {
            return new Stored(0, 0, null, Schema.empty(source));
          }
          system.refuseOtherProjects(project, source);
          SystemTables.State state = system.state(project, asset, partition, refresh != null);
          return new Stored(
              state.epoch(),
              state.seq(),
              refresh == null ? state.checkpoint() : null,
              Forget.preview(refresh, system.schema(source), asset, names),
              new BoundaryKeysTable(sql, catalog).read(project, asset, partition));
        });
  }

  @Override
  public Committed load(Order order, LoadPackage load, Progress progress) {
    return database.write(
        "load %s into %s".formatted(order.segment().asset(), database.place()),
        order,
        load,
        progress,
        connection -> {
          Sql sql = dataset.sql(connection);
          RowMover rows = load == null ? null : database.rows(sql, load, progress);
          try {
            Committed committed =
                order.renormalized() == null
                    ? new LoadTransaction(sql, names, order, load, rows).run()
                    : new RenormalizeTransaction(sql, names, order, load, rows).run();
            if (committed.replayed()) {
              connection.rollback();
              return committed;
            }
            FaultPoint.hit(FaultPoint.BEFORE_COMMIT);
            connection.commit();
            FaultPoint.hit(FaultPoint.AFTER_COMMIT);
            return committed;
          } catch (SQLException | IOException | RuntimeException | Error e) {
            Dataset.rollback(connection, e);
            throw e;
          }
        });
  }

  @Override
  public Span newest(String project, String asset, String table) {
    return ask(
        asset,
        null,
        loads -> table == null ? loads.window(project, asset) : loads.run(project, asset, table));
  }

  @Override
  public List<Loaded> loads(String project, String asset, Span span, int limit) {
    return ask(asset, List.of(), loads -> loads.in(project, asset, span, limit));
  }

  @Override
  public Rows rowsOf(String loadId, String table, List<String> columns, String after, int limit) {
    return ask(
        table,
        new Rows(List.of(), List.of()),
        loads -> loads.rows(loadId, table, columns, after, limit));
  }

  @Override
  public Ledger ledger() {
    return new SqlLedger(dataset);
  }

  /** Asks what was loaded; {@code none} when nothing ever was. */
  private <T> T ask(String what, T none, Question<T> question) {
    return dataset.ask(
        "read the loads of " + what,
        true,
        none,
        (sql, catalog) -> question.of(new Loads(sql, names, catalog)));
  }

  private interface Question<T> {
    T of(Loads loads) throws SQLException;
  }

  @Override
  public void probe() {
    database.tryToWrite(
        "write into " + database.place(),
        connection -> {
          Sql sql = dataset.sql(connection);
          try {
            String table = sql.table("_mr_probe_" + UUID.randomUUID().toString().replace("-", ""));
            sql.dialect().createDataset(sql);
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
    String what = "query " + database.place();
    if (!database.exists()) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot %s: there is no such file: %s (run something first)"
              .formatted(what, database.place()));
    }
    database.refuseMany(what, sql);
    return database.read(
        what,
        false,
        connection -> {
          database.dialect().enter(dataset.sql(connection));
          try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            if (!statement.execute(sql)) {
              return new Rows(List.of(), List.of());
            }
            try (ResultSet result = statement.getResultSet()) {
              return Results.rows(result, limit);
            }
          } catch (SQLException e) {
            throw database.ofStatement(what, e);
          }
        });
  }

  @Override
  public List<TableInfo> tables(boolean system) {
    if (!database.exists()) {
      return List.of();
    }
    return database.read(
        "list the tables of " + database.place(),
        false,
        connection -> {
          Sql sql = dataset.sql(connection);
          List<TableInfo> tables = new ArrayList<>();
          for (Catalog.Table table : Catalog.read(sql).tables()) {
            if (system || !names.ours(table.name())) {
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
