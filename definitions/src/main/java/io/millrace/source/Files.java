package io.millrace.source;

/**
 * Which files a resource of a {@code filesystem} source reads and how. Files that end in {@code
 * .gz} or {@code .zst} are decompressed.
 *
 * @param fileGlob below the source's folder; default {@code *}
 * @param format {@code jsonl} or {@code json}; {@code null} is told by the file's name
 */
public record Files(String fileGlob, String format) {
  public Files {
    fileGlob = fileGlob == null ? "*" : fileGlob;
  }
}
