package io.millrace.activities.normalize.value;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.schema.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;

/** Texts that hold JSON, read and written as orjson does. Stateless, thread-safe. */
final class JsonText {
  private static final ObjectReader READER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().reader();

  private JsonText() {}

  /** Makes a text that is JSON the compact JSON itself; false, the holder unchanged, otherwise. */
  static boolean parse(Value in) {
    int p = in.off();
    int end = in.off() + in.len();
    while (p < end && (in.buf()[p] == ' ' || in.buf()[p] >= '\t' && in.buf()[p] <= '\r')) {
      p++;
    }
    // most texts are no JSON: look before paying for an exception
    if (p == end || "{[\"-0123456789tfn".indexOf(in.buf()[p]) < 0) {
      return false;
    }
    JsonNode tree;
    try (JsonParser parser = READER.createParser(in.buf(), in.off(), in.len())) {
      tree = READER.readTree(parser);
      if (tree == null || parser.nextToken() != null) {
        return false;
      }
    } catch (IOException notJson) {
      return false;
    }
    StringBuilder out = new StringBuilder(in.len());
    write(tree, out);
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(out)) {
      return false;
    }
    byte[] json = out.toString().getBytes(StandardCharsets.UTF_8);
    in.slice(DataType.JSON, json, 0, json.length);
    return true;
  }

  private static void write(JsonNode node, StringBuilder out) {
    if (node.isObject()) {
      out.append('{');
      for (Iterator<Map.Entry<String, JsonNode>> i = node.properties().iterator(); i.hasNext(); ) {
        Map.Entry<String, JsonNode> field = i.next();
        string(field.getKey(), out);
        write(field.getValue(), out.append(':'));
        out.append(i.hasNext() ? "," : "");
      }
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      for (int i = 0; i < node.size(); i++) {
        write(node.get(i), out.append(i > 0 ? "," : ""));
      }
      out.append(']');
    } else if (node.isTextual()) {
      string(node.textValue(), out);
    } else if (node.isFloatingPointNumber()) {
      out.append(PyNumbers.orjson(node.doubleValue()));
    } else {
      out.append(node.asText());
    }
  }

  private static void string(String s, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      int escape = "\"\\\b\f\n\r\t".indexOf(c);
      if (escape >= 0) {
        out.append('\\').append("\"\\bfnrt".charAt(escape));
      } else if (c < ' ') {
        out.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
