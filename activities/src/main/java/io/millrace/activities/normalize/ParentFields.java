package io.millrace.activities.normalize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads some fields of a record as the JSON text that the source sent, by path. The record has been
 * read before, so it is JSON within the limits. Not thread-safe.
 */
public final class ParentFields {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(10_000)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Wanted wanted = new Wanted();
  private final Map<String, String> found = new LinkedHashMap<>();
  private byte[] json;
  private int start;

  /**
   * @param paths as {@link JsonPath} reads them
   */
  public ParentFields(Collection<String> paths) {
    for (String path : paths) {
      Wanted here = wanted;
      for (Object step : JsonPath.parse("field of a parent", path).steps()) {
        here = here.below.computeIfAbsent(step, k -> new Wanted());
      }
      here.paths.add(path);
    }
  }

  /** The fields that the record has, by path; valid until the next call. */
  public Map<String, String> read(byte[] bytes, int from, int to) {
    json = bytes;
    start = from;
    found.clear();
    try (JsonParser parser = JSON.createParser(bytes, from, to - from)) {
      parser.nextToken();
      value(parser, wanted);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.INTERNAL, "Cannot read the fields of a record for its children", e);
    }
    return found;
  }

  private void value(JsonParser parser, Wanted here) throws IOException {
    long begin = parser.currentTokenLocation().getByteOffset();
    JsonToken token = parser.currentToken();
    if (here.below.isEmpty()) {
      parser.skipChildren();
    } else if (token == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        Wanted below = here.below.get(parser.currentName());
        parser.nextToken();
        go(parser, below);
      }
    } else if (token == JsonToken.START_ARRAY) {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        go(parser, here.below.get(i));
      }
    }
    if (!here.paths.isEmpty()) {
      parser.finishToken();
      int from = start + (int) begin;
      int to = start + (int) parser.currentLocation().getByteOffset();
      String text = new String(json, from, to - from, StandardCharsets.UTF_8).strip();
      here.paths.forEach(path -> found.put(path, text));
    }
  }

  private void go(JsonParser parser, Wanted below) throws IOException {
    if (below == null) {
      parser.skipChildren();
    } else {
      value(parser, below);
    }
  }

  /** A tree of the places that somebody wants. */
  private static final class Wanted {
    final Map<Object, Wanted> below = new HashMap<>();
    final List<String> paths = new ArrayList<>();
  }
}
