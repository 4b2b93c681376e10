package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a document says of one GET.
 *
 * @param path as written, with {@code {parameters}}
 * @param query parameters of the query, by name
 * @param selector where the records lie in the answer; {@code null} when it is no list
 * @param item properties of a record
 * @param envelope the answer's schema
 * @param links whether the answer has a Link header
 * @param refusal why it cannot be read; {@code null} when it can
 */
record Operation(
    String path,
    Map<String, JsonNode> query,
    String selector,
    Map<String, JsonNode> item,
    JsonNode envelope,
    boolean links,
    String refusal) {
  private static final Set<String> RECORDS =
      Set.of(
          "data",
          "items",
          "results",
          "entries",
          "records",
          "rows",
          "entities",
          "payload",
          "content",
          "objects",
          "values");

  static Operation of(OpenApi api, String path, JsonNode all, JsonNode get) {
    Map<String, JsonNode> query = new LinkedHashMap<>();
    String refusal = null;
    for (JsonNode from : List.of(all.path("parameters"), get.path("parameters"))) {
      for (JsonNode reference : from) {
        JsonNode parameter = api.resolved(reference);
        String name = parameter.path("name").asText();
        String in = parameter.path("in").asText();
        if (parameter.isMissingNode()) {
          refusal = "a parameter of it lies in another document";
        } else if (in.equals("query") && !name.contains("${")) {
          query.put(name, parameter);
        } else if (in.equals("header") && parameter.path("required").asBoolean()) {
          refusal = "it wants the header " + name;
        }
      }
    }
    JsonNode response = response(api, get.path("responses"));
    JsonNode schema = api.resolved(schema(response));
    List<String> where = schema.isMissingNode() ? null : records(api, schema, 0);
    boolean links = false;
    for (Map.Entry<String, JsonNode> header : response.path("headers").properties()) {
      links |= header.getKey().equalsIgnoreCase("link");
    }
    if (path.contains("${")) {
      refusal = "its path would be a reference";
    } else if (get.path("deprecated").asBoolean()) {
      refusal = "it is deprecated";
    } else if (schema(response).isMissingNode()) {
      refusal = "no answer of JSON is described";
    } else if (schema.isMissingNode()) {
      refusal = "its schema lies in another document, or nowhere";
    } else if (where == null) {
      refusal = "it answers with one thing, not with a list";
    }
    return new Operation(
        path,
        query,
        where == null ? null : where.isEmpty() ? "$" : String.join(".", where),
        where == null ? Map.of() : item(api, schema, where),
        schema,
        links,
        refusal);
  }

  private static JsonNode response(OpenApi api, JsonNode responses) {
    for (String code : List.of("200", "2XX", "203", "206", "default")) {
      JsonNode response = api.resolved(responses.path(code));
      if (!response.isMissingNode()) {
        return response;
      }
    }
    return MissingNode.getInstance();
  }

  private static JsonNode schema(JsonNode response) {
    JsonNode found = MissingNode.getInstance();
    for (Map.Entry<String, JsonNode> content : response.path("content").properties()) {
      String type = content.getKey().toLowerCase(Locale.ROOT);
      boolean json = type.startsWith("application/") && type.contains("json") || type.equals("*/*");
      if (json && found.isMissingNode() && !type.contains("seq") && !type.contains("ndjson")) {
        found = content.getValue().path("schema");
      }
    }
    return found;
  }

  /** The way to the list of records; {@code null} when there is none. */
  private static List<String> records(OpenApi api, JsonNode schema, int depth) {
    if (api.list(schema)) {
      return List.of();
    }
    Map<String, JsonNode> properties = api.properties(schema);
    List<String> lists = new ArrayList<>();
    properties.forEach(
        (name, property) -> {
          boolean plain = name.matches("[A-Za-z_][A-Za-z0-9_-]*");
          if (plain && api.list(property)) {
            lists.add(name);
          }
        });
    List<String> known = lists.stream().filter(RECORDS::contains).toList();
    List<String> objects =
        lists.stream().filter(name -> api.object(api.items(properties.get(name)))).toList();
    if (!known.isEmpty()) {
      return List.of(known.get(0));
    }
    // a record may have lists too: what has an id is one, and a page has one list and some numbers
    boolean record = properties.containsKey("id");
    if (objects.size() == 1 && !record && properties.size() <= 12) {
      return objects;
    }
    if (depth < 2 && !record) {
      for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
        boolean wraps = RECORDS.contains(property.getKey()) || properties.size() == 1;
        List<String> below =
            wraps && api.object(property.getValue())
                ? records(api, property.getValue(), depth + 1)
                : null;
        if (below != null && property.getKey().matches("[A-Za-z_][A-Za-z0-9_-]*")) {
          List<String> way = new ArrayList<>(List.of(property.getKey()));
          way.addAll(below);
          return way;
        }
      }
    }
    return null;
  }

  private static Map<String, JsonNode> item(OpenApi api, JsonNode schema, List<String> where) {
    JsonNode here = schema;
    for (String key : where) {
      here = api.properties(here).getOrDefault(key, MissingNode.getInstance());
    }
    return api.properties(api.items(here));
  }

  /** Whether a run can read it. */
  boolean readable() {
    return refusal == null;
  }
}
