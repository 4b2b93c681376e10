package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import java.util.Map;

/** What the system tables keep as JSON, as the texts that go there and come back. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** {@code null} for {@code null}. */
  static String text(Object value) {
    try {
      return value == null
          ? null
          : MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot write the state: it is no JSON", e);
    }
  }

  static JsonNode tree(String text) {
    return parse(text, new TypeReference<>() {});
  }

  /** Rows per table. */
  static Map<String, Long> counts(String text) {
    return parse(text, new TypeReference<>() {});
  }

  static List<String> texts(String text) {
    return parse(text, new TypeReference<>() {});
  }

  static Shadow shadow(String text) {
    return parse(text, new TypeReference<>() {});
  }

  private static <T> T parse(String text, TypeReference<T> type) {
    try {
      return text == null
          ? null
          : MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot read the state: a system table holds something unknown: %s (a newer Millrace may have written it: upgrade)"
              .formatted(e.getOriginalMessage()),
          e);
    }
  }
}
