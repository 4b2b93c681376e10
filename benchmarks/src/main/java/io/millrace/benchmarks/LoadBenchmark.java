package io.millrace.benchmarks;

import java.util.List;

/** Loads of packages into destinations, each against the floor of the same run. */
final class LoadBenchmark {
  private static final long BASE = 1_000_000;
  private static final int ROUNDS = 3;

  private LoadBenchmark() {}

  static Report run(Options options) throws Exception {
    long base = options.recordsOr(BASE);
    int rounds = options.roundsOr(ROUNDS);
    Report report = new Report("Loads, medians of " + rounds + " rounds");
    try (Workspace space = Workspace.open(options, 500 + base * 5 / 1000)) {
      if (options.measures("postgres")) {
        postgres(report.table(Rivals.COLUMNS), space, base, rounds);
      }
    }
    return report.note("Java " + Runtime.version());
  }

  private static void postgres(Report report, Workspace space, long base, int rounds)
      throws Exception {
    space.enterable();
    try (PostgresProcess server = PostgresProcess.start(space.folder().resolve("postgres"))) {
      if (server == null) {
        report.note("PostgreSQL skipped: no initdb (set MILLRACE_POSTGRES)");
        return;
      }
      PostgresLoads loads =
          new PostgresLoads(server, new Records(space.folder()), report, rounds);
      loads.append(Shape.GITHUB, base / 50, false);
      loads.append(Shape.NARROW, base / 4, false);
      loads.merge(
          Shape.NARROW, base, "delete-insert", List.of("delete-insert", "merge", "on-conflict"));
      loads.merge(Shape.NARROW, base, "upsert", List.of("delete-insert", "merge", "on-conflict"));
      loads.merge(Shape.GITHUB, base / 10, "delete-insert", List.of("nested"));
    }
  }
}
