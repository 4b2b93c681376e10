package io.millrace.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.io.BufferedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of records and the packages made of them, in a folder that is deleted in the end. */
final class Records {
  private final Path folder;
  private int made;

  Records(Path folder) {
    this.folder = folder;
  }

  /** A name for a package. */
  Path next() {
    return folder.resolve("package-" + made++);
  }

  Path folder(String name) {
    return folder.resolve(name);
  }

  Path of(Shape shape, long records, long seed) throws IOException {
    Path file = folder.resolve("records-" + made++ + ".jsonl");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      shape.write(out, records, seed);
    }
    return file;
  }

  /** The records of {@link Shape#SEED}, every tenth of which is another. */
  Path changed(Shape shape, long records) throws IOException {
    Generator same = shape.generator();
    Generator other = shape.generator(Shape.SEED + 1);
    Path file = folder.resolve("records-" + made++ + ".jsonl");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      for (long i = 0; i < records; i++) {
        String one = same.record(i);
        String two = other.record(i);
        out.write(((i % 10 == 0 ? two : one) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  /** Records that are there, and a batch of a tenth as many: four fifths of them are there. */
  record Split(Path base, Path batch) {}

  Split split(Shape shape, long base) throws IOException {
    Generator generator = shape.generator();
    Path there = folder.resolve("records-" + made++ + ".jsonl");
    Path batch = folder.resolve("records-" + made++ + ".jsonl");
    long fresh = base / 50;
    try (OutputStream old = new BufferedOutputStream(Files.newOutputStream(there), 1 << 20);
        OutputStream come = new BufferedOutputStream(Files.newOutputStream(batch), 1 << 20)) {
      for (long i = 0; i < base + fresh; i++) {
        byte[] line = (generator.record(i) + "\n").getBytes(StandardCharsets.UTF_8);
        if (i < base) {
          old.write(line);
        }
        if (i >= base || i % 25 < 2) {
          come.write(line);
        }
      }
    }
    return new Split(there, batch);
  }
}
