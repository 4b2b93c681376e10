package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.run.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What dlt wrote for a golden case: its tables, and its rows in canonical form. */
final class GoldenExpected {
  /**
   * @param type DuckDB's
   * @param rank whether its values are times that were made up, and stand for their order
   */
  record Column(String name, String type, boolean nullable, boolean rank) {
    String ddl() {
      return type + (nullable ? "" : " NOT NULL");
    }
  }

  /**
   * @param parent {@code null} for a root table
   */
  record Table(String name, String parent, List<Column> columns) {}

  /** How a JSON value is written so that equal ones are written alike. */
  interface JsonForm {
    String of(JsonNode value) throws IOException;
  }

  private final List<Table> tables = new ArrayList<>();
  private final Map<String, List<JsonNode>> rows = new HashMap<>();

  private GoldenExpected() {}

  static GoldenExpected of(GoldenCase c) throws IOException {
    GoldenExpected expected = new GoldenExpected();
    JsonNode all = Wire.mapper().readTree(c.dir().resolve("expected/tables.json").toFile());
    for (JsonNode t : all.get("tables")) {
      List<Column> columns = new ArrayList<>();
      for (JsonNode k : t.get("columns")) {
        columns.add(
            new Column(
                k.get("name").asText(),
                k.get("data_type").asText(),
                k.get("nullable").asBoolean(),
                k.path("canon").asText().equals("rank")));
      }
      String name = t.get("name").asText();
      String parent = t.get("parent").isNull() ? null : t.get("parent").asText();
      expected.tables.add(new Table(name, parent, columns));
      byte[] bytes = GoldenCase.read(c.dir().resolve("expected").resolve(t.get("file").asText()));
      List<JsonNode> rows = new ArrayList<>();
      for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
        if (!line.isEmpty()) {
          rows.add(Wire.mapper().readTree(line));
        }
      }
      expected.rows.put(name, rows);
    }
    return expected;
  }

  /** Sorted by name. */
  List<Table> tables() {
    return tables;
  }

  /** Row ids that say something, by table; the others are random or follow from their parents'. */
  Map<String, Set<String>> literalIds() {
    Map<String, Set<String>> literal = new HashMap<>();
    rows.forEach(
        (table, all) -> {
          for (JsonNode row : all) {
            String id = row.get("_dlt_id").asText();
            if (!id.startsWith("$")) {
              literal.computeIfAbsent(table, k -> new HashSet<>()).add(id);
            }
          }
        });
    return literal;
  }

  /**
   * Each row with its ancestors, sorted.
   *
   * @param loads with the numbers of their loads
   */
  List<String> chains(boolean loads, JsonForm json) throws IOException {
    Map<String, String> own = new HashMap<>();
    Map<String, String> up = new HashMap<>();
    List<String> keys = new ArrayList<>();
    for (Table t : tables) {
      for (JsonNode row : rows.get(t.name())) {
        Map<String, Object> out = canonical(t, row, loads, json);
        String path = row.get("#").toString();
        String key = t.name() + path;
        String parent = (String) out.get("_dlt_parent_id");
        if (parent != null && parent.startsWith("$parent")) {
          String in = parent.length() > 8 ? parent.substring(8) : t.parent();
          int comma = path.lastIndexOf(',');
          up.put(key, in + path.substring(0, comma) + "]");
          out.put("_dlt_parent_id", "$parent");
        }
        own.put(key + "#" + keys.size(), t.name() + out);
        own.putIfAbsent(key, t.name() + out);
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

  private static Map<String, Object> canonical(Table t, JsonNode row, boolean loads, JsonForm json)
      throws IOException {
    Map<String, Object> out = new TreeMap<>();
    for (Column c : t.columns()) {
      if (row.has(c.name())) {
        out.put(c.name(), canonical(c.type(), row.get(c.name()), json));
      }
    }
    if (!loads) {
      out.remove("_dlt_load_id");
    }
    Object root = out.get("_dlt_root_id");
    if (root != null && !root.equals("$root")) {
      out.put("_dlt_root_id", "$other");
    }
    return out;
  }

  private static Object canonical(String type, JsonNode v, JsonForm json) throws IOException {
    return switch (type) {
      case "DOUBLE" ->
          Double.toString(v.isTextual() ? Double.parseDouble(v.asText()) : v.asDouble());
      case "BIGINT", "TINYINT", "SMALLINT", "INTEGER", "HUGEINT" -> v.asText();
      case "BOOLEAN" -> v.asBoolean();
      case "JSON" -> "json:" + json.of(v);
      default -> v.asText();
    };
  }
}
