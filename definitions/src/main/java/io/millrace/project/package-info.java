/**
 * A project as a user writes it: the file, what is wrong with it, and the records it becomes. Start
 * with {@link io.millrace.project.ProjectFile}; every key is declared in one of the {@code …Keys}
 * classes, {@code ProjectKeys} at the top. It imports the vocabulary ({@code asset}, {@code
 * source}, {@code schema}, {@code destination}) and {@code project.shape}, and looks nothing up.
 */
package io.millrace.project;
