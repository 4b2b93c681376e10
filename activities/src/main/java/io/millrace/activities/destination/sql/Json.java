package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the system tables keep as JSON, as the texts that go there and come back. A cursor may be
 * any text, and some characters are none that every engine keeps in JSON: NUL and halves of
 * surrogate pairs. They are written as {@link #ESCAPE} and four hexadecimal digits, and so is that
 * itself.
 */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final char ESCAPE = '\u001a';

  /** A character that is escaped: half of a pair is one that the other half does not follow. */
  private static final Pattern SPECIAL = Pattern.compile("[\\x00\\x1a\\ud800-\\udfff]");

  private static final Pattern ESCAPED = Pattern.compile(ESCAPE + "([0-9a-f]{4})");

  private Json() {}

  /** {@code null} for {@code null}. */
  static String text(Object value) {
    try {
      return value == null
          ? null
          : MAPPER.writeValueAsString(each(MAPPER.valueToTree(value), Json::storable));
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
          : MAPPER.treeToValue(
              each(MAPPER.readTree(text), Json::original), MAPPER.constructType(type));
    } catch (JsonProcessingException e) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot read the state: a system table holds something unknown: %s (a newer Millrace may have written it: upgrade)"
              .formatted(e.getOriginalMessage()),
          e);
    }
  }

  private static String storable(String text) {
    return SPECIAL
        .matcher(text)
        .replaceAll(found -> ESCAPE + "%04x".formatted((int) found.group().charAt(0)));
  }

  private static String original(String text) {
    return ESCAPED
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(found.group(1), 16))));
  }

  /** The same tree with each of its texts, names included, as the function makes it. */
  private static JsonNode each(JsonNode node, UnaryOperator<String> text) {
    if (node.isTextual()) {
      return TextNode.valueOf(text.apply(node.textValue()));
    }
    if (node.isArray()) {
      ArrayNode array = MAPPER.createArrayNode();
      node.forEach(element -> array.add(each(element, text)));
      return array;
    }
    if (node.isObject()) {
      ObjectNode object = MAPPER.createObjectNode();
      node.properties()
          .forEach(field -> object.set(text.apply(field.getKey()), each(field.getValue(), text)));
      return object;
    }
    return node;
  }
}
