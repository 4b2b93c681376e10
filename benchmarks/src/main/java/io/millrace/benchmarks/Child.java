package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs another program, on some processors only, and says what it took. Processor time is what the
 * shell's {@code times} says of its children; resident memory is the sum over the processes of each
 * one's peak, which is at least the peak of the sum.
 */
final class Child {
  private static final long PATIENCE_MINUTES = 60;
  private static final Pattern TIME = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s");

  private Child() {}

  /**
   * @param seconds of wall time
   * @param cpu seconds of user and system time
   * @param residentMegabytes peak; 0 where the system does not tell
   */
  record Ran(
      int exit, double seconds, double cpu, double residentMegabytes, String out, String err) {
    Ran orThrow() {
      if (exit != 0) {
        throw new IllegalStateException("exit code " + exit + "\n" + out + err);
      }
      return this;
    }
  }

  /** Processors 0 to {@code cores - 1}; 0: all. */
  static List<String> pinned(int cores, List<String> command) {
    List<String> words = new ArrayList<>();
    if (cores > 0) {
      words.addAll(List.of("taskset", "-c", cores == 1 ? "0" : "0-" + (cores - 1)));
    }
    words.addAll(command);
    return words;
  }

  /** Runs to the end. Throws when it takes more than an hour. */
  static Ran run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("millrace-benchmark", ".out");
    Path err = Files.createTempFile("millrace-benchmark", ".err");
    try {
      List<String> words =
          new ArrayList<>(List.of("sh", "-c", "\"$@\"; code=$?; times >&2; exit $code", "sh"));
      words.addAll(command);
      ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
      builder.environment().putAll(environment);
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      long start = System.nanoTime();
      Process process = builder.start();
      process.getOutputStream().close();
      Map<Long, Long> peaks = new HashMap<>();
      try {
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
          look(process, peaks);
          if (System.nanoTime() - start > TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES)) {
            throw new IllegalStateException("took more than an hour: " + command);
          }
        }
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      String said = Files.readString(err, StandardCharsets.UTF_8);
      double resident = peaks.values().stream().mapToLong(Long::longValue).sum() / 1024.0;
      return new Ran(
          process.exitValue(),
          seconds,
          cpu(said),
          resident,
          Files.readString(out, StandardCharsets.UTF_8),
          said);
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  /** The last line of {@code times} is that of the children. */
  private static double cpu(String said) {
    double seconds = 0;
    Matcher matcher = TIME.matcher(said);
    while (matcher.find()) {
      seconds =
          60 * (Integer.parseInt(matcher.group(1)) + Integer.parseInt(matcher.group(3)))
              + Double.parseDouble(matcher.group(2))
              + Double.parseDouble(matcher.group(4));
    }
    return seconds;
  }

  private static void look(Process process, Map<Long, Long> peaks) {
    try (Stream<ProcessHandle> all = process.descendants()) {
      all.forEach(handle -> peaks.merge(handle.pid(), peak(handle.pid()), Math::max));
    }
  }

  /** Peak resident kilobytes of a process; 0 when it is gone. */
  private static long peak(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0;
    }
  }
}
