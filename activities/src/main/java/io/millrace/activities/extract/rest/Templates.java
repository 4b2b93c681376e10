package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.Text;
import java.math.BigDecimal;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * dlt's templates in requests: {@code {incremental.start_value}} and its siblings, {@code {{} and
 * {@code }}} for braces. {@code ${…}} is configuration and is passed on as it is.
 */
final class Templates {
  private static final Pattern PIECE = Pattern.compile("\\$\\{[^}]*}|\\{\\{|}}|\\{([^{}]*)}|[{}]");

  /** Zeros that are written out. */
  private static final int MAX_SCALE = 400;

  private final String where;
  private final Map<String, JsonNode> values;

  /**
   * @param where for messages
   * @param values by placeholder; JSON null when there is none
   */
  Templates(String where, Map<String, JsonNode> values) {
    this.where = where;
    this.values = values;
  }

  /**
   * The text with its placeholders filled and its references resolved, each piece for itself, so
   * that neither a secret nor a value is read as a template. {@code null} when the text is exactly
   * one placeholder without a value: it is left out of the request.
   *
   * @param references resolves {@code ${…}}
   * @param values encodes filled-in values
   */
  String fill(Text text, UnaryOperator<String> references, UnaryOperator<String> encode) {
    Matcher piece = PIECE.matcher(text.raw());
    StringBuilder out = new StringBuilder();
    while (piece.find()) {
      String found = piece.group();
      String value;
      if (found.startsWith("${")) {
        value = references.apply(found);
      } else if (found.equals("{{") || found.equals("}}")) {
        value = found.substring(1);
      } else {
        JsonNode filled = value(text.raw(), piece.group(1), found);
        if (filled.isNull() && found.length() == text.raw().length()) {
          return null;
        }
        if (filled.isNull()) {
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot fill the request of "
                  + where
                  + ": there is no value yet: "
                  + found
                  + " (give `initial_value`)");
        }
        value = encode.apply(written(filled));
      }
      piece.appendReplacement(out, Matcher.quoteReplacement(value));
    }
    return piece.appendTail(out).toString();
  }

  /** A JSON body; a string that is exactly one placeholder keeps the value's type. */
  JsonNode fill(JsonNode node, UnaryOperator<String> references) {
    if (node.isObject()) {
      ObjectNode out = JsonNodeFactory.instance.objectNode();
      node.properties()
          .forEach(field -> out.set(field.getKey(), fill(field.getValue(), references)));
      return out;
    }
    if (node.isArray()) {
      ArrayNode out = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> out.add(fill(item, references)));
      return out;
    }
    if (!node.isTextual()) {
      return node;
    }
    Matcher piece = PIECE.matcher(node.asText());
    if (piece.matches() && piece.group(1) != null) {
      return value(node.asText(), piece.group(1), piece.group());
    }
    return JsonNodeFactory.instance.textNode(fill(new Text(node.asText()), references, v -> v));
  }

  /** A value within a text, as Python's {@code format} writes it. */
  static String written(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue() ? "True" : "False";
    }
    if (value.isNumber() && !value.isIntegralNumber()) {
      // 1717171717.123 and not 1.717171717123E9, which servers do not expect in an address
      BigDecimal number = value.decimalValue();
      return Math.abs((long) number.scale()) > MAX_SCALE
          ? number.toString()
          : number.toPlainString();
    }
    return value.isContainerNode() ? value.toString() : value.asText();
  }

  private JsonNode value(String text, String name, String found) {
    JsonNode value = name == null ? null : values.get(name.strip());
    if (value == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot fill the request of "
              + where
              + ": unknown placeholder "
              + found
              + ": "
              + text
              + " (known are "
              + String.join(", ", values.keySet().stream().sorted().toList())
              + "; write {{ and }} for braces)");
    }
    return value;
  }
}
