package io.millrace.project.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Free-form parts of the configuration as JSON or as plain Java. Numbers keep all their digits. */
final class JsonValues {
  private static final JsonNodeFactory NODES = new JsonNodeFactory(true);

  private JsonValues() {}

  static JsonNode json(Node node) {
    if (node instanceof Node.Items items) {
      ArrayNode array = NODES.arrayNode();
      items.items().forEach(n -> array.add(json(n)));
      return array;
    }
    if (node instanceof Node.Fields fields) {
      ObjectNode object = NODES.objectNode();
      fields.fields().forEach(f -> object.set(f.name(), json(f.value())));
      return object;
    }
    Node.Scalar scalar = (Node.Scalar) node;
    return switch (scalar.kind()) {
      case TEXT -> NODES.textNode(scalar.text());
      case BOOL -> NODES.booleanNode(scalar.text().equals("true"));
      case NULL -> NODES.nullNode();
      case NUMBER -> number(scalar.text());
    };
  }

  private static JsonNode number(String text) {
    Number number = exact(text);
    if (number instanceof Long whole) {
      return whole == whole.intValue()
          ? NODES.numberNode(whole.intValue())
          : NODES.numberNode(whole.longValue());
    }
    return number instanceof BigInteger whole
        ? NODES.numberNode(whole)
        : NODES.numberNode((BigDecimal) number);
  }

  private static Number exact(String text) {
    if (!text.matches("-?[0-9]+")) {
      return new BigDecimal(text);
    }
    BigInteger whole = new BigInteger(text);
    return whole.bitLength() < 64 ? (Number) whole.longValue() : whole;
  }

  /** Texts, booleans, numbers (Long, BigInteger or BigDecimal), lists and maps. */
  static Object plain(Node node) {
    if (node instanceof Node.Items items) {
      List<Object> list = new ArrayList<>();
      items.items().forEach(n -> list.add(plain(n)));
      return Collections.unmodifiableList(list);
    }
    if (node instanceof Node.Fields fields) {
      Map<String, Object> map = new LinkedHashMap<>();
      fields.fields().forEach(f -> map.put(f.name(), plain(f.value())));
      return Collections.unmodifiableMap(map);
    }
    Node.Scalar scalar = (Node.Scalar) node;
    return switch (scalar.kind()) {
      case TEXT -> scalar.text();
      case BOOL -> scalar.text().equals("true");
      case NULL -> null;
      case NUMBER -> exact(scalar.text());
    };
  }
}
