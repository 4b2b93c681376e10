package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for generated files and databases, deleted when it is closed. */
record Workspace(Path folder) implements AutoCloseable {
  /** Refuses when the disk has less than so many megabytes free. */
  static Workspace open(Options options, long megabytes) throws IOException {
    Files.createDirectories(options.dir());
    long free = Files.getFileStore(options.dir()).getUsableSpace() / 1_000_000;
    if (free < megabytes) {
      throw new IllegalArgumentException(
          "Cannot generate data: the disk has too little space: %d MB free, %d needed: %s (name another folder with --dir)"
              .formatted(free, megabytes, options.dir()));
    }
    return new Workspace(Files.createTempDirectory(options.dir(), "millrace-benchmark"));
  }

  /** Lets a server that runs as another user find its folder in here. */
  void enterable() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Override
  public void close() throws IOException {
    delete(folder);
  }

  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(path)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }
}
