package io.millrace.worker.init;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Problems;
import io.millrace.project.shape.YamlTree;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * An OpenAPI 3 document as data: it is read to a limit, and references are followed within it and
 * nowhere else.
 */
final class OpenApi {
  private static final int MOST_BYTES = 64_000_000;
  private static final int HOPS = 32;

  /** How deep schemas that are made of others are looked into. */
  private static final int DEPTH = 12;

  private static final int PROPERTIES = 500;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(500).maxNumberLength(500).build())
              .build());

  private final JsonNode root;

  private OpenApi(JsonNode root) {
    this.root = root;
  }

  /** {@code CONFIG_INVALID} when the file is none. */
  static OpenApi read(Path file) {
    String name = file.getFileName().toString();
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw refused(name, "the file cannot be read: " + e, "check the path");
    }
    if (bytes.length > MOST_BYTES) {
      throw refused(name, "it is larger than " + MOST_BYTES + " bytes", "cut it to what you need");
    }
    String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst("^\uFEFF", "");
    OpenApi document =
        new OpenApi(text.stripLeading().startsWith("{") ? json(name, text) : yaml(name, text));
    String version = document.root.path("openapi").asText();
    if (!version.startsWith("3.")) {
      String found =
          document.root.has("swagger")
              ? "it is Swagger " + Yaml.comment(document.root.path("swagger").asText())
              : "it does not say openapi: 3";
      throw refused(name, found, "convert it to OpenAPI 3");
    }
    return document;
  }

  private static JsonNode json(String name, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw refused(
          name, "it is not JSON: " + Yaml.comment(e.getOriginalMessage()), "check the file");
    }
  }

  private static JsonNode yaml(String name, String text) {
    Problems problems = new Problems(name, text);
    Node tree = YamlTree.read(text, problems);
    if (tree == null) {
      throw new MillraceException(Failure.CONFIG_INVALID, problems.problems().get(0).render());
    }
    return of(tree);
  }

  private static JsonNode of(Node node) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    if (node instanceof Node.Items items) {
      ArrayNode out = make.arrayNode();
      items.items().forEach(item -> out.add(of(item)));
      return out;
    }
    if (node instanceof Node.Fields fields) {
      ObjectNode out = make.objectNode();
      fields.fields().forEach(field -> out.set(field.name(), of(field.value())));
      return out;
    }
    Node.Scalar scalar = (Node.Scalar) node;
    return switch (scalar.kind()) {
      case TEXT -> make.textNode(scalar.text());
      case NUMBER -> make.numberNode(new BigDecimal(scalar.text()));
      case BOOL -> make.booleanNode(scalar.text().equals("true"));
      case NULL -> make.nullNode();
    };
  }

  private static MillraceException refused(String name, String why, String remedy) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot read the OpenAPI document " + name + ": " + why + " (" + remedy + ")");
  }

  JsonNode root() {
    return root;
  }

  /**
   * The node, or what its reference leads to; a missing node when that is elsewhere, in a circle or
   * nowhere.
   */
  JsonNode resolved(JsonNode node) {
    JsonNode here = node;
    for (int hop = 0; here.path("$ref").isTextual(); hop++) {
      String reference = here.get("$ref").asText();
      if (hop == HOPS || !reference.startsWith("#")) {
        return MissingNode.getInstance();
      }
      here = at(reference.substring(1));
    }
    return here;
  }

  private JsonNode at(String pointer) {
    JsonNode here = root;
    for (String part : pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1)) {
      String key;
      try {
        key = URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        key = part;
      }
      key = key.replace("~1", "/").replace("~0", "~");
      here =
          here.isArray() && key.matches("\\d{1,6}")
              ? here.path(Integer.parseInt(key))
              : here.path(key);
    }
    return here;
  }

  /** Whether what the schema describes is a list. */
  boolean list(JsonNode schema) {
    return type(whole(schema, 0), "array");
  }

  /** What the elements of a list look like. */
  JsonNode items(JsonNode schema) {
    return resolved(whole(schema, 0).path("items"));
  }

  /** Whether it describes an object. */
  boolean object(JsonNode schema) {
    JsonNode whole = whole(schema, 0);
    return type(whole, "object") || whole.has("properties") || whole.has("allOf");
  }

  boolean type(JsonNode schema, String type) {
    JsonNode said = schema.path("type");
    if (said.isArray()) { // 3.1: [string, "null"]
      for (JsonNode one : said) {
        if (one.asText().equals(type)) {
          return true;
        }
      }
    }
    return said.asText().equals(type);
  }

  /** The properties of an object, those of its parts included. */
  Map<String, JsonNode> properties(JsonNode schema) {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    properties(schema, all, Collections.newSetFromMap(new IdentityHashMap<>()), 0);
    return all;
  }

  /**
   * @param seen parts that were looked at: each counts once, however often it is referred to
   */
  private void properties(
      JsonNode schema, Map<String, JsonNode> all, Set<JsonNode> seen, int depth) {
    JsonNode whole = whole(schema, depth);
    if (!seen.add(whole)) {
      return;
    }
    for (Map.Entry<String, JsonNode> property : whole.path("properties").properties()) {
      if (all.size() < PROPERTIES) {
        all.putIfAbsent(property.getKey(), resolved(property.getValue()));
      }
    }
    if (depth < DEPTH && all.size() < PROPERTIES) {
      for (JsonNode part : whole.path("allOf")) {
        properties(part, all, seen, depth + 1);
      }
    }
  }

  /**
   * The schema itself; of alternatives the first, because one is enough to see where things lie.
   */
  private JsonNode whole(JsonNode schema, int depth) {
    JsonNode here = resolved(schema);
    for (int level = depth; level < DEPTH; level++) {
      JsonNode first = here.path("oneOf").path(0);
      first = first.isMissingNode() ? here.path("anyOf").path(0) : first;
      boolean says = here.has("type") || here.has("properties") || here.has("allOf");
      if (says || first.isMissingNode()) {
        return here;
      }
      here = resolved(first);
    }
    return here;
  }
}
