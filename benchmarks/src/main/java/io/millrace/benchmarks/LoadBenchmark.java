package io.millrace.benchmarks;

import io.millrace.activities.destination.PostgresProcess;
import java.util.List;

/** Loads of packages into destinations, each against the floor of the same run. */
final class LoadBenchmark {
  private static final long BASE = 1_000_000;
  private static final int ROUNDS = 3;
  private static final String SCD2 = "write_disposition: {disposition: merge, strategy: scd2}";
  private static final String CDC =
      "primary_key: id, write_disposition: {disposition: merge, strategy: cdc}";

  /**
   * Durable as PostgreSQL is by default; memory and WAL as one would set them, so that checkpoints
   * do not fall into one measurement and not into the next.
   */
  private static final String[] SETTINGS = {
    "shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off"
  };

  private LoadBenchmark() {}

  static Report run(Options options) throws Exception {
    long base = options.recordsOr(BASE);
    int rounds = options.roundsOr(ROUNDS);
    Report report = new Report("Loads of packages, medians of " + rounds + " rounds");
    try (Workspace space = Workspace.open(options, 500 + base * 5 / 1000)) {
      if (options.engine() == null || options.engine().equals("postgres")) {
        postgres(options, report.table(Rivals.columns("PostgreSQL")), space, base, rounds);
      }
      if (options.engine() == null || options.engine().equals("duckdb")) {
        duckdb(options, report.table(Rivals.columns("DuckDB")), space, base, rounds);
      }
    }
    return report
        .note(
            "wall seconds, and CPU seconds of this process and of the server; ratio: median of the rounds' ratios, lower is better")
        .note("Java " + Runtime.version());
  }

  private static void postgres(
      Options options, Report report, Workspace space, long base, int rounds) throws Exception {
    space.enterable();
    try (PostgresProcess server =
        PostgresProcess.start(space.folder().resolve("postgres"), SETTINGS)) {
      if (server == null) {
        report.note("PostgreSQL skipped: no initdb (set MILLRACE_POSTGRES)");
        return;
      }
      PostgresLoads loads = new PostgresLoads(server, new Records(space.folder()), report, rounds);
      if (options.measures("postgres", "append")) {
        loads.append(Shape.GITHUB, base / 50);
        loads.append(Shape.NARROW, base / 4);
      }
      if (options.measures("postgres", "merge")) {
        List<String> hand = List.of("delete-insert", "merge", "on-conflict");
        loads.merge(Shape.NARROW, base, "delete-insert", hand);
        loads.merge(Shape.NARROW, base, "upsert", hand);
        loads.merge(Shape.GITHUB, base / 10, "delete-insert", List.of("nested"));
      }
      if (options.measures("postgres", "snapshot")) {
        loads.snapshot(Shape.NARROW, base / 4, "write_disposition: replace", "replace");
        loads.snapshot(Shape.NARROW, base / 4, SCD2, "scd2, a tenth changed");
        loads.snapshot(Shape.NARROW, base / 4, CDC, "cdc, a tenth changed");
      }
    }
  }

  private static void duckdb(Options options, Report report, Workspace space, long base, int rounds)
      throws Exception {
    DuckDbLoads loads =
        new DuckDbLoads(new Records(space.folder()), space.folder(), report, rounds);
    if (options.measures("duckdb", "append")) {
      loads.append(Shape.GITHUB, base / 25);
      loads.append(Shape.NARROW, base / 2);
    }
    if (options.measures("duckdb", "merge")) {
      loads.merge(Shape.NARROW, base, "delete-insert");
      loads.merge(Shape.NARROW, base, "upsert");
      loads.merge(Shape.GITHUB, base / 10, "delete-insert");
    }
    if (options.measures("duckdb", "snapshot")) {
      loads.snapshot(Shape.NARROW, base / 4, "write_disposition: replace", "replace");
      loads.snapshot(Shape.NARROW, base / 4, SCD2, "scd2, a tenth changed");
      loads.snapshot(Shape.NARROW, base / 4, CDC, "cdc, a tenth changed");
    }
  }
}
