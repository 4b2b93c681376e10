package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.Sha256;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint whose long texts of boundary keys lie beside it: the state keeps {@code {"sha256",
 * "count"}} in their place, however many records tie at the cursor.
 *
 * @param checkpoint as the destination keeps it
 * @param keys the texts by their digest
 */
record Spill(JsonNode checkpoint, Map<String, String> keys) {
  private static final List<String> LISTS = List.of("start_keys", "keys");
  private static final int KEY = io.millrace.activities.cursor.BoundaryKeys.LENGTH;

  /** Takes long texts out. The same checkpoint gives the same digests. */
  static Spill out(JsonNode checkpoint) {
    Map<String, String> keys = new LinkedHashMap<>();
    ObjectNode small = null;
    for (String list : LISTS) {
      JsonNode text = checkpoint.path("cursor").path(list);
      if (text.isTextual()) {
        small = small == null ? checkpoint.deepCopy() : small;
        String sha256 = Sha256.of(text.textValue());
        keys.put(sha256, text.textValue());
        ((ObjectNode) small.get("cursor"))
            .putObject(list)
            .put("sha256", sha256)
            .put("count", text.textValue().length() / KEY);
      }
    }
    return new Spill(small == null ? checkpoint : small, keys);
  }

  /**
   * Puts them back.
   *
   * @param checkpoint {@code null} gives {@code null}
   */
  static JsonNode in(JsonNode checkpoint, Map<String, String> keys) {
    ObjectNode whole = null;
    for (String list : LISTS) {
      JsonNode place = checkpoint == null ? null : checkpoint.path("cursor").path(list);
      if (place != null && place.isObject()) {
        whole = whole == null ? checkpoint.deepCopy() : whole;
        String sha256 = place.path("sha256").asText();
        String text = keys.get(sha256);
        if (text == null || !Sha256.of(text).equals(sha256)) {
          throw new MillraceException(
              Failure.DESTINATION_REFUSED,
              "Cannot read the state: the keys at the cursor's boundary are gone or changed in"
                  + " _mr_boundary_keys: "
                  + sha256
                  + " (put them back, or run with --refresh drop_data)");
        }
        ((ObjectNode) whole.get("cursor")).put(list, text);
      }
    }
    return whole == null ? checkpoint : whole;
  }
}
