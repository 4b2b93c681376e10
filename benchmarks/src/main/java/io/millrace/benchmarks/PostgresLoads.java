package io.millrace.benchmarks;

import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.PostgresProcess;
import io.millrace.activities.destination.postgres.PostgresDriver;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Loads into PostgreSQL, receipts, state and tables that are made included, against raw binary
 * {@code COPY} of prepared files into the same tables, and merges against the best SQL that we
 * could write by hand ({@link HandSql}).
 */
final class PostgresLoads {
  private final PostgresProcess server;
  private final Records records;
  private final Report report;
  private final int rounds;

  PostgresLoads(PostgresProcess server, Records records, Report report, int rounds) {
    this.server = server;
    this.records = records;
    this.report = report;
    this.rounds = rounds;
  }

  /** Two assets, one after the other on one connection and both at once on two. */
  void append(Shape shape, long each) throws Exception {
    Landing one = new Landing("one", "");
    Landing two = new Landing("two", "");
    Landing.Packed first = one.pack(records.of(shape, each, Shape.SEED), records.next(), null);
    Landing.Packed second = two.pack(records.of(shape, each, Shape.SEED + 1), records.next(), null);
    server.run("postgres", "CREATE DATABASE landing");
    Rivals single = new Rivals(server::cpu);
    Rivals both = new Rivals(server::cpu);
    long rows;
    try (PostgresDriver driver = new PostgresDriver();
        Connection connection = server.connect("landing");
        Statement statement = connection.createStatement()) {
      rows = one.load(loader(driver, "files_one"), first);
      rows += two.load(loader(driver, "files_two"), second);
      Map<String, CopyFiles> files = new LinkedHashMap<>();
      for (String dataset : List.of("one", "two")) {
        files.put(
            dataset,
            CopyFiles.of(
                connection, "files_" + dataset, records.folder("copy-" + dataset), Map.of()));
      }
      for (int round = 0; round <= rounds; round++) {
        statement.execute("CHECKPOINT");
        Rivals.Took floor = single.measure(() -> copy(connection, files));
        statement.execute("CHECKPOINT");
        Rivals.Took ours =
            single.measure(
                () -> {
                  one.load(loader(driver, "ours_one"), first);
                  two.load(loader(driver, "ours_two"), second);
                });
        statement.execute("CHECKPOINT");
        Rivals.Took parallel =
            single.measure(
                () ->
                    atOnce(
                        () -> one.load(loader(driver, "both_one"), first),
                        () -> two.load(loader(driver, "both_two"), second)));
        if (round == 0) {
          same(connection, "floor_one", connection, "ours_one");
          same(connection, "floor_two", connection, "both_two");
        } else {
          single.add(floor, ours);
          both.add(floor, parallel);
        }
        for (String kind : List.of("floor", "ours", "both")) {
          statement.execute("DROP SCHEMA " + kind + "_one, " + kind + "_two CASCADE");
        }
      }
    }
    server.run("postgres", "DROP DATABASE landing WITH (FORCE)");
    String what = "append, " + shape.title();
    single.report(report, what + ", one connection", rows, 1.5);
    both.report(report, what + ", two connections", rows, 1.1);
  }

  private void copy(Connection connection, Map<String, CopyFiles> files)
      throws SQLException, IOException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String dataset : files.keySet()) {
        statement.execute("CREATE SCHEMA floor_" + dataset);
        for (String table : files.get(dataset).files().keySet()) {
          String target = "floor_%s.\"%s\"".formatted(dataset, table);
          statement.execute(
              "CREATE TABLE %s (LIKE files_%s.\"%s\")".formatted(target, dataset, table));
          files.get(dataset).copy(connection, table, target);
        }
      }
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** A batch of a tenth, four fifths of which are there already. */
  void merge(Shape shape, long base, String strategy, List<String> hand) throws Exception {
    String hints =
        "primary_key: id, write_disposition: {disposition: merge, strategy: %s}"
            .formatted(strategy);
    Landing asset = new Landing("files", hints);
    Records.Split split = records.split(shape, base);
    Landing.Packed there = asset.pack(split.base(), records.next(), null);
    Landing.Packed batch = asset.pack(split.batch(), records.next(), there);
    server.run("postgres", "CREATE DATABASE base");
    try (PostgresDriver driver = new PostgresDriver()) {
      asset.load(loader(driver, "base", "bench"), there);
    }
    server.run("base", "VACUUM (ANALYZE, FREEZE)");
    Map<String, Rivals> rivals = new LinkedHashMap<>();
    hand.forEach(name -> rivals.put(name, new Rivals(server::cpu)));
    CopyFiles staged = null;
    long rows = 0;
    for (int round = 0; round <= rounds; round++) {
      copyOfBase("ours");
      Rivals.Took ours;
      try (PostgresDriver driver = new PostgresDriver()) {
        Loader loader = loader(driver, "ours", "bench");
        loader.read("benchmark", "files.events", null, "files", null); // connects
        long[] loaded = new long[1];
        ours = rivals.get(hand.get(0)).measure(() -> loaded[0] = asset.load(loader, batch));
        rows = loaded[0];
      }
      try (Connection merged = server.connect("ours")) {
        if (staged == null) {
          staged = staged(merged, batch);
        }
        for (String name : hand) {
          copyOfBase("hand");
          try (Connection connection = server.connect("hand")) {
            HandSql sql = HandSql.named(name);
            sql.prepare(connection);
            CopyFiles files = staged;
            Rivals.Took floor = rivals.get(name).measure(() -> sql.run(connection, files));
            if (round == 0) {
              same(connection, "bench", merged, "bench");
            } else {
              rivals.get(name).add(floor, ours);
            }
          }
          server.run("postgres", "DROP DATABASE hand WITH (FORCE)");
        }
      }
      server.run("postgres", "DROP DATABASE ours WITH (FORCE)");
    }
    server.run("postgres", "DROP DATABASE base WITH (FORCE)");
    for (String name : hand) {
      rivals
          .get(name)
          .report(
              report,
              "merge %s, %s, into %,d, against %s".formatted(strategy, shape.title(), base, name),
              rows,
              1.3);
    }
  }

  /**
   * A whole snapshot again, of which a tenth has changed, against raw COPY of all tables as the
   * load leaves them.
   */
  void snapshot(Shape shape, long base, String hints, String what) throws Exception {
    Landing asset = new Landing("files", hints);
    Landing.Packed first = asset.pack(records.of(shape, base, Shape.SEED), records.next(), null);
    Landing.Packed second = asset.pack(records.changed(shape, base), records.next(), first);
    server.run("postgres", "CREATE DATABASE base");
    try (PostgresDriver driver = new PostgresDriver()) {
      asset.load(loader(driver, "base", "bench"), first);
    }
    server.run("base", "VACUUM (ANALYZE, FREEZE)");
    Rivals rivals = new Rivals(server::cpu);
    for (int round = 0; round <= rounds; round++) {
      copyOfBase("ours");
      Rivals.Took ours;
      try (PostgresDriver driver = new PostgresDriver()) {
        Loader loader = loader(driver, "ours", "bench");
        loader.read("benchmark", "files.events", null, "files", null); // connects
        ours = rivals.measure(() -> asset.load(loader, second));
      }
      try (Connection connection = server.connect("ours");
          Statement statement = connection.createStatement()) {
        statement.execute("ALTER SCHEMA bench RENAME TO files_one");
        Map<String, CopyFiles> files =
            Map.of(
                "one", CopyFiles.of(connection, "files_one", records.folder("snapshot"), Map.of()));
        statement.execute("CHECKPOINT");
        Rivals.Took floor = rivals.measure(() -> copy(connection, files));
        if (round > 0) {
          rivals.add(floor, ours);
        }
      }
      server.run("postgres", "DROP DATABASE ours WITH (FORCE)");
    }
    server.run("postgres", "DROP DATABASE base WITH (FORCE)");
    rivals.report(report, what + ", " + shape.title(), base, null);
  }

  private void copyOfBase(String name) throws SQLException {
    server.run("postgres", "CREATE DATABASE " + name + " TEMPLATE base STRATEGY file_copy");
    server.run("postgres", "CHECKPOINT");
  }

  /** The rows that the batch brought, table by table. */
  private CopyFiles staged(Connection merged, Landing.Packed batch)
      throws SQLException, IOException {
    String load = "_mr_load_id = '%s'".formatted(Landing.loadId(batch.epoch()));
    Map<String, String> where = new LinkedHashMap<>();
    for (String table : CopyFiles.tables(merged, "bench")) {
      where.put(
          table,
          table.equals("events")
              ? "WHERE " + load
              : "WHERE _mr_root_id IN (SELECT _mr_id FROM bench.events WHERE " + load + ")");
    }
    return CopyFiles.of(merged, "bench", records.folder("staged-" + System.nanoTime()), where);
  }

  private Loader loader(PostgresDriver driver, String dataset) {
    return loader(driver, "landing", dataset);
  }

  private Loader loader(PostgresDriver driver, String database, String dataset) {
    return Loaders.postgres(driver, server, database, dataset);
  }

  private static void atOnce(Rivals.Work... works) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(works.length);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Rivals.Work work : works) {
        running.add(
            threads.submit(
                () -> {
                  work.run();
                  return null;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Refuses two datasets that differ in any cell. */
  private static void same(Connection one, String floor, Connection other, String ours)
      throws SQLException {
    List<String> tables = CopyFiles.tables(other, ours);
    if (!tables.equals(CopyFiles.tables(one, floor))) {
      throw new IllegalStateException(floor + " and " + ours + " have other tables");
    }
    for (String table : tables) {
      String sums =
          "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM %s.\"%s\" t";
      String left = one(one, sums.formatted(floor, table));
      String right = one(other, sums.formatted(ours, table));
      if (!left.equals(right)) {
        throw new IllegalStateException(
            "table %s: %s in %s, %s in %s".formatted(table, left, floor, right, ours));
      }
    }
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}
