package io.millrace.activities.destination;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.cursor.BoundaryKeys;
import io.millrace.activities.cursor.CursorValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.zip.InflaterInputStream;

/**
 * dlt's state of a pipeline as {@code _dlt_pipeline_state} keeps it: base64 of zlib of JSON, whose
 * typed values are texts that begin with a private-use character. Stateless.
 */
public final class DltState {
  /** A state larger than this is none. */
  private static final int MOST_BYTES = 64 << 20;

  private static final char FIRST = '\uf026';
  private static final char DECIMAL = FIRST;
  private static final char WEI = '\uf02c';
  private static final char LAST = '\uf02d';

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private DltState() {}

  /** The state with plain values; {@code DATA_INVALID} when it is none. */
  public static JsonNode read(String stored) {
    try (InputStream in =
        new InflaterInputStream(
            new ByteArrayInputStream(
                Base64.getDecoder().decode(stored.getBytes(StandardCharsets.US_ASCII))))) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw unreadable("it is larger than " + MOST_BYTES + " bytes", null);
      }
      return plain(JSON.readTree(bytes));
    } catch (JsonProcessingException e) {
      throw unreadable("it is no JSON", e); // its message would quote the state
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(e.getMessage(), e);
    }
  }

  /**
   * The checkpoint that goes on where dlt's incremental stopped, in the form of {@code _mr_state};
   * {@code null} when dlt never saw a value.
   *
   * @param incremental what dlt keeps for one cursor: {@code last_value}, {@code unique_hashes}
   */
  public static JsonNode checkpoint(JsonNode incremental) {
    JsonNode last = incremental == null ? null : incremental.get("last_value");
    if (last == null || !last.isValueNode() || last.isNull()) {
      return null;
    }
    ObjectNode checkpoint = JsonNodeFactory.instance.objectNode();
    ObjectNode cursor = checkpoint.putObject("cursor");
    ArrayNode keys = JsonNodeFactory.instance.arrayNode();
    for (JsonNode hash : incremental.path("unique_hashes")) {
      if (hash.asText().length() >= BoundaryKeys.LENGTH) {
        // dlt before 1.29 wrote more of the same hash
        keys.add(hash.asText().substring(0, BoundaryKeys.LENGTH));
      }
    }
    cursor.set("window_start", stored(last));
    cursor.set("running_max", stored(last));
    cursor.set("start_keys", keys);
    cursor.set("keys", keys);
    return checkpoint.put("done", true);
  }

  private static JsonNode stored(JsonNode value) {
    return value.isBigDecimal() ? CursorValue.stored(value.decimalValue()) : value;
  }

  private static JsonNode plain(JsonNode node) {
    if (node.isObject()) {
      ObjectNode out = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        out.set(field.getKey(), plain(field.getValue()));
      }
      return out;
    }
    if (node.isArray()) {
      ArrayNode out = JsonNodeFactory.instance.arrayNode();
      node.forEach(value -> out.add(plain(value)));
      return out;
    }
    return node.isTextual() ? plain(node.textValue()) : node;
  }

  private static JsonNode plain(String text) {
    if (text.isEmpty() || text.charAt(0) < FIRST || text.charAt(0) > LAST) {
      return TextNode.valueOf(text);
    }
    String value = text.substring(1);
    return text.charAt(0) == DECIMAL || text.charAt(0) == WEI
        ? DecimalNode.valueOf(new BigDecimal(value))
        : TextNode.valueOf(value);
  }

  private static MillraceException unreadable(String why, Exception cause) {
    return new MillraceException(
        Failure.DATA_INVALID,
        "Cannot read the state of dlt: %s (was it written by dlt 1.x?)".formatted(why),
        cause);
  }
}
