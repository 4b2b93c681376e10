package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Parents;
import io.millrace.source.Parent;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a parent's record gives to the requests for its children and to their records. */
final class ParentValues {
  /** A page's header holds them, and is held whole. */
  private static final int MOST = 500_000;

  private static final int SHOWN = 60;

  /** Numbers with all their digits. */
  private static final ObjectMapper EXACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private ParentValues() {}

  /**
   * The values of the placeholders, by name.
   *
   * @throws MillraceException {@code DATA_INVALID} when the record has no value for one
   */
  static Map<String, JsonNode> of(Parent parent, Parents.Row row, String asset) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (String field : parent.fields()) {
      String json = row.fields().get(field);
      if (json == null || json.equals("null")) {
        throw missing(asset, field, json == null ? "no such field" : "null there");
      }
      JsonNode value = parsed(json);
      if (value.isContainerNode()) {
        throw missing(asset, field, "no single value there");
      }
      values.put(parent.placeholder(field), value);
    }
    return values;
  }

  /** Whether the record has no value for a placeholder. */
  static boolean lacks(Parent parent, Parents.Row row) {
    return parent.fields().stream()
        .anyMatch(field -> row.fields().getOrDefault(field, "null").equals("null"));
  }

  /** The members that each record of the children gets; {@code null} for none. */
  static String included(Parent parent, Parents.Row row, String asset) {
    if (parent.include().isEmpty()) {
      return null;
    }
    StringBuilder members = new StringBuilder();
    for (String key : parent.include()) {
      String json = row.fields().get(Parent.path(key));
      if (json == null) {
        throw missing(asset, key, "no such field");
      }
      members.append(members.isEmpty() ? "" : ",");
      members.append(JsonNodeFactory.instance.textNode(parent.included(key))).append(':');
      members.append(json);
    }
    if (members.length() > MOST) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot include fields of the parent in "
              + asset
              + ": they are longer than "
              + MOST
              + " characters");
    }
    return members.toString();
  }

  /** What {@link #included} gave, as fields of a record. */
  static ObjectNode members(String included) {
    return included == null
        ? JsonNodeFactory.instance.objectNode()
        : (ObjectNode) parsed("{" + included + "}");
  }

  /** Which record of the parent it was, for the end of a message. */
  static String shown(Parent parent, Parents.Row row) {
    StringBuilder out = new StringBuilder(" (for the record of ");
    out.append(parent.resource()).append(" number ").append(row.here().row() + 1);
    out.append(" of load ").append(row.load());
    row.fields()
        .forEach(
            (field, json) -> {
              if (out.length() < 500) {
                String value = json.length() > SHOWN ? json.substring(0, SHOWN) + "…" : json;
                out.append(", ").append(field).append(" = ").append(value);
              }
            });
    return out.append(')').toString();
  }

  private static MillraceException missing(String asset, String field, String why) {
    return new MillraceException(
        Failure.DATA_INVALID,
        "Cannot read " + asset + ": its parent's record has " + why + ": " + field);
  }

  private static JsonNode parsed(String json) {
    try {
      return EXACT.readTree(json);
    } catch (JsonProcessingException e) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          "Cannot read a field of a parent: it is no JSON (it is made again)",
          e);
    }
  }
}
