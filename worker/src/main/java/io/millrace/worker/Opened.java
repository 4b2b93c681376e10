package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetGraph;
import io.millrace.asset.AssetKey;
import io.millrace.asset.Selection;
import io.millrace.project.ConfigProblem;
import io.millrace.project.EnvironmentVariable;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.project.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A project as it lies on the disk.
 *
 * @param file absolute
 * @param manifest sha256 of its definitions
 * @param warnings what works and should not stay so
 * @param environment variables without which it cannot be used
 */
public record Opened(
    Path file,
    Project project,
    AssetGraph graph,
    String manifest,
    List<ConfigProblem> warnings,
    List<EnvironmentVariable> environment) {

  /** Reads it; {@link Refused} with all problems when there are any. */
  public static Opened read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read the project: " + e + " (the file must be readable)",
          e);
    }
    Reading reading = ProjectFile.read(bytes, file.getFileName().toString());
    if (!reading.ok()) {
      throw new Refused(reading.problems());
    }
    return new Opened(
        file.toAbsolutePath(),
        reading.project(),
        AssetGraph.of(reading.project().assets()),
        reading.manifest().sha256(),
        reading.warnings(),
        reading.environment());
  }

  /** The folder that relative paths of the project begin at. */
  public Path folder() {
    return file.getParent();
  }

  /**
   * The selected assets, upstream before downstream. {@code null} selects all, {@code null}
   * excludes nothing.
   */
  public List<AssetKey> select(String select, String exclude) {
    return Selection.resolve(graph, select, exclude);
  }

  /** A file with problems. Its message has them all, each with its place. */
  public static final class Refused extends MillraceException {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigProblem> problems;

    Refused(List<ConfigProblem> problems) {
      super(
          Failure.CONFIG_INVALID,
          problems.stream().map(ConfigProblem::render).collect(Collectors.joining("\n")));
      this.problems = problems;
    }

    /** At least one, in the order of the file. */
    public List<ConfigProblem> problems() {
      return problems;
    }
  }
}
