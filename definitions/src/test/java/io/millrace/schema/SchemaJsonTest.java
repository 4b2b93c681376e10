package io.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Stored schemas of dlt 1.31, with the hash that the rule gives for them (made with Python). */
  @ParameterizedTest
  @CsvSource({
    "hints-precision, 3rA6m3F0ryYdUMiP5wKWTWmU9cSzlD+tPVy6qvrhums=",
    "merge-scd2, dcUzoWihXqNMBz3EP45uIyZJ7E8JcUFCLFi6S5g/0W0=",
    "variants-matrix, 2BLPpe9f06ouU+ewJ1c7jLVeQfWoSY4DrBozaKnHOts=",
    "naming-direct, s8VMynXDw4lI6T8XUOzZ4uunCCLkCwuOWIExOR3jCDw=",
    "detections, 0PAsZ+k6bzUWyW7I3u1rxxiWZphRGRcF8R/cDNOX++0=",
    "naming-unicode, ps1q30V7DJrgQY4JrphbFge1bzAqT/Wk/3s3VuOeR98=",
  })
  void readsWritesAndHashesWhatDltStored(String name, String hash) throws Exception {
    ObjectNode stored = stored(name);
    stored.put("name", "golden").put("version", 3).put("version_hash", "h");
    stored.putArray("previous_hashes").add("g").add("f");
    Schema schema = SchemaJson.read(stored.toString());
    assertThat(schema.version()).isEqualTo(3);
    assertThat(schema.previousHashes()).containsExactly("g", "f");
    assertThat(MAPPER.readTree(SchemaJson.write(schema))).isEqualTo(stored);
    assertThat(SchemaJson.versionHash(schema)).isEqualTo(hash);
    assertThat(SchemaJson.read(SchemaJson.write(schema))).isEqualTo(schema);
  }

  @Test
  void readsColumnsInOrderWithTheirHints() throws Exception {
    Schema schema = SchemaJson.read(stored("merge-scd2").put("name", "s").toString());
    TableSchema child = schema.table("t__k").orElseThrow();
    assertThat(child.parent()).isEqualTo("t");
    assertThat(child.resource()).isNull();
    assertThat(child.columns())
        .extracting(Column::name)
        .containsExactly("n", "_dlt_parent_id", "_dlt_list_idx", "_dlt_id");
    assertThat(child.column("_dlt_id").orElseThrow().hinted("row_key")).isTrue();
    assertThat(child.column("_dlt_id").orElseThrow().acceptsNull()).isFalse();
    assertThat(child.hints()).containsEntry("x-normalizer", Map.of("seen-data", true));
  }

  @Test
  void theStoredSystemTablesAreThoseOfDlt() throws Exception {
    SystemNames dlt = new SystemNames("_dlt");
    JsonNode made =
        MAPPER.readTree(SchemaJson.write(SystemSchema.added(Schema.empty("golden"), dlt)));
    ObjectNode expected = stored("detections");
    for (String table : List.of("_dlt_version", "_dlt_loads")) {
      assertThat(withoutDescriptions(made.at("/tables/" + table)))
          .as(table)
          .isEqualTo(withoutDescriptions(expected.at("/tables/" + table)));
    }
  }

  @Test
  void theStoredSystemTablesComeOffAgain() {
    Column a = Column.of("a", DataType.TEXT);
    for (String prefix : List.of("_mr", "_dlt")) {
      SystemNames names = new SystemNames(prefix);
      Schema schema = Schema.empty("s").with(new TableSchema("t", null, "t", Map.of(), List.of(a)));
      Schema stored = SchemaJson.read(SchemaJson.write(SystemSchema.added(schema, names)));
      assertThat(stored.tables()).hasSizeGreaterThan(2);
      assertThat(SystemSchema.removed(stored, names)).isEqualTo(schema);
    }
  }

  @Test
  void theVersionGrowsWithEachChangeAndOnlyThen() {
    Schema before = Schema.empty("s");
    Schema first = SchemaJson.bump(before, before);
    assertThat(first.version()).isEqualTo(1);
    assertThat(first.previousHashes()).isEmpty();
    assertThat(SchemaJson.bump(first, first)).isEqualTo(first);
    Schema next = first;
    for (int i = 0; i < 12; i++) {
      TableSchema table =
          next.table("t").orElse(new TableSchema("t", null, "t", Map.of(), List.of()));
      Schema grown = next.with(table.with(Column.of("c" + i, DataType.TEXT)));
      Schema bumped = SchemaJson.bump(next, grown);
      assertThat(bumped.version()).isEqualTo(next.version() + 1);
      assertThat(bumped.previousHashes().get(0)).isEqualTo(next.versionHash());
      next = bumped;
    }
    assertThat(next.previousHashes()).hasSize(10).doesNotContain(first.versionHash());
  }

  @Test
  void theHashKnowsTheOrderOfColumnsButNotOfTablesOrHints() {
    Column a = Column.of("a", DataType.TEXT);
    Column b = Column.of("b", DataType.TEXT);
    TableSchema ab = new TableSchema("t", null, "t", Map.of(), List.of(a, b));
    TableSchema ba = new TableSchema("t", null, "t", Map.of(), List.of(b, a));
    TableSchema u = new TableSchema("u", null, "u", Map.of(), List.of(a));
    Schema empty = Schema.empty("s");
    assertThat(SchemaJson.versionHash(empty.with(ab)))
        .isNotEqualTo(SchemaJson.versionHash(empty.with(ba)));
    assertThat(SchemaJson.versionHash(empty.with(ab).with(u)))
        .isEqualTo(SchemaJson.versionHash(empty.with(u).with(ab)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"engine_version\":10}",
        "{\"engine_version\":\"x\"}",
        "{\"engine_version\":11,\"tables\":{\"t\":{\"columns\":{\"c\":{\"data_type\":\"cube\"}}}}}"
      })
  void refusesWhatIsNoStoredSchema(String json) {
    assertThatThrownBy(() -> SchemaJson.read(json))
        .isInstanceOf(MillraceException.class)
        .hasMessageStartingWith("Cannot read the stored schema: ")
        .extracting(e -> ((MillraceException) e).failure())
        .isEqualTo(Failure.DATA_INVALID);
  }

  private static JsonNode withoutDescriptions(JsonNode table) {
    return ((ObjectNode) table.deepCopy()).without("description");
  }

  private static ObjectNode stored(String name) throws Exception {
    try (InputStream in = SchemaJsonTest.class.getResourceAsStream("/schema/stored.json")) {
      return (ObjectNode) MAPPER.readTree(in).get(name);
    }
  }
}
