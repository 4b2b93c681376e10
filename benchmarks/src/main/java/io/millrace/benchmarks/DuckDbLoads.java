package io.millrace.benchmarks;

import io.millrace.activities.destination.duckdb.DuckDbDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Loads into DuckDB, receipts, state and the closing of the file included, against DuckDB writing
 * the same rows that it has in another file already: {@code CREATE TABLE … AS} for whole tables,
 * {@code INSERT … SELECT} for a batch. Both with one thread, as the product has it.
 */
final class DuckDbLoads {
  private final Records records;
  private final Report report;
  private final int rounds;
  private final Path folder;

  DuckDbLoads(Records records, Path folder, Report report, int rounds) {
    this.records = records;
    this.folder = folder;
    this.report = report;
    this.rounds = rounds;
  }

  void append(Shape shape, long each) throws Exception {
    Landing asset = new Landing("files", "");
    Landing.Packed packed = asset.pack(records.of(shape, each, Shape.SEED), records.next(), null);
    Path from = folder.resolve("from.duckdb");
    Rivals rivals = new Rivals(() -> 0);
    try (DuckDbDriver driver = new DuckDbDriver()) {
      long rows = asset.load(Loaders.duckdb(driver, from), packed);
      for (int round = 0; round <= rounds; round++) {
        Path theirs = folder.resolve("floor.duckdb");
        Path ours = folder.resolve("ours.duckdb");
        Rivals.Took floor = rivals.measure(() -> copy(from, theirs, "CREATE TABLE %s AS FROM %s"));
        Rivals.Took took = rivals.measure(() -> asset.load(Loaders.duckdb(driver, ours), packed));
        if (round > 0) {
          rivals.add(floor, took);
        }
        Files.delete(theirs);
        Files.delete(ours);
      }
      rivals.report(report, "append, " + shape.title(), rows, 1.6);
    }
    Files.delete(from);
  }

  /** A batch of a tenth, four fifths of which are there already. */
  void merge(Shape shape, long base, String strategy) throws Exception {
    Landing asset =
        new Landing(
            "files",
            "primary_key: id, write_disposition: {disposition: merge, strategy: %s}"
                .formatted(strategy));
    Records.Split split = records.split(shape, base);
    Landing.Packed first = asset.pack(split.base(), records.next(), null);
    Landing.Packed second = asset.pack(split.batch(), records.next(), first);
    again(
        "merge %s, %s, into %,d".formatted(strategy, shape.title(), base),
        asset,
        first,
        second,
        "INSERT INTO %s FROM %s",
        4.0);
  }

  /** A whole snapshot again, of which a tenth has changed: what judges by absence needs it whole. */
  void snapshot(Shape shape, long base, String hints, String what) throws Exception {
    Landing asset = new Landing("files", hints);
    Landing.Packed first = asset.pack(records.of(shape, base, Shape.SEED), records.next(), null);
    Landing.Packed second = asset.pack(records.changed(shape, base), records.next(), first);
    again(what + ", " + shape.title(), asset, first, second, "CREATE TABLE %s AS FROM %s", null);
  }

  /** The second load of an asset, each time into a copy of what the first left. */
  private void again(
      String what,
      Landing asset,
      Landing.Packed first,
      Landing.Packed second,
      String floorSql,
      Double aim)
      throws Exception {
    Path base = folder.resolve("base.duckdb");
    Path batch = folder.resolve("batch.duckdb");
    Path theirs = folder.resolve("floor.duckdb");
    Path ours = folder.resolve("ours.duckdb");
    boolean into = floorSql.startsWith("INSERT");
    Rivals rivals = new Rivals(() -> 0);
    try (DuckDbDriver driver = new DuckDbDriver()) {
      asset.load(Loaders.duckdb(driver, base), first);
      Files.copy(base, batch);
      long rows = asset.load(Loaders.duckdb(driver, batch), second);
      if (into) {
        keepOnly(batch, Landing.loadId(second.epoch()));
      }
      for (int round = 0; round <= rounds; round++) {
        if (into) {
          Files.copy(base, theirs, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.copy(base, ours, StandardCopyOption.REPLACE_EXISTING);
        Rivals.Took floor = rivals.measure(() -> copy(batch, theirs, floorSql));
        Rivals.Took took = rivals.measure(() -> asset.load(Loaders.duckdb(driver, ours), second));
        if (round > 0) {
          rivals.add(floor, took);
        }
        Files.delete(theirs);
      }
      rivals.report(report, what, rows, aim);
    }
    for (Path file : List.of(base, batch, ours)) {
      Files.delete(file);
    }
  }

  /** Leaves the rows of a load in a file that was merged into already. */
  private static void keepOnly(Path file, String loadId) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM bench.events WHERE _mr_load_id <> '" + loadId + "'");
      for (String table : tables(statement, "main")) {
        if (!table.equals("events")) {
          statement.execute(
              "DELETE FROM bench.\"%s\" WHERE _mr_root_id NOT IN (SELECT _mr_id FROM bench.events)"
                  .formatted(table));
        }
      }
    }
  }

  /** Opens the file, writes in one transaction and closes it, as a load does. */
  private static void copy(Path from, Path to, String sql) throws SQLException, IOException {
    Properties settings = new Properties();
    settings.setProperty("threads", "1");
    settings.setProperty("preserve_insertion_order", "false");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + to, settings);
        Statement statement = connection.createStatement()) {
      statement.execute("ATTACH '" + from + "' AS source (READ_ONLY)");
      List<String> tables = tables(statement, "source");
      statement.execute("BEGIN");
      statement.execute("CREATE SCHEMA IF NOT EXISTS bench");
      for (String table : tables) {
        statement.execute(
            sql.formatted("bench.\"" + table + "\"", "source.bench.\"" + table + "\""));
      }
      statement.execute("COMMIT");
    }
  }

  /**
   * @param database {@code main} for that of the file
   */
  private static List<String> tables(Statement statement, String database) throws SQLException {
    String where =
        database.equals("main")
            ? "database_name = current_database()"
            : "database_name = '" + database + "'";
    List<String> tables = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT table_name FROM duckdb_tables() WHERE %s AND schema_name = 'bench' AND NOT starts_with(table_name, '_mr_')"
                .formatted(where))) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }
}
