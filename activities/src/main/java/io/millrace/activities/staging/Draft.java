package io.millrace.activities.staging;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder of one attempt, seen by nobody else until it is published. Closing an unpublished draft
 * removes it. Not thread-safe.
 */
public final class Draft implements Closeable {
  private static final String NAME = "[a-z0-9][a-z0-9._-]{0,99}";

  private final Staging staging;
  private final Path folder;
  private final List<Published.StagedFile> files = new ArrayList<>();
  private final Map<String, Path> others = new LinkedHashMap<>();
  private boolean keep;

  Draft(Staging staging, Path folder) {
    this.staging = staging;
    this.folder = folder;
  }

  /**
   * A new file of this attempt, part of what is published once it is closed. The stream buffers and
   * fails with {@code STAGING_FAILED} only.
   *
   * @param name lower-case letters, digits, {@code . _ -}
   */
  public OutputStream create(String name) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException("not a name of a staged file: " + name);
    }
    Path path = folder.resolve(name);
    try {
      return new StagedOutput(
          path,
          Disk.create(path),
          (size, sha256) -> files.add(new Published.StagedFile(name, path, size, sha256)));
    } catch (IOException e) {
      throw Disk.failed("stage a file", path, 0, e);
    }
  }

  /**
   * The path of a new file of this attempt that somebody else writes. It is measured when the draft
   * is published.
   *
   * @param name as for {@link #create}
   */
  public Path file(String name) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException("not a name of a staged file: " + name);
    }
    Path path = folder.resolve(name);
    others.put(name, path);
    return path;
  }

  /**
   * Makes the closed files and the body visible under the key, all at once. When another attempt
   * was first, its result is returned and this one is thrown away: the first one wins.
   */
  public Published publish(StageKey key, JsonNode body) {
    others.forEach((name, path) -> files.add(Disk.measure(name, path)));
    others.clear();
    Published published = staging.publish(key, folder, files, body);
    keep = published.files().stream().anyMatch(f -> f.path().startsWith(folder));
    return published;
  }

  @Override
  public void close() {
    if (!keep) {
      Disk.remove(folder);
    }
  }
}
