package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JSONL file of GitHub-like events into DuckDB: {@code millrace run} with all it does, against
 * SQL in which DuckDB reads the file itself, on the same processors, in turn. Both make the same
 * tables, which is checked.
 */
final class DuckDbBenchmark {
  private static final long EVENTS = 250_000;
  private static final int ROUNDS = 5;

  private DuckDbBenchmark() {}

  /** Per round, in seconds. */
  private record Times(
      List<Double> sql,
      List<Double> sqlCpu,
      List<Double> ours,
      List<Double> oursCpu,
      List<Double> start,
      List<Double> run) {
    Times() {
      this(
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }
  }

  static Report run(Options options) throws IOException, InterruptedException, SQLException {
    long events = options.recordsOr(EVENTS);
    try (Workspace space = Workspace.open(options, 2 + events * 8 / 1000)) {
      Path file = space.folder().resolve("events.jsonl");
      double megabytes = Shape.GITHUB.write(file, events) / 1e6;
      Product product = new Product(options, space.folder());
      product.configure("events.jsonl");
      Path database = space.folder().resolve("sql.duckdb");
      Report report =
          new Report(
                  "JSONL into DuckDB, %,d GitHub-like events, %.0f MB".formatted(events, megabytes))
              .table(
                  "cores",
                  "SQL s",
                  "Millrace s",
                  "ratio",
                  "SQL CPU s",
                  "Millrace CPU s",
                  "CPU ratio",
                  "JVM start s",
                  "run says s",
                  "SQL file MB",
                  "Millrace file MB");
      for (int cores : options.coresOr(List.of(1, 2))) {
        Times times = new Times();
        double oursSize = 0;
        double theirsSize = 0;
        for (int round = 0; round < options.roundsOr(ROUNDS); round++) {
          sql(options, file, database, cores, times);
          double start = product.start(cores).seconds();
          Product.Loaded loaded = product.run(cores, "");
          times.start().add(start);
          times.ours().add(loaded.process().seconds() - start);
          times.oursCpu().add(loaded.process().cpu());
          times.run().add(loaded.seconds());
          oursSize = Files.size(product.database()) / 1e6;
          theirsSize = Files.size(database) / 1e6;
          if (round == 0) {
            compare(report, product.database(), database);
          }
        }
        report.row(
            cores,
            Report.median(times.sql()),
            Report.median(times.ours()),
            Report.ratio(times.ours(), times.sql()),
            Report.median(times.sqlCpu()),
            Report.median(times.oursCpu()),
            Report.ratio(times.oursCpu(), times.sqlCpu()),
            Report.median(times.start()),
            Report.median(times.run()),
            theirsSize,
            oursSize);
      }
      return report
          .note(
              "medians of "
                  + options.roundsOr(ROUNDS)
                  + " rounds, in turn, pinned with taskset; ratio: median of the rounds' ratios, lower is better")
          .note(
              "SQL s: inside its JVM, from before the database is opened until it is closed, SQL CPU s with its JVM's start. Millrace s: the whole process less JVM start s, which is the same launcher with --version. Class loading beyond that, just-in-time compilation and the embedded Temporal server count as ours")
          .note("Java " + Runtime.version() + ", DuckDB " + engine());
    }
  }

  private static void sql(Options options, Path file, Path database, int cores, Times times)
      throws IOException, InterruptedException {
    Files.deleteIfExists(database);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SqlProcess.class.getName(),
            database.toString(),
            file.toString(),
            Integer.toString(cores));
    Child.Ran ran = Child.run(file.getParent(), Map.of(), Child.pinned(cores, command)).orThrow();
    times.sql().add(Double.parseDouble(ran.out().strip()));
    times.sqlCpu().add(ran.cpu());
  }

  private static String engine() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT version()")) {
      result.next();
      return result.getString(1);
    }
  }

  private static void compare(Report report, Path ours, Path theirs) throws SQLException {
    try (SameTables tables = new SameTables(ours, theirs)) {
      List<String> differences = tables.differences();
      if (differences.isEmpty()) {
        report.note(
            "the two databases hold the same: "
                + tables.columns()
                + " columns compared, 0 differences");
      } else {
        report.fail(
            "the two databases differ: "
                + differences.subList(0, Math.min(10, differences.size())));
      }
    }
  }
}
