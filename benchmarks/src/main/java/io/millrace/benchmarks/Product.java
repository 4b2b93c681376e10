package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A project folder with one file in it, and {@code millrace run} in a process of its own. */
final class Product {
  static final String DATASET = "bench";
  static final String TABLE = "events";

  private final Path launcher;
  private final Path folder;
  private final String heap;

  /** What {@code run --output json} said, and what the process took. */
  record Loaded(Child.Ran process, JsonNode document) {
    double seconds() {
      return document.path("run").path("seconds").asDouble();
    }

    JsonNode asset() {
      return document.path("assets").path(0);
    }
  }

  Product(Options options, Path folder) {
    this.launcher = options.project().resolve("millrace");
    this.folder = folder;
    this.heap = options.heap();
  }

  /** Writes the configuration: every setting is the default. */
  void configure(String glob) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: %s
        destination: {type: duckdb, path: millrace.duckdb}
        sources:
          files:
            type: filesystem
            bucket_url: .
            resources: [{name: %s, file_glob: "%s", format: jsonl}]
        """
            .formatted(DATASET, TABLE, glob));
  }

  Path database() {
    return folder.resolve("millrace.duckdb");
  }

  /** The whole of it: launcher, JVM, embedded Temporal, fetch, normalize, load. */
  Loaded run(int cores, String javaOptions) throws IOException, InterruptedException {
    clean();
    Child.Ran ran = call(cores, javaOptions, "run", "--quiet", "--output", "json").orThrow();
    return new Loaded(ran, new ObjectMapper().readTree(ran.out()));
  }

  /** The same launcher and JVM doing nothing. */
  Child.Ran start(int cores) throws IOException, InterruptedException {
    return call(cores, "", "--version").orThrow();
  }

  private Child.Ran call(int cores, String javaOptions, String... words)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>();
    environment.put("MILLRACE_PREBUILT", "1");
    environment.put("MILLRACE_JAVA_OPTS", ("-Xmx" + heap + " " + javaOptions).strip());
    List<String> command = new java.util.ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(words));
    return Child.run(folder, environment, Child.pinned(cores, command));
  }

  void clean() throws IOException {
    Workspace.delete(folder.resolve(".millrace"));
    Files.deleteIfExists(database());
    Files.deleteIfExists(folder.resolve("millrace.duckdb.wal"));
  }
}
