package io.millrace.benchmarks;

import java.util.List;

/** The one command: {@code benchmarks/run [MODE] [OPTIONS]}. */
public final class Benchmarks {
  private Benchmarks() {}

  /** Ends with 0, with 2 when the command line is wrong, with 1 when a check failed. */
  public static void main(String[] args) {
    int code;
    try {
      code = run(Options.parse(List.of(args)));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n\n" + Options.USAGE);
      code = 2;
    } catch (Exception e) {
      e.printStackTrace();
      code = 1;
    }
    System.exit(code);
  }

  private static int run(Options options) throws Exception {
    if (options.mode().equals("help")) {
      System.out.println(Options.USAGE);
      return 0;
    }
    Report report =
        switch (options.mode()) {
          case "normalize" -> NormalizeBenchmark.run(options);
          case "duckdb" -> DuckDbBenchmark.run(options);
          case "load" -> LoadBenchmark.run(options);
          case "memory" -> MemoryBenchmark.run(options);
          case "rest" -> RestBenchmark.run(options);
          case "dlt" -> DltBenchmark.run(options);
          case "profile" -> ProfileBenchmark.run(options);
          default ->
              throw new IllegalArgumentException("Cannot measure: unknown mode: " + options.mode());
        };
    System.out.println(options.json() ? report.json() : report.markdown());
    return report.failed() ? 1 : 0;
  }
}
