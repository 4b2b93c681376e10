package io.millrace.run;

/**
 * A pointer to something staged: a published manifest or a document.
 *
 * @param path below the project's staging folder, with {@code /}
 * @param sha256 of the file, lower-case hex
 */
public record StagedRef(String path, String sha256) {}
