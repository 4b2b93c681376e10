package io.millrace.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.millrace.activities.Progress;
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
import java.util.Arrays;
import java.util.List;

/**
 * Normalizing GitHub-like events into a sealed load package, against Jackson's bare tokenizer over the same bytes, in turn, by the thread's CPU time, because the machine may be busy. Prints the median of
 * the ratios of the second half of the rounds; the first half warms up.
 */
public final class NormalizeBenchmark {
  private static final int ROUNDS = 20;

  private NormalizeBenchmark() {}

  /** {@code [EVENTS]}, default 40,000: about 60 MB. */
  public static void main(String[] args) throws IOException {
    Path input = Files.createTempFile("millrace-benchmark", ".jsonl");
    Path output = Files.createTempFile("millrace-benchmark", ".package");
    try {
      GithubLike.write(input, args.length > 0 ? Long.parseLong(args[0]) : 40_000, 42);
      byte[] data = Files.readAllBytes(input);
      double megabytes = data.length / 1e6;
      double[] ours = new double[ROUNDS / 2];
      double[] theirs = new double[ROUNDS / 2];
      double[] ratios = new double[ROUNDS / 2];
      for (int round = 0; round < ROUNDS; round++) {
        long start = cpu();
        tokens(data);
        double jackson = megabytes / ((cpu() - start) / 1e9);
        start = cpu();
        normalize(data, output);
        double millrace = megabytes / ((cpu() - start) / 1e9);
        if (round >= ROUNDS / 2) {
          int counted = round - ROUNDS / 2;
          theirs[counted] = jackson;
          ours[counted] = millrace;
          ratios[counted] = millrace / jackson;
        }
      }
      System.out.printf(
          "%.0f MB of GitHub-like events, one thread: Jackson's tokenizer %.0f MB/s, normalize with package %.0f MB/s, ratio %.2f (%.2f to %.2f)%n",
          megabytes, median(theirs), median(ours), median(ratios), Arrays.stream(ratios).min().orElseThrow(), Arrays.stream(ratios).max().orElseThrow());
    } finally {
      Files.deleteIfExists(input);
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

  private static void normalize(byte[] data, Path output) {
    Project project =
        ProjectFile.read(
                """
                project: benchmark
                destination: {type: duckdb, path: benchmark.duckdb}
                sources: {files: {type: filesystem, bucket_url: ., resources: [{name: events, file_glob: "*.jsonl", format: jsonl}]}}
                """,
                "benchmark")
            .orThrow();
    Segment segment = new Segment("benchmark", "0", "files.events", null, "run", "1767225600.000000-00000000-0001-000001", 1, 1);
    RawPage page = new RawPage(RawPage.Format.JSONL, List.of(), "events.jsonl", 0, () -> new ByteArrayInputStream(data));
    Order order =
        new Order(
            project, project.sources().get(0), project.sources().get(0).resources().get(0), Schema.empty("files"), null, segment, 65_536);
    Normalizer.run(order, List.of(page), output, Progress.NONE);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
