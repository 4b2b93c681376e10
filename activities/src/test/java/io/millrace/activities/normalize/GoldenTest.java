package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.run.Wire;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The golden corpus through the normalizer alone: dlt's tables, columns and rows. */
class GoldenTest {
  @TempDir Path dir;

  @TestFactory
  Stream<DynamicTest> makesTheTablesOfTheGoldenCases() throws IOException {
    Path corpus = shared("golden/dev");
    if (corpus == null) {
      return Stream.of(
          dynamicTest("SKIPPED: there is no folder shared/golden/dev above this one", () -> {}));
    }
    List<Path> cases = new ArrayList<>();
    try (Stream<Path> all = Files.list(corpus)) {
      all.sorted().forEach(cases::add);
    }
    String only = System.getProperty("golden", "");
    return cases.stream()
        .filter(p -> p.getFileName().toString().contains(only))
        .flatMap(
            p ->
                Stream.of(
                    dynamicTest(p.getFileName() + " whole", () -> check(GoldenCase.of(p), false)),
                    dynamicTest(p.getFileName() + " tiny", () -> check(GoldenCase.of(p), true))));
  }

  /**
   * A folder below {@code shared}, above the working directory; {@code null} when there is none.
   */
  static Path shared(String below) {
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path found = p.resolve("shared").resolve(below);
      if (Files.isDirectory(found)) {
        return found;
      }
    }
    return null;
  }

  private void check(GoldenCase c, boolean tiny) throws IOException {
    Landed landed = new Landed();
    try {
      land(c, tiny, landed);
    } catch (MillraceException e) {
      if (c.failsInDlt() && (c.name().contains("contract") || c.name().contains("hints"))) {
        return;
      }
      throw e;
    }
    if (c.failsInDlt()) {
      accounted(c, landed);
      return;
    }
    JsonNode tables = Wire.mapper().readTree(c.dir().resolve("expected/tables.json").toFile());
    Map<String, List<String>> columns = new TreeMap<>();
    Map<String, String> parents = new HashMap<>();
    for (JsonNode t : tables.get("tables")) {
      List<String> names = new ArrayList<>();
      for (JsonNode k : t.get("columns")) {
        boolean nullable = k.get("nullable").asBoolean();
        names.add(
            k.get("name").asText()
                + " "
                + k.get("data_type").asText()
                + (nullable ? "" : " NOT NULL"));
      }
      String parent = t.get("parent").isNull() ? null : t.get("parent").asText();
      parents.put(t.get("name").asText(), parent);
      columns.put(t.get("name").asText() + (parent == null ? "" : " of " + parent), names);
    }
    assertThat(landed.columns()).as("tables and columns").isEqualTo(columns);
    Schema stored = SystemSchema.added(landed.schema, new SystemNames("_dlt"));
    assertThat(schema(Wire.mapper().readTree(SchemaJson.write(stored))))
        .as("stored schema")
        .isEqualTo(
            schema(Wire.mapper().readTree(c.dir().resolve("expected/schema.json").toFile())));
    if (c.appends()) {
      Map<String, Set<String>> literal = new HashMap<>();
      List<String> expected = expected(c, tables, parents, literal);
      assertThat(landed.chains(literal)).as("rows").isEqualTo(expected);
    }
  }

  /** A stored schema without descriptions and versions. */
  private static Map<String, String> schema(JsonNode stored) {
    Map<String, String> parts = new TreeMap<>();
    for (var t : stored.get("tables").properties()) {
      ObjectNode table = t.getValue().deepCopy();
      for (var k : table.get("columns").properties()) {
        ((ObjectNode) k.getValue()).remove("description");
        parts.put(t.getKey() + "." + k.getKey(), sorted(k.getValue()));
      }
      parts.put(t.getKey(), sorted(table.without(List.of("columns", "description"))));
    }
    parts.put("settings", sorted(stored.path("settings")));
    parts.put("normalizers", sorted(stored.path("normalizers")));
    return parts;
  }

  private static String sorted(JsonNode n) {
    try {
      return Landed.json(n);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void accounted(GoldenCase c, Landed landed) throws IOException {
    if (c.name().contains("contract")) {
      throw new AssertionError("a frozen contract must be refused");
    }
    long want = 0;
    for (JsonNode run : c.spec().get("runs")) {
      for (JsonNode f : run.get("inputs")) {
        for (String line : text(c, f).split("\n")) {
          want += line.isBlank() ? 0 : 1;
        }
      }
    }
    long got = 0;
    for (var e : landed.rows.entrySet()) {
      boolean root =
          e.getKey().equals("_mr_rejects")
              || landed.schema.table(e.getKey()).orElseThrow().parent() == null;
      got += root ? e.getValue().size() : 0;
    }
    assertThat(got).as("records in root tables and rejects").isEqualTo(want);
  }

  private static String text(GoldenCase c, JsonNode file) throws IOException {
    return new String(GoldenCase.read(c.dir().resolve(file.asText())), StandardCharsets.UTF_8);
  }

  private void land(GoldenCase c, boolean tiny, Landed landed) throws IOException {
    Schema schema = Schema.empty("golden");
    Map<String, JsonNode> cursors = new HashMap<>();
    int n = 0;
    for (JsonNode run : c.spec().get("runs")) {
      n++;
      Source source = c.source(run);
      for (Resource r : source.resources()) {
        byte[] all = GoldenCase.read(c.dir().resolve(run.path("inputs").path(r.name()).asText()));
        JsonNode cursor = next(cursors.get(r.name()));
        int seq = 0;
        for (byte[] part : tiny ? lines(all) : List.of(all)) {
          Segment segment =
              new Segment(
                  "golden",
                  "",
                  r.name(),
                  null,
                  "run" + n,
                  "17000000" + n + "0.1-r-" + n + "-" + ++seq,
                  n,
                  seq);
          Path file = dir.resolve(n + "-" + seq + ".pkg");
          RawPage page =
              new RawPage(
                  RawPage.Format.JSONL,
                  List.of(),
                  "input",
                  0,
                  () -> new ByteArrayInputStream(part));
          Order order = new Order(c.project(run), source, r, schema, cursor, segment, 65536);
          Normalized done = Normalizer.run(order, List.of(page), file, Progress.NONE);
          schema = done.schema();
          cursor = done.cursor();
          landed.add(file);
          Files.delete(file);
        }
        cursors.put(r.name(), cursor);
      }
    }
  }

  /** What the workflow does with a cursor when its window is done. */
  private static JsonNode next(JsonNode cursor) {
    if (cursor == null || !cursor.has("running_max")) {
      return null;
    }
    var next = Wire.mapper().createObjectNode();
    next.set("window_start", cursor.get("running_max"));
    next.set("start_keys", cursor.get("keys"));
    return next;
  }

  private static List<byte[]> lines(byte[] all) {
    List<byte[]> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == '\n') {
        lines.add(java.util.Arrays.copyOfRange(all, from, i + 1));
        from = i + 1;
      }
    }
    if (from < all.length || lines.isEmpty()) {
      lines.add(java.util.Arrays.copyOfRange(all, from, all.length));
    }
    return lines;
  }

  private static List<String> expected(
      GoldenCase c, JsonNode tables, Map<String, String> parents, Map<String, Set<String>> literal)
      throws IOException {
    Map<String, Map<String, String>> parentOf = new HashMap<>();
    Map<String, String> own = new HashMap<>();
    Map<String, String> up = new HashMap<>();
    List<String> keys = new ArrayList<>();
    for (JsonNode t : tables.get("tables")) {
      String name = t.get("name").asText();
      Map<String, String> types = new HashMap<>();
      t.get("columns").forEach(k -> types.put(k.get("name").asText(), k.get("data_type").asText()));
      String file = t.get("file").asText();
      byte[] bytes = GoldenCase.read(c.dir().resolve("expected").resolve(file));
      for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
        if (line.isEmpty()) {
          continue;
        }
        JsonNode row = Wire.mapper().readTree(line);
        Map<String, Object> out = new TreeMap<>();
        for (var e : row.properties()) {
          if (!e.getKey().equals("#")) {
            out.put(e.getKey(), canon(types.get(e.getKey()), e.getValue()));
          }
        }
        out.remove("_dlt_load_id");
        String id = (String) out.get("_dlt_id");
        if (!id.startsWith("$")) {
          literal.computeIfAbsent(name, k -> new HashSet<>()).add(id);
        }
        String path = row.get("#").toString();
        String key = name + path;
        String parent = (String) out.get("_dlt_parent_id");
        if (parent != null && parent.startsWith("$parent")) {
          String in = parent.length() > 8 ? parent.substring(8) : parents.get(name);
          int comma = path.lastIndexOf(',');
          up.put(key, in + path.substring(0, comma) + "]");
          out.put("_dlt_parent_id", "$parent");
        }
        Object root = out.get("_dlt_root_id");
        if (root != null && !root.equals("$root")) {
          out.put("_dlt_root_id", "$other");
        }
        own.put(key + "#" + keys.size(), name + out);
        own.putIfAbsent(key, name + out);
        keys.add(key + "#" + keys.size());
      }
    }
    List<String> chains = new ArrayList<>();
    for (String k : keys) {
      StringBuilder chain = new StringBuilder(own.get(k));
      String at = up.get(k.substring(0, k.lastIndexOf('#')));
      while (at != null) {
        chain.insert(0, own.get(at) + " > ");
        at = up.get(at);
      }
      chains.add(chain.toString());
    }
    chains.sort(null);
    return chains;
  }

  private static Object canon(String type, JsonNode v) throws IOException {
    return switch (type) {
      case "DOUBLE" ->
          Double.toString(v.isTextual() ? Double.parseDouble(v.asText()) : v.asDouble());
      case "BIGINT", "TINYINT", "SMALLINT", "INTEGER", "HUGEINT" -> v.asText();
      case "BOOLEAN" -> v.asBoolean();
      case "JSON" -> "json:" + Landed.json(v);
      default -> v.asText();
    };
  }
}
