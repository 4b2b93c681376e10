package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A large file, and a small one with one large record in it, through {@code millrace run} with a
 * small heap: peak resident memory of all its processes, and whether the heap stays flat, which is
 * what is left after each collection in the second and in the last quarter of the run.
 */
final class MemoryBenchmark {
  private static final double MAX_RESIDENT = 1.2 * 1024;
  private static final Pattern AFTER = Pattern.compile("\\d+M->(\\d+)M\\(\\d+M\\)");
  private static final int PART = 50_000;

  private MemoryBenchmark() {}

  static Report run(Options options) throws IOException, InterruptedException {
    Report report =
        new Report("Peak memory of `millrace run` with a heap of " + options.heap())
            .table(
                "input",
                "MB",
                "seconds",
                "rows",
                "resident MiB",
                "heap after GC, 2nd quarter MiB",
                "last quarter MiB",
                "limit 1.2 GiB");
    try (Workspace space = Workspace.open(options, 2_000 + options.megabytes() * 5 / 2)) {
      Path file = space.folder().resolve("events.jsonl");
      measure(options, report, space, "one large file", many(file, options.megabytes()));
      Files.delete(file);
      measure(options, report, space, "one large record", one(file, options.recordMegabytes()));
    }
    return report.note(
        "resident: sum of VmHWM of the process and its children; Java " + Runtime.version());
  }

  private static void measure(
      Options options, Report report, Workspace space, String input, double megabytes)
      throws IOException, InterruptedException {
    Product product = new Product(options, space.folder());
    Path log = space.folder().resolve("gc.log");
    product.configure("events.jsonl");
    limits(space.folder().resolve("millrace.yaml"));
    Product.Loaded loaded = product.run(0, "-Xlog:gc:file=" + log + ":uptime");
    List<Double> heap = heap(log);
    double resident = loaded.process().residentMegabytes();
    long rows = 0;
    for (JsonNode count : loaded.asset().path("rows")) {
      rows += count.asLong();
    }
    boolean within = resident > 0 && resident <= MAX_RESIDENT;
    report.row(
        input,
        megabytes,
        loaded.process().seconds(),
        rows,
        resident,
        quarter(heap, 1),
        quarter(heap, 3),
        within ? "within" : "over");
    if (!within) {
      report.fail(input + " took " + Math.round(resident) + " MiB");
    }
    product.clean();
    Files.deleteIfExists(log);
  }

  /** Lets a record be as large as it likes. */
  private static void limits(Path config) throws IOException {
    String text = Files.readString(config);
    Files.writeString(
        config, text.replace("    resources:", "    limits: {record_bytes: 1GB}\n    resources:"));
  }

  /** The events of so many MB, made in parts with a seed each; returns the megabytes. */
  private static double many(Path file, long megabytes) throws IOException {
    long bytes = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      for (long seed = Shape.SEED; bytes < megabytes * 1_000_000; seed++) {
        long left = megabytes * 1_000_000 - bytes;
        bytes += Shape.GITHUB.write(out, Math.min(PART, 1 + left / 1_500), seed);
      }
    }
    return bytes / 1e6;
  }

  /** One record whose list has as many events as make so many MB; returns the megabytes. */
  private static double one(Path file, long megabytes) throws IOException {
    Generator events = Shape.NARROW.generator();
    long bytes = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      out.write("{\"id\":\"1\",\"measurements\":[".getBytes(StandardCharsets.UTF_8));
      for (long i = 0; bytes < megabytes * 1_000_000; i++) {
        byte[] event = ((i > 0 ? "," : "") + events.record(i)).getBytes(StandardCharsets.UTF_8);
        out.write(event);
        bytes += event.length;
      }
      out.write("]}\n".getBytes(StandardCharsets.UTF_8));
    }
    return bytes / 1e6;
  }

  /** MiB in use after each collection. */
  private static List<Double> heap(Path log) throws IOException {
    List<Double> after = new ArrayList<>();
    try (Stream<String> lines = Files.lines(log)) {
      lines.forEach(
          line -> {
            Matcher matcher = AFTER.matcher(line);
            if (matcher.find()) {
              after.add(Double.valueOf(matcher.group(1)));
            }
          });
    }
    return after;
  }

  /** The smallest of a quarter of the collections: what no collection could free. */
  private static Double quarter(List<Double> heap, int number) {
    List<Double> part = heap.subList(heap.size() * number / 4, heap.size() * (number + 1) / 4);
    return part.stream().min(Double::compare).orElse(null);
  }
}
