package io.millrace.worker;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds Temporal's own program on this machine. */
public final class TemporalBinary {
  /** What to do when there is none. */
  public static final String ADVICE =
      "install it from https://docs.temporal.io/cli, or build it once with Go by `.ci/temporal-server` of Millrace's repository, or name it with MILLRACE_TEMPORAL";

  private TemporalBinary() {}

  /**
   * The first of: {@code MILLRACE_TEMPORAL}, {@code TEMPORAL_CLI_PATH}, {@code temporal} on the
   * path, what {@code .ci/temporal-server} built.
   */
  public static Optional<Path> find(Env env) {
    List<Path> candidates = new ArrayList<>();
    for (String name : List.of("MILLRACE_TEMPORAL", "TEMPORAL_CLI_PATH")) {
      if (env.variable(name) != null) {
        candidates.add(env.folder().resolve(env.variable(name)));
      }
    }
    if (env.variable("PATH") != null) {
      for (String folder : env.variable("PATH").split(File.pathSeparator)) {
        candidates.add(env.folder().resolve(folder).resolve("temporal"));
      }
    }
    if (env.variable("HOME") != null) {
      candidates.addAll(built(Path.of(env.variable("HOME"), ".cache", "millrace", "tools")));
    }
    return candidates.stream()
        .filter(f -> Files.isRegularFile(f) && Files.isExecutable(f))
        .findFirst();
  }

  private static List<Path> built(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "temporal*")) {
      files.forEach(found::add);
    } catch (IOException e) {
      // not there
    }
    found.sort(null);
    return found;
  }
}
