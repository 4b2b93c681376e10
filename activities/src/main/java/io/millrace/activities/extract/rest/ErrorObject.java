package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.run.Wire;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Tells an error with a status of success from records. Only asked when nobody said where the
 * records are: whoever names a {@code data_selector} gets what lies there.
 */
final class ErrorObject {
  private static final Set<String> NAMES = Set.of("error", "errors");

  /** What stands beside an error and is no data. */
  private static final Set<String> BESIDE =
      Set.of(
          "code",
          "data",
          "detail",
          "details",
          "documentation_url",
          "error",
          "error_code",
          "error_description",
          "errors",
          "extensions",
          "message",
          "ok",
          "path",
          "request_id",
          "requestId",
          "status",
          "statusCode",
          "success",
          "timestamp",
          "title",
          "trace_id",
          "type");

  private ErrorObject() {}

  /**
   * Whether the answer says nothing but that something went wrong.
   *
   * @param path where records were found
   * @param keys of the outermost object
   */
  static boolean is(List<String> path, Collection<String> keys, byte[] body) {
    boolean suspicious = path.isEmpty() || path.size() == 1 && NAMES.contains(path.get(0));
    if (!suspicious || keys.stream().noneMatch(NAMES::contains) || !BESIDE.containsAll(keys)) {
      return false;
    }
    try {
      JsonNode json = Wire.mapper().readTree(body);
      return absent(json.get("data")) && NAMES.stream().anyMatch(name -> !absent(json.get(name)));
    } catch (IOException e) {
      return false; // it was read well a moment ago
    }
  }

  private static boolean absent(JsonNode value) {
    return value == null
        || value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isTextual() && value.textValue().isEmpty()
        || value.isContainerNode() && value.isEmpty();
  }
}
