package io.millrace.activities.staging;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.run.StagedRef;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The result of a step, complete and never changed again.
 *
 * @param ref the pointer that travels
 * @param body what the step said about its result
 * @param files in the order in which they were written
 */
public record Published(StagedRef ref, JsonNode body, List<StagedFile> files) {
  public Published {
    files = List.copyOf(files);
  }

  /**
   * @param size in bytes
   * @param sha256 lower-case hex
   */
  public record StagedFile(String name, Path path, long size, String sha256) {}

  /** The file of that name; {@code STAGING_LOST} when it is gone or has another size. */
  public StagedFile file(String name) {
    StagedFile file =
        files.stream()
            .filter(f -> f.name().equals(name))
            .findFirst()
            .orElseThrow(() -> Disk.lost("no file " + name, Path.of(ref.path()), null));
    try {
      long size = Files.size(file.path());
      if (size != file.size()) {
        throw Disk.lost("it has " + size + " bytes instead of " + file.size(), file.path(), null);
      }
    } catch (IOException e) {
      throw Disk.lost("it is missing", file.path(), e);
    }
    return file;
  }

  /**
   * Opens a file. Reading past its last byte fails with {@code STAGING_LOST} when the content is
   * not what was published.
   */
  public InputStream open(String name) {
    StagedFile file = file(name);
    try {
      return new CheckedInput(file, Files.newInputStream(file.path()));
    } catch (IOException e) {
      throw Disk.lost("it cannot be opened", file.path(), e);
    }
  }

  /** Whether every file has exactly the content that was published; reads them all. */
  boolean intact() {
    try {
      for (StagedFile file : files) {
        try (InputStream in = open(file.name())) {
          in.transferTo(java.io.OutputStream.nullOutputStream());
        }
      }
      return true;
    } catch (IOException | io.millrace.MillraceException e) {
      return false;
    }
  }
}
