package io.millrace.project;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What came of reading a configuration.
 *
 * @param project {@code null} when there are problems
 * @param manifest {@code null} when there are problems
 * @param problems all of them, in the order of the file
 * @param warnings what works and should not stay so
 * @param environment variables without which it cannot be used
 */
public record Reading(
    Project project,
    Manifest manifest,
    List<ConfigProblem> problems,
    List<ConfigProblem> warnings,
    List<EnvironmentVariable> environment) {
  public Reading {
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
    environment = List.copyOf(environment);
  }

  /** Whether there is a project. */
  public boolean ok() {
    return problems.isEmpty();
  }

  /** The project; {@code CONFIG_INVALID} with all problems rendered when there are any. */
  public Project orThrow() {
    if (ok()) {
      return project;
    }
    throw new MillraceException(
        Failure.CONFIG_INVALID,
        problems.stream().map(ConfigProblem::render).collect(Collectors.joining("\n")));
  }
}
