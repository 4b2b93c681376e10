package io.millrace.project;

/**
 * A variable that a project refers to as {@code ${env:NAME}}, without a default.
 *
 * @param unset what is to be said at its first place when it has no value
 */
public record EnvironmentVariable(String name, ConfigProblem unset) {}
