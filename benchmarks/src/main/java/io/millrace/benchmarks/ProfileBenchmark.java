package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the time of {@code millrace run} goes: samples of the JVM's flight recorder, by step, by
 * package and by method of the innermost frame. Native methods are DuckDB and zstd; what the
 * compiler and the garbage collector take is not in the samples and is told beside them.
 */
final class ProfileBenchmark {
  private static final long EVENTS = 250_000;
  private static final int LINES = 25;

  private final Map<String, Long> steps = new HashMap<>();
  private final Map<String, Long> packages = new HashMap<>();
  private final Map<String, Long> methods = new HashMap<>();
  private long samples;
  private double compiler;

  private ProfileBenchmark() {}

  static Report run(Options options) throws IOException, InterruptedException {
    long events = options.recordsOr(EVENTS);
    try (Workspace space = Workspace.open(options, 100 + events * 8 / 1000)) {
      Shape.GITHUB.write(space.folder().resolve("events.jsonl"), events);
      Product product = new Product(options, space.folder());
      product.configure("events.jsonl");
      Path recording = space.folder().resolve("run.jfr");
      int cores = options.coresOr(List.of(1)).get(0);
      Product.Loaded loaded =
          product.run(
              cores, "-XX:StartFlightRecording=filename=" + recording + ",settings=profile");
      ProfileBenchmark profile = new ProfileBenchmark();
      profile.read(recording);
      Report report =
          new Report(
              "Self time of `millrace run`, %,d GitHub-like events, %d cores"
                  .formatted(events, cores));
      profile.top(report, "step", profile.steps);
      profile.top(report, "package", profile.packages);
      profile.top(report, "method", profile.methods);
      return report
          .note(
              profile.samples
                  + " samples; `native` frames stand for what they call: DuckDB, zstd, the file system")
          .note(
              "the process took %.1f s and %.1f s of CPU; the just-in-time compiler's threads were busy for %.1f s"
                  .formatted(loaded.process().seconds(), loaded.process().cpu(), profile.compiler));
    }
  }

  private void read(Path recording) throws IOException {
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        String type = event.getEventType().getName();
        if (type.equals("jdk.CompilerStatistics")) {
          compiler = event.getDuration("totalTimeSpent").toMillis() / 1000.0;
        }
        boolean nativeCode = type.equals("jdk.NativeMethodSample");
        if ((nativeCode || type.equals("jdk.ExecutionSample")) && event.getStackTrace() != null) {
          sample(event.getStackTrace().getFrames(), nativeCode);
        }
      }
    }
  }

  private void sample(List<RecordedFrame> frames, boolean nativeCode) {
    String type = frames.get(0).getMethod().getType().getName();
    String method = type + "." + frames.get(0).getMethod().getName();
    if (nativeCode && waiting(method)) {
      return;
    }
    samples++;
    String mark = nativeCode ? " (native)" : "";
    methods.merge(method + mark, 1L, Long::sum);
    packages.merge(type.substring(0, Math.max(0, type.lastIndexOf('.'))) + mark, 1L, Long::sum);
    steps.merge(step(frames), 1L, Long::sum);
  }

  /** Native methods that wait for something look busy to the recorder. */
  private static boolean waiting(String method) {
    return method.contains("EPoll")
        || method.contains(".accept")
        || method.contains(".park")
        || method.contains("Object.wait");
  }

  /** Which activity it was for; outside of them it is start and Temporal. */
  private static String step(List<RecordedFrame> frames) {
    for (RecordedFrame frame : frames) {
      String type = frame.getMethod().getType().getName();
      if (type.startsWith("io.millrace.activities.") && type.endsWith("ActivityImpl")) {
        String name = type.substring(type.lastIndexOf('.') + 1).replace("ActivityImpl", "");
        if (!name.equals("Step")) {
          return name.toLowerCase(java.util.Locale.ROOT);
        }
      }
    }
    return "start, Temporal, everything else";
  }

  private void top(Report report, String what, Map<String, Long> counts) {
    report.table(what, "% of samples");
    Function<Long, Double> percent = n -> 100.0 * n / samples;
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(LINES)
        .forEach(entry -> report.row(entry.getKey(), percent.apply(entry.getValue())));
  }
}
