package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Ledger;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Loaded;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.Loader.Rows;
import io.millrace.activities.destination.Loader.Span;
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
        handle -> {
          Sql sql = dataset.sql(handle);
          SystemTables system = new SystemTables(sql, names);
          Catalog catalog = Catalog.read(sql);
          system.check(catalog);
          if (catalog.table(SystemNames.STATE) == null
              || catalog.table(SystemNames.RECEIPTS) == null) {
            return new Stored(0, 0, null, Schema.empty(source));
          }
          States states = new States(sql);
          States.State state = states.read(project, asset, partition, refresh != null);
          if (catalog.table(names.version()) == null) {
            refuseWithoutSchema(asset, state);
            return new Stored(0, 0, null, Schema.empty(source));
          }
          states.refuseOtherProjects(project, source);
          return new Stored(
              state.epoch(),
              state.seq(),
              refresh == null ? state.checkpoint() : null,
              Forget.preview(refresh, new Schemas(sql, names).newest(source), asset, names),
              new BoundaryKeysTable(sql, system, catalog).read(project, asset, partition));
        });
  }

  private void refuseWithoutSchema(String asset, States.State state) {
    if (state.there()) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load %s: its state is there, but not table %s, which says what its tables are (put that back; if system_prefix was changed, change it back; or take another dataset)"
              .formatted(asset, names.version()));
    }
  }

  @Override
  public Committed load(Order order, LoadPackage load, Progress progress) {
    return database.write(
        "load %s into %s".formatted(order.segment().asset(), database.place()),
        order,
        load,
        progress,
        handle -> {
          Sql sql = dataset.sql(handle);
          RowMover rows = load == null ? null : database.rows(sql, load, progress);
          try {
            Committed committed =
                order.renormalized() == null
                    ? new LoadTransaction(sql, names, order, load, rows).run()
                    : new RenormalizeTransaction(sql, names, order, load, rows).run();
            if (committed.replayed()) {
              handle.rollback();
              return committed;
            }
            FaultPoint.hit(FaultPoint.BEFORE_COMMIT);
            handle.commit();
            FaultPoint.hit(FaultPoint.AFTER_COMMIT);
            return committed;
          } catch (IOException | RuntimeException | Error e) {
            Dataset.rollback(handle, e);
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
    T of(Loads loads);
  }

  @Override
  public void probe() {
    database.tryToWrite(
        "write into " + database.place(),
        handle -> {
          Sql sql = dataset.sql(handle);
          try {
            String table = sql.table("_mr_probe_" + UUID.randomUUID().toString().replace("-", ""));
            sql.dialect().createDataset(sql);
            sql.run("CREATE TABLE " + table + " (written BOOLEAN)");
            sql.run("INSERT INTO " + table + " VALUES (true)");
            sql.run("DROP TABLE " + table);
            return null;
          } finally {
            handle.rollback();
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
    return database.read(
        what,
        false,
        handle -> {
          Sql reading = dataset.sql(handle);
          database.dialect().enter(reading);
          if (!database.reads(reading, sql)) {
            throw new MillraceException(
                Failure.CONFIG_INVALID,
                "Cannot %s: %s refuses the statement: it runs read-only and is not one that reads: SELECT and its like, SHOW or EXPLAIN (it may only read; `millrace tables` lists what is there)"
                    .formatted(what, database.dialect().engine()));
          }
          try (Statement statement = handle.getConnection().createStatement()) {
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
        handle -> {
          Sql sql = dataset.sql(handle);
          List<TableInfo> tables = new ArrayList<>();
          for (Catalog.Table table : Catalog.read(sql).tables()) {
            if (system || !names.ours(table.name())) {
              tables.add(
                  new TableInfo(
                      table.name(),
                      sql.select("SELECT count(*) FROM " + sql.table(table.name()))
                          .mapTo(Long.class)
                          .one(),
                      table.fields().stream()
                          .map(f -> new ColumnInfo(f.name(), f.type(), f.nullable()))
                          .toList()));
            }
          }
          return tables;
        });
  }
}
