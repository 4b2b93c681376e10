package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Told;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How an operation's pages go on, as its description tells.
 *
 * @param paginator keys and their values as YAML; {@code null} leaves it to the first answer
 * @param params that ask for large pages
 */
record Paged(Map<String, String> paginator, Map<String, String> params) {
  private static final Set<String> CURSORS =
      Set.of(
          "cursor",
          "nextcursor",
          "nextpagetoken",
          "nexttoken",
          "continuationtoken",
          "endcursor",
          "nextpagecursor");

  private static final int LARGEST = 1000;

  static Paged of(OpenApi api, Operation operation) {
    Optional<String> size = named(operation, Address::sizes);
    Optional<String> page = named(operation, Address::countsPages);
    Optional<String> offset = named(operation, Address::countsRecords);
    String most = size.map(name -> most(operation.query().get(name))).orElse(null);
    Map<String, String> large = new LinkedHashMap<>();
    if (most != null) {
      large.put(size.get(), most);
    }
    if (operation.links()) {
      return new Paged(Map.of("type", "header_link"), large);
    }
    Optional<String> link =
        found(api, operation.envelope(), 0, Set.of("next", "nexturl", "nextlink"));
    Optional<String> cursor = found(api, operation.envelope(), 0, CURSORS);
    Optional<String> takes =
        operation.query().keySet().stream()
            .filter(name -> !Address.countsPages(name) && !Address.countsRecords(name))
            .filter(
                name ->
                    Told.plain(name)
                        .matches(
                            "cursor|pagetoken|nexttoken|continuationtoken|startingafter|after|nextcursor"))
            .findFirst();
    if (cursor.isPresent() && takes.isPresent()) {
      return new Paged(
          Guess.keys(
              "cursor",
              "cursor_path",
              Yaml.text(cursor.get()),
              "cursor_param",
              Yaml.text(takes.get())),
          large);
    }
    if (link.isPresent() && cursor.isEmpty()) {
      return new Paged(Guess.keys("json_link", "next_url_path", Yaml.text(link.get())), large);
    }
    if (offset.isPresent()) {
      String total =
          found(api, operation.envelope(), 1, Told.RECORDS).map(Yaml::text).orElse("null");
      return new Paged(
          Guess.keys(
              "offset",
              "limit",
              most == null ? "100" : most,
              "offset_param",
              Yaml.text(offset.get()),
              "limit_param",
              Yaml.text(size.orElse("limit")),
              "total_path",
              total),
          Map.of());
    }
    if (page.isPresent()) {
      JsonNode schema = api.resolved(operation.query().get(page.get()).path("schema"));
      boolean zero =
          schema.path("default").asText().equals("0")
              || schema.path("minimum").asText().equals("0");
      return new Paged(
          Guess.keys(
              "page_number",
              "base_page",
              zero ? "0" : "1",
              "page_param",
              Yaml.text(page.get()),
              "total_path",
              "null"),
          large);
    }
    return new Paged(null, large);
  }

  private static String most(JsonNode parameter) {
    JsonNode schema = parameter.path("schema");
    long maximum = schema.path("maximum").asLong(0);
    boolean said = maximum > 0;
    // GitHub and others say it in words only
    boolean hundred = parameter.path("description").asText().contains("(max 100)");
    return said ? String.valueOf(Math.min(maximum, LARGEST)) : hundred ? "100" : null;
  }

  private static Optional<String> named(
      Operation operation, java.util.function.Predicate<String> wanted) {
    return operation.query().keySet().stream().filter(wanted).findFirst();
  }

  /** A field of the answer beside its records. */
  private static Optional<String> found(
      OpenApi api, JsonNode schema, int depth, Set<String> names) {
    if (api.list(schema)) {
      return Optional.empty();
    }
    Map<String, JsonNode> properties = api.properties(schema);
    for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
      boolean scalar = !api.list(property.getValue()) && !api.object(property.getValue());
      if (scalar && names.contains(Told.plain(property.getKey()))) {
        return Optional.of(property.getKey());
      }
    }
    for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
      boolean around =
          List.of(
                  "links",
                  "paging",
                  "pagination",
                  "meta",
                  "page",
                  "_links",
                  "page_info",
                  "pageinfo",
                  "cursors")
              .contains(property.getKey().toLowerCase(Locale.ROOT));
      if (around && depth < 2) {
        Optional<String> below = found(api, property.getValue(), depth + 1, names);
        if (below.isPresent()) {
          return below.map(name -> property.getKey() + "." + name);
        }
      }
    }
    return Optional.empty();
  }
}
