package io.millrace.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.json.PackageVersion;
import io.millrace.activities.Progress;
import io.millrace.activities.normalize.Identifiers;
import io.millrace.activities.normalize.Normalizer;
import io.millrace.activities.normalize.Order;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Normalizing records into a sealed load package, against Jackson's bare tokenizer over the same
 * bytes, in turn, by the thread's CPU time, because the machine may be busy; and the same with a
 * thread that writes the batches and one that reads every second part: by the first one's CPU time
 * and by the clock. The first half of the rounds warms up, the second counts.
 */
public final class NormalizeBenchmark {
  private static final int ROUNDS = 10;
  private static final long EVENTS = 40_000; // about 60 MB

  private NormalizeBenchmark() {}

  /** {@code [EVENTS]}: the GitHub-like events only, one line. */
  public static void main(String[] args) throws IOException {
    long events = args.length > 0 ? Long.parseLong(args[0]) : EVENTS;
    Measured m = measure(Shape.GITHUB, events, ROUNDS);
    System.out.printf(
        "%.0f MB of GitHub-like events, one thread: Jackson's tokenizer %.0f MB/s, normalize with package %.0f MB/s, ratio %.2f (%.2f to %.2f)%n",
        m.megabytes(),
        Report.median(m.tokens()),
        Report.median(m.normalize()),
        m.ratio(),
        m.worst(),
        m.best());
  }

  static Report run(Options options) throws IOException {
    Report report =
        new Report("Normalize, up to the sealed package, against Jackson's bare tokenizer")
            .table(
                "shape",
                "MB",
                "Jackson tokens MB/s",
                "normalize MB/s",
                "ratio",
                "worst",
                "best",
                "with others: first thread's CPU",
                "with others: wall");
    for (Shape shape : Shape.values()) {
      long records = shape.recordsLike(options.recordsOr(EVENTS));
      Measured m = measure(shape, records, options.roundsOr(ROUNDS));
      report.row(
          shape.title(),
          m.megabytes(),
          Report.median(m.tokens()),
          Report.median(m.normalize()),
          m.ratio(),
          m.worst(),
          m.best(),
          Report.median(m.first()),
          Report.median(m.wall()));
    }
    return report
        .note(
            "MB/s of one thread's CPU time, medians; ratio: median of the rounds' ratios, higher is better")
        .note(
            "with others: CPU time of the first of the threads, and wall time, as a part of one thread's; lower is better, and wall time means something only where a core is free")
        .note("Jackson " + PackageVersion.VERSION + ", Java " + Runtime.version());
  }

  /**
   * MB/s per round.
   *
   * @param first CPU time of the first of two threads, as a part of that of one alone
   * @param wall the same by the clock
   */
  private record Measured(
      double megabytes,
      List<Double> tokens,
      List<Double> normalize,
      List<Double> first,
      List<Double> wall) {
    Measured(double megabytes) {
      this(megabytes, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    double ratio() {
      return Report.ratio(normalize, tokens);
    }

    double worst() {
      return Collections.min(ratios());
    }

    double best() {
      return Collections.max(ratios());
    }

    private List<Double> ratios() {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < tokens.size(); i++) {
        ratios.add(normalize.get(i) / tokens.get(i));
      }
      return ratios;
    }
  }

  private static Measured measure(Shape shape, long records, int rounds) throws IOException {
    byte[] data = shape.bytes(records);
    Path output = Files.createTempFile("millrace-benchmark", ".package");
    try {
      Measured measured = new Measured(data.length / 1e6);
      for (int round = 0; round < 2 * rounds; round++) {
        long start = cpu();
        tokens(data);
        long tokens = cpu() - start;
        Timed one = normalize(data, output, 1);
        Timed two = normalize(data, output, 2);
        if (round >= rounds) {
          measured.tokens().add(data.length / 1e6 / (tokens / 1e9));
          measured.normalize().add(data.length / 1e6 / (one.cpu / 1e9));
          measured.first().add((double) two.cpu / one.cpu);
          measured.wall().add((double) two.wall / one.wall);
        }
      }
      return measured;
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static long tokens(byte[] data) throws IOException {
    long count = 0;
    try (JsonParser parser = new JsonFactory().createParser(data)) {
      while (parser.nextToken() != null) {
        count++;
      }
    }
    return count;
  }

  /** Nanoseconds of the calling thread, and of the clock. */
  private record Timed(long cpu, long wall) {}

  /**
   * Into a new file, as every package is: a file that is emptied and written again is forced to the
   * disk by some file systems.
   */
  private static Timed normalize(byte[] data, Path output, int threads) throws IOException {
    Files.deleteIfExists(output);
    long start = cpu();
    long clock = System.nanoTime();
    write(data, output, threads);
    return new Timed(cpu() - start, System.nanoTime() - clock);
  }

  private static void write(byte[] data, Path output, int threads) {
    System.setProperty("millrace.normalize.threads", Integer.toString(threads));
    Project project =
        ProjectFile.read(
                """
                project: benchmark
                destination: {type: duckdb, path: benchmark.duckdb}
                sources: {files: {type: filesystem, bucket_url: ., resources: [{name: events, file_glob: "*.jsonl", format: jsonl}]}}
                """,
                "benchmark")
            .orThrow();
    Segment segment =
        new Segment(
            "benchmark",
            "0",
            "files.events",
            null,
            "run",
            "1767225600.000000-00000000-0001-000001",
            1,
            1);
    RawPage page =
        new RawPage(
            RawPage.Format.JSONL,
            List.of(),
            "events.jsonl",
            0,
            () -> new ByteArrayInputStream(data));
    Order order =
        new Order(
            project,
            project.sources().get(0),
            project.sources().get(0).resources().get(0),
            Schema.empty("files"),
            null,
            segment,
            new Identifiers(65_536, false, Set.of()),
            null);
    Normalizer.run(order, List.of(page), output, Progress.NONE);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
