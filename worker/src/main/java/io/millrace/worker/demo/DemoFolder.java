package io.millrace.worker.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the demo leaves behind for the user to look at: {@code millrace-demo.duckdb} and the folder
 * {@code millrace-demo} with the project, the staging and the workers' logs.
 *
 * @param where the folder that both are in
 */
record DemoFolder(Path where) {
  private static final String FIRST_WORDS = "# Written by `millrace demo`";

  /** The project's folder. */
  Path project() {
    return where.resolve("millrace-demo");
  }

  Path file() {
    return project().resolve("millrace.yaml");
  }

  Path database() {
    return where.resolve("millrace-demo.duckdb");
  }

  /** Where the n-th worker of a demo writes what it says. */
  Path log(int worker) {
    return project().resolve("worker-" + worker + ".log");
  }

  /** Writes the project anew. Refuses to replace a file that the demo did not write. */
  void write() {
    try (InputStream template = DemoFolder.class.getResourceAsStream("millrace.yaml")) {
      if (Files.exists(file()) && !Files.readString(file()).startsWith(FIRST_WORDS)) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot write the demo's project: there is another one: "
                + file()
                + " (move it away, or run the demo in another folder)");
      }
      Files.createDirectories(portFile().getParent());
      Files.write(file(), template.readAllBytes());
    } catch (IOException e) {
      throw refused(file(), e);
    }
  }

  /**
   * The port of the API in the demo before this one; 0 when there was none. A demo that was
   * interrupted left links to it in its checkpoint.
   */
  int port() {
    try {
      return Files.exists(portFile()) ? Integer.parseInt(Files.readString(portFile()).strip()) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NumberFormatException e) {
      return 0; // half-written by a demo that died: it had not begun to load
    }
  }

  void keepPort(int port) {
    try {
      Files.write(portFile(), Integer.toString(port).getBytes(UTF_8));
    } catch (IOException e) {
      throw refused(portFile(), e);
    }
  }

  private Path portFile() {
    return project().resolve(".millrace").resolve("demo-port");
  }

  private static MillraceException refused(Path file, IOException e) {
    return new MillraceException(
        Failure.STAGING_FAILED,
        "Cannot write " + file + ": " + e + " (run the demo in a folder that you may write to)",
        e);
  }
}
