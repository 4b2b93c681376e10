package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JSONL file into DuckDB: {@code millrace run} against dlt with its best settings, in turn, where
 * a Python that has dlt is given. Without one it says so and how to get it, and is no failure.
 */
final class DltBenchmark {
  private static final long EVENTS = 50_000;
  private static final int ROUNDS = 3;
  private static final String HOW =
      "get it with: python3 -m venv /tmp/dlt && /tmp/dlt/bin/pip install 'dlt[duckdb,parquet]==1.31.0' orjson, then: benchmarks/run dlt --python /tmp/dlt/bin/python";

  private DltBenchmark() {}

  static Report run(Options options) throws IOException, InterruptedException {
    long events = options.recordsOr(EVENTS);
    Report report =
        new Report("JSONL into DuckDB against dlt, %,d GitHub-like events".formatted(events));
    try (Workspace space = Workspace.open(options, 200 + events * 15 / 1000)) {
      String missing = missing(options, space.folder());
      if (missing != null) {
        return report.note("skipped: " + missing + " (" + HOW + ")");
      }
      report.table(
          "cores",
          "dlt s",
          "Millrace s",
          "times as fast",
          "dlt CPU s",
          "Millrace CPU s",
          "times less CPU",
          "dlt MiB",
          "Millrace MiB");
      Path file = space.folder().resolve("events.jsonl");
      Path script = space.folder().resolve("dlt_load.py");
      Shape.GITHUB.write(file, events);
      try (InputStream in = DltBenchmark.class.getResourceAsStream("dlt_load.py")) {
        Files.copy(in, script);
      }
      String version = "";
      for (int cores : options.coresOr(List.of(1, 2))) {
        version = measure(options, report, space, file, script, cores);
      }
      return report
          .note(
              "dlt "
                  + version
                  + ", parquet, orjson, as many workers as cores; its imports are not in its seconds, Millrace's JVM start is not in ours; both are in the CPU seconds")
          .note("medians of " + options.roundsOr(ROUNDS) + " rounds, in turn, pinned with taskset");
    }
  }

  private static String measure(
      Options options, Report report, Workspace space, Path file, Path script, int cores)
      throws IOException, InterruptedException {
    Product product = new Product(options, space.folder());
    product.configure("events.jsonl");
    List<Double> theirs = new ArrayList<>();
    List<Double> theirsCpu = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    List<Double> oursCpu = new ArrayList<>();
    double theirsMemory = 0;
    double oursMemory = 0;
    String version = "";
    for (int round = 0; round < options.roundsOr(ROUNDS); round++) {
      Path database = space.folder().resolve("dlt.duckdb");
      Files.deleteIfExists(database);
      Workspace.delete(space.folder().resolve("dlt.duckdb.dlt"));
      Child.Ran ran =
          Child.run(
                  space.folder(),
                  Map.of(),
                  Child.pinned(
                      cores,
                      List.of(
                          options.python().toString(),
                          script.toString(),
                          file.toString(),
                          database.toString(),
                          Integer.toString(cores))))
              .orThrow();
      JsonNode said = new ObjectMapper().readTree(ran.out().substring(ran.out().lastIndexOf('{')));
      theirs.add(said.path("seconds").asDouble());
      theirsCpu.add(ran.cpu());
      theirsMemory = Math.max(theirsMemory, ran.residentMegabytes());
      version = said.path("dlt").asText();
      double start = product.start(cores).seconds();
      Product.Loaded loaded = product.run(cores, "");
      ours.add(loaded.process().seconds() - start);
      oursCpu.add(loaded.process().cpu());
      oursMemory = Math.max(oursMemory, loaded.process().residentMegabytes());
    }
    report.row(
        cores,
        Report.median(theirs),
        Report.median(ours),
        Report.ratio(theirs, ours),
        Report.median(theirsCpu),
        Report.median(oursCpu),
        Report.ratio(theirsCpu, oursCpu),
        theirsMemory,
        oursMemory);
    return version;
  }

  /** Why dlt cannot be measured; {@code null} when it can. */
  private static String missing(Options options, Path folder)
      throws IOException, InterruptedException {
    if (options.python() == null) {
      return "no Python was given";
    }
    if (!Files.isExecutable(options.python())) {
      return "there is no such program: " + options.python();
    }
    Child.Ran ran =
        Child.run(
            folder,
            Map.of(),
            List.of(options.python().toString(), "-c", "import dlt, duckdb, pyarrow"));
    return ran.exit() == 0 ? null : options.python() + " has no dlt with duckdb and parquet";
  }
}
