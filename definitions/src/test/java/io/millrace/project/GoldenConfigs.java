package io.millrace.project;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The configurations that the golden cases are run with, made as their runner makes them. */
final class GoldenConfigs {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> HINTS =
      List.of(
          "primary_key",
          "merge_key",
          "write_disposition",
          "columns",
          "max_table_nesting",
          "schema_contract",
          "nested_hints",
          "references",
          "incremental",
          "table_name");

  private GoldenConfigs() {}

  /** The folder of the cases beside the checkout; empty when there is none. */
  static Optional<Path> folder() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path found = at.resolve("shared/golden/dev");
      if (Files.isDirectory(found)) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /** Case and run to the text of its millrace.yaml. */
  static Map<String, String> all(Path folder) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    try (Stream<Path> cases = Files.list(folder)) {
      for (Path path : cases.map(p -> p.resolve("case.json")).sorted().toList()) {
        JsonNode golden = JSON.readTree(path.toFile());
        int run = 0;
        for (JsonNode each : golden.path("runs")) {
          all.put(golden.path("name").asText() + " " + run++, text(golden, each));
        }
      }
    }
    return all;
  }

  private static String text(JsonNode golden, JsonNode run) {
    JsonNode settings = golden.path("settings");
    ObjectNode project = JSON.createObjectNode();
    project.put("project", "golden").put("system_prefix", "_dlt");
    project
        .putObject("destination")
        .put("type", "duckdb")
        .put("path", "out.duckdb")
        .put("dataset", "d");
    ObjectNode source = project.putObject("sources").putObject("golden");
    source.put("type", "filesystem").put("bucket_url", ".");
    ArrayNode resources = source.putArray("resources");
    run.path("inputs")
        .properties()
        .forEach(input -> resources.add(resource(golden, run, input.getKey(), input.getValue())));
    for (String key : List.of("max_table_nesting", "root_key", "schema_contract")) {
      copy(key, run.has(key) ? run : settings, source);
    }
    ObjectNode schema = JSON.createObjectNode();
    for (String key : List.of("naming", "max_identifier_length", "preferred_types")) {
      copy(key, settings, schema);
    }
    if (settings.has("detections")) {
      ArrayNode detections = schema.putArray("detections");
      if (settings.path("detections").path("remove").isEmpty()) {
        detections.add("iso_timestamp");
      }
      settings.path("detections").path("add").forEach(detections::add);
    }
    if (!schema.isEmpty()) {
      project.set("schema", schema);
    }
    project.putObject("segment").put("bytes", 1);
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(project);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode resource(JsonNode golden, JsonNode run, String name, JsonNode file) {
    ObjectNode spec = golden.path("resources").path(name).deepCopy();
    run.path("hints").path(name).properties().forEach(h -> spec.set(h.getKey(), h.getValue()));
    ObjectNode resource = JSON.createObjectNode();
    resource.put("name", name).put("file_glob", file.asText()).put("format", "jsonl");
    HINTS.forEach(key -> copy(key, spec, resource));
    if (spec.has("table_name_key")) {
      resource.put("table_name", "{" + spec.path("table_name_key").asText() + "}");
    }
    copy("write_disposition", run, resource);
    return resource;
  }

  private static void copy(String key, JsonNode from, ObjectNode to) {
    if (from.has(key)) {
      to.set(key, from.get(key));
    }
  }
}
