package io.millrace.project.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Supplier;

/** The named parts of a JSON Schema (2020-12) while it is written. */
public final class Defs {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private final ObjectNode defs = NODES.objectNode();

  /** A whole JSON Schema for a file of that shape. */
  public static ObjectNode schemaOf(Shape<?> shape, String title) {
    Defs defs = new Defs();
    ObjectNode root = NODES.objectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", title);
    root.setAll(shape.schema(defs));
    root.set("$defs", defs.defs);
    return root;
  }

  ObjectNode ref(String name, Supplier<ObjectNode> schema) {
    String key = name.replace(' ', '_');
    if (!defs.has(key)) {
      defs.putObject(key); // holds the place, so that a shape may hold itself
      defs.set(key, schema.get());
    }
    return NODES.objectNode().put("$ref", "#/$defs/" + key);
  }

  static ObjectNode object() {
    return NODES.objectNode();
  }

  static ObjectNode type(String type) {
    return NODES.objectNode().put("type", type);
  }

  static ObjectNode types(String... types) {
    ObjectNode node = NODES.objectNode();
    ArrayNode list = node.putArray("type");
    List.of(types).forEach(list::add);
    return node;
  }

  static ObjectNode anyOf(List<? extends JsonNode> choices) {
    ObjectNode node = NODES.objectNode();
    node.putArray("anyOf").addAll(choices);
    return node;
  }

  static ObjectNode words(Iterable<String> words) {
    ObjectNode node = NODES.objectNode();
    ArrayNode list = node.putArray("enum");
    words.forEach(list::add);
    return node;
  }
}
