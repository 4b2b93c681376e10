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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    return GoldenCase.in(corpus)
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
    GoldenExpected expected = GoldenExpected.of(c);
    Map<String, List<String>> columns = new TreeMap<>();
    for (GoldenExpected.Table t : expected.tables()) {
      columns.put(
          t.name() + (t.parent() == null ? "" : " of " + t.parent()),
          t.columns().stream().map(k -> k.name() + " " + k.ddl()).toList());
    }
    assertThat(landed.columns()).as("tables and columns").isEqualTo(columns);
    Schema stored = SystemSchema.added(landed.schema, new SystemNames("_dlt"));
    assertThat(schema(Wire.mapper().readTree(SchemaJson.write(stored))))
        .as("stored schema")
        .isEqualTo(
            schema(Wire.mapper().readTree(c.dir().resolve("expected/schema.json").toFile())));
    if (c.appends()) {
      assertThat(landed.chains(expected.literalIds(), false))
          .as("rows")
          .isEqualTo(expected.chains(false, Landed::json));
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
    long want = c.records(false);
    long got = 0;
    for (var e : landed.rows.entrySet()) {
      boolean root =
          e.getKey().equals("_mr_rejects")
              || landed.schema.table(e.getKey()).orElseThrow().parent() == null;
      got += root ? e.getValue().size() : 0;
    }
    assertThat(got).as("records in root tables and rejects").isEqualTo(want);
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
          Order order =
              new Order(c.project(run), source, r, schema, cursor, segment, Orders.CASED, null);
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
  static JsonNode next(JsonNode cursor) {
    if (cursor == null || !cursor.has("running_max")) {
      return null;
    }
    var next = Wire.mapper().createObjectNode();
    next.set("window_start", cursor.get("running_max"));
    next.set("start_keys", cursor.get("keys"));
    return next;
  }

  static List<byte[]> lines(byte[] all) {
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
}
