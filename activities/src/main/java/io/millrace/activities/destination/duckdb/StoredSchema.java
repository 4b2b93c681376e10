package io.millrace.activities.destination.duckdb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The stored form of a schema, its hash and its next version. */
final class StoredSchema {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StoredSchema() {}

  static String write(Schema schema) {
    try {
      return JSON.writeValueAsString(schema);
    } catch (JsonProcessingException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot store the schema: it is no JSON", e);
    }
  }

  static Schema read(String text) {
    try {
      return JSON.readValue(text, Schema.class);
    } catch (JsonProcessingException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot read the schema: it is no JSON", e);
    }
  }

  static String versionHash(Schema schema) {
    Schema content =
        new Schema(schema.name(), 0, null, List.of(), schema.settings(), schema.tables());
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA3-256")
                  .digest(write(content).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static Schema bump(Schema before, Schema after) {
    String hash = versionHash(after);
    if (hash.equals(before.versionHash())) {
      return new Schema(
          after.name(),
          before.version(),
          hash,
          before.previousHashes(),
          after.settings(),
          after.tables());
    }
    List<String> previous = new ArrayList<>(before.previousHashes());
    if (before.versionHash() != null) {
      previous.add(0, before.versionHash());
    }
    return new Schema(
        after.name(),
        before.version() + 1,
        hash,
        previous.subList(0, Math.min(10, previous.size())),
        after.settings(),
        after.tables());
  }
}
