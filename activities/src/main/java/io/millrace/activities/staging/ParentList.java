package io.millrace.activities.staging;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.millrace.run.Wire;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of a load's records that its children read: a line of JSON for each record, with the
 * fields' JSON texts by path. Not thread-safe.
 */
public final class ParentList {
  private static final String NAME = "parents";
  private static final TypeReference<Map<String, String>> FIELDS = new TypeReference<>() {};

  private ParentList() {}

  /** A list that is being written; {@link #publish} makes it visible. */
  public static final class Writer implements Closeable {
    private final Draft draft;
    private final OutputStream out;
    private final Set<String> paths;
    private long rows;

    public Writer(Staging staging, String asset, String loadId, Collection<String> paths) {
      this.paths = new TreeSet<>(paths);
      this.draft = staging.draft(StageKey.parents(asset), loadId);
      try {
        this.out = new BufferedOutputStream(new ZstdOutputStream(draft.create(NAME), 1), 1 << 16);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The fields of the next record. */
    public void add(Map<String, String> fields) {
      try {
        out.write(Wire.mapper().writeValueAsBytes(fields));
        out.write('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      rows++;
    }

    /** Completes the list. */
    public void publish(StageKey key) throws IOException {
      out.close();
      ObjectNode body = Wire.mapper().createObjectNode().put("rows", rows);
      ArrayNode all = body.putArray("paths");
      paths.forEach(all::add);
      draft.publish(key, body);
    }

    @Override
    public void close() throws IOException {
      try (draft) {
        out.close();
      }
    }
  }

  /** A list that is being read. */
  public static final class Reader implements Closeable {
    private final BufferedReader in;

    private Reader(BufferedReader in) {
      this.in = in;
    }

    /** The fields of the next record; {@code null} at the end. */
    public Map<String, String> next() {
      try {
        String line = in.readLine();
        return line == null ? null : Wire.mapper().readValue(line, FIELDS);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        // it was only read
      }
    }
  }

  /**
   * A list from one of its records on; empty when it is gone, damaged, or lacks a path that was not
   * wanted when it was made.
   */
  public static Optional<Reader> open(
      Staging staging, StageKey key, Collection<String> paths, long from) {
    Optional<Published> found = staging.published(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Set<String> has = new TreeSet<>();
    for (JsonNode path : found.get().body().path("paths")) {
      has.add(path.asText());
    }
    if (!has.containsAll(paths)) {
      return Optional.empty();
    }
    try {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(
                  new ZstdInputStream(found.get().open(NAME)), StandardCharsets.UTF_8));
      for (long i = 0; i < from; i++) {
        in.readLine();
      }
      return Optional.of(new Reader(in));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
