package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.project.Project;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Incremental;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.source.TableHints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A case of the golden corpus: what to load with which hints. */
record GoldenCase(Path dir, JsonNode spec) {
  static GoldenCase of(Path dir) throws IOException {
    return new GoldenCase(dir, Wire.mapper().readTree(dir.resolve("case.json").toFile()));
  }

  /** The cases in a folder, or those that the system property {@code golden} is part of. */
  static Stream<Path> in(Path corpus) throws IOException {
    String only = System.getProperty("golden", "");
    List<Path> cases = new ArrayList<>();
    try (Stream<Path> all = Files.list(corpus)) {
      all.filter(p -> p.getFileName().toString().contains(only)).sorted().forEach(cases::add);
    }
    return cases.stream();
  }

  /**
   * How many records it has in all runs.
   *
   * @param merged those of one primary key once
   */
  long records(boolean merged) throws IOException {
    String key = merged ? key() : null;
    Set<Object> all = new HashSet<>();
    for (JsonNode run : spec.get("runs")) {
      for (JsonNode input : run.get("inputs")) {
        String text = new String(read(dir.resolve(input.asText())), StandardCharsets.UTF_8);
        for (String line : text.split("\n")) {
          if (!line.isBlank()) {
            all.add(key == null ? all.size() : Wire.mapper().readTree(line).path(key));
          }
        }
      }
    }
    return all.size();
  }

  /** The primary key that a resource is given, in some run; {@code null} for none. */
  private String key() {
    return spec.findValues("primary_key").stream()
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .findFirst()
        .orElse(null);
  }

  String name() {
    return dir.getFileName().toString();
  }

  boolean failsInDlt() {
    return Files.exists(dir.resolve("expected/error.json"));
  }

  /** Whether rows only ever come on top of others. */
  boolean appends() {
    String all = spec.toString();
    return !all.contains("\"merge\"") && !all.contains("\"replace\"");
  }

  static byte[] read(Path file) throws IOException {
    Path gz = file.resolveSibling(file.getFileName() + ".gz");
    boolean packed = !Files.exists(file) || file.toString().endsWith(".gz");
    Path real = Files.exists(file) ? file : gz;
    try (InputStream in = Files.newInputStream(real);
        InputStream plain = packed ? new GZIPInputStream(in) : in) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      plain.transferTo(out);
      return out.toByteArray();
    }
  }

  Project project(JsonNode run) {
    JsonNode s = spec.path("settings");
    List<String> detections = new ArrayList<>(List.of("iso_timestamp"));
    Set<String> removed = new HashSet<>();
    s.path("detections").path("remove").forEach(n -> removed.add(n.asText()));
    detections.removeAll(removed);
    s.path("detections").path("add").forEach(n -> detections.add(n.asText()));
    Map<String, DataType> preferred = new LinkedHashMap<>();
    s.path("preferred_types")
        .properties()
        .forEach(e -> preferred.put(e.getKey(), DataType.of(e.getValue().asText())));
    JsonNode max = s.path("max_identifier_length");
    SchemaSettings settings =
        new SchemaSettings(
            s.has("naming") ? s.get("naming").asText() : null,
            detections,
            preferred,
            max.isInt() ? max.asInt() : null,
            true);
    return new Project(
        "golden",
        List.of(),
        new SystemNames("_dlt"),
        settings,
        null,
        null,
        List.of(source(run)),
        Map.of());
  }

  Source source(JsonNode run) {
    JsonNode s = spec.path("settings");
    JsonNode nesting = first(run.path("max_table_nesting"), s.path("max_table_nesting"));
    JsonNode rootKey = first(run.path("root_key"), s.path("root_key"));
    Source.Settings settings =
        new Source.Settings(
            nesting.isInt() ? nesting.asInt() : null,
            rootKey.isBoolean() ? rootKey.asBoolean() : null,
            contract(first(run.path("schema_contract"), s.path("schema_contract"))));
    List<Resource> resources = new ArrayList<>();
    run.path("inputs").properties().forEach(e -> resources.add(resource(e.getKey(), run)));
    return new Source.Filesystem("golden", new Text("."), settings, null, resources);
  }

  private Resource resource(String name, JsonNode run) {
    Map<String, JsonNode> h = new LinkedHashMap<>();
    spec.path("resources").path(name).properties().forEach(e -> h.put(e.getKey(), e.getValue()));
    run.path("hints").path(name).properties().forEach(e -> h.put(e.getKey(), e.getValue()));
    if (run.has("write_disposition")) {
      h.put("write_disposition", run.get("write_disposition"));
    }
    JsonNode i = h.get("incremental");
    return new Resource(
        name, null, null, incremental(i), hints(h), null, true, null, null, null, null, null);
  }

  private static Incremental incremental(JsonNode i) {
    return i == null
        ? null
        : new Incremental(
            i.path("cursor_path").asText(),
            i.get("initial_value"),
            i.get("end_value"),
            text(i, "last_value_func"),
            text(i, "row_order"),
            text(i, "on_cursor_value_missing"),
            text(i, "range_start"),
            text(i, "range_end"),
            i.has("lag") ? i.get("lag").asDouble() : null,
            i.has("primary_key") ? list(i.get("primary_key")) : null,
            null,
            null,
            null);
  }

  private static TableHints hints(Map<String, JsonNode> h) {
    List<TableHints.Nested> nested = new ArrayList<>();
    if (h.containsKey("nested_hints")) {
      for (JsonNode n : h.get("nested_hints")) {
        Map<String, JsonNode> own = new LinkedHashMap<>();
        n.properties().forEach(e -> own.put(e.getKey(), e.getValue()));
        nested.add(new TableHints.Nested(list(n.get("path")), hints(own)));
      }
    }
    JsonNode key = h.get("table_name_key");
    JsonNode name = h.get("table_name");
    return new TableHints(
        key != null
            ? new Text("{" + key.asText() + "}")
            : name != null ? new Text(name.asText()) : null,
        disposition(h.get("write_disposition")),
        list(h.get("primary_key")),
        list(h.get("merge_key")),
        columns(h.get("columns")),
        contract(h.get("schema_contract")),
        h.containsKey("max_table_nesting") ? h.get("max_table_nesting").asInt() : null,
        nested);
  }

  private static WriteDisposition disposition(JsonNode d) {
    if (d == null) {
      return null;
    }
    if (d.isTextual()) {
      return new WriteDisposition(WriteDisposition.Kind.of(d.asText()), null, null);
    }
    Map<String, Object> options = new LinkedHashMap<>();
    d.properties()
        .forEach(
            e -> {
              if (!e.getKey().equals("disposition")) {
                options.put(e.getKey(), Wire.mapper().convertValue(e.getValue(), Object.class));
              }
            });
    return new WriteDisposition(
        WriteDisposition.Kind.of(d.get("disposition").asText()),
        d.has("strategy") ? WriteDisposition.Strategy.of(d.get("strategy").asText()) : null,
        options);
  }

  private static List<Column> columns(JsonNode c) {
    List<Column> all = new ArrayList<>();
    if (c == null) {
      return all;
    }
    if (c.isArray()) {
      c.forEach(n -> all.add(column(n.get("name").asText(), n)));
    } else {
      c.properties().forEach(e -> all.add(column(e.getKey(), e.getValue())));
    }
    return all;
  }

  private static Column column(String name, JsonNode n) {
    Map<String, Object> hints = new LinkedHashMap<>();
    Set<String> known = Set.of("name", "data_type", "nullable", "precision", "scale", "timezone");
    n.properties()
        .forEach(
            e -> {
              if (!known.contains(e.getKey())) {
                hints.put(e.getKey(), Wire.mapper().convertValue(e.getValue(), Object.class));
              }
            });
    return new Column(
        name,
        n.has("data_type") ? DataType.of(n.get("data_type").asText()) : null,
        n.has("nullable") ? n.get("nullable").asBoolean() : null,
        n.has("precision") ? n.get("precision").asInt() : null,
        n.has("scale") ? n.get("scale").asInt() : null,
        n.has("timezone") ? n.get("timezone").asBoolean() : null,
        hints);
  }

  private static SchemaContract contract(JsonNode c) {
    if (c == null || c.isMissingNode()) {
      return null;
    }
    if (c.isTextual()) {
      return SchemaContract.all(SchemaContract.Mode.of(c.asText()));
    }
    return new SchemaContract(
        mode(c.get("tables")), mode(c.get("columns")), mode(c.get("data_type")));
  }

  private static SchemaContract.Mode mode(JsonNode n) {
    return n == null ? null : SchemaContract.Mode.of(n.asText());
  }

  private static JsonNode first(JsonNode a, JsonNode b) {
    return a.isMissingNode() ? b : a;
  }

  private static String text(JsonNode n, String key) {
    return n.has(key) ? n.get(key).asText() : null;
  }

  private static List<String> list(JsonNode n) {
    List<String> all = new ArrayList<>();
    if (n != null && n.isArray()) {
      n.forEach(x -> all.add(x.asText()));
    } else if (n != null) {
      all.add(n.asText());
    }
    return all;
  }
}
