package io.millrace.benchmarks;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/** The kinds of records that are measured. Each comes from a generator with a fixed seed. */
enum Shape {
  GITHUB("GitHub-like events", 1_604, GithubLike::new),
  NARROW("narrow flat rows", 119, Narrow::new),
  DEEP("deep nesting", 540, Deep::new),
  UNICODE("unicode-heavy", 484, UnicodeHeavy::new);

  static final long SEED = 42;

  private final String title;
  private final int meanBytes;
  private final Function<SplittableRandom, Generator> generator;

  Shape(String title, int meanBytes, Function<SplittableRandom, Generator> generator) {
    this.title = title;
    this.meanBytes = meanBytes;
    this.generator = generator;
  }

  String title() {
    return title;
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** About how many records make as many bytes as {@code events} GitHub-like events. */
  long recordsLike(long events) {
    return Math.max(1, events * GITHUB.meanBytes / meanBytes);
  }

  /** Records from the seed that all benchmarks use. */
  Generator generator() {
    return generator(SEED);
  }

  Generator generator(long seed) {
    return generator.apply(new SplittableRandom(seed));
  }

  /** Lines of JSON. */
  byte[] bytes(long records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      write(out, records, SEED);
    } catch (IOException e) {
      throw new IllegalStateException("a buffer in memory cannot fail", e);
    }
    return out.toByteArray();
  }

  /** Writes lines of JSON; returns the bytes written. */
  long write(Path file, long records) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      return write(out, records, SEED);
    }
  }

  /** The same into a stream, with a seed of the caller's choice. */
  long write(OutputStream out, long records, long seed) throws IOException {
    Generator made = generator.apply(new SplittableRandom(seed));
    long bytes = 0;
    for (long i = 0; i < records; i++) {
      byte[] line = made.record(i).getBytes(StandardCharsets.UTF_8);
      out.write(line);
      out.write('\n');
      bytes += line.length + 1;
    }
    return bytes;
  }
}
