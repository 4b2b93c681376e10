package io.millrace.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Generates the SQL with which DuckDB alone makes the tables of a JSONL file: the rival. What it
 * made of the GitHub-like events is checked in beside this class ({@code github-like.sql}); a test
 * makes it again and compares.
 *
 * <p>Types are told instead of guessed, the root table comes straight from the file, and a second,
 * lighter read keeps the lists only. Of the forms that were tried on one core this took least: 7.4
 * CPU seconds for 250,000 events (393 MB), where one read into a temporary table of structs, and
 * all tables from that, took 8.7. Of 50,000 events (79 MB), wall seconds of one run each: 2.1; 2.0
 * for the temporary table of structs, 2.6 for the same with guessed types, 2.4 when it is flattened
 * before it is kept, 2.7 with a read of the file for each of the nine tables, 2.3 for one read into
 * the root table with its lists, dropped afterwards.
 */
final class FlattenSql {
  private final Map<String, DuckType> tree = new LinkedHashMap<>();
  private final List<Leaf> columns = new ArrayList<>();
  private final List<Leaf> lists = new ArrayList<>();

  /**
   * @param name of the column or table, without the root's
   * @param path to it: {@code "a"."b"}
   */
  private record Leaf(String name, String path, DuckType type) {}

  /** Looks at all records of the file for their fields and types. */
  FlattenSql(Connection duckdb, String file) throws SQLException {
    String describe =
        "DESCRIBE SELECT * FROM read_json('%s', format='newline_delimited', sample_size=-1)";
    try (Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(describe.formatted(file))) {
      while (result.next()) {
        tree.put(result.getString(1), DuckType.parse(result.getString(2)));
      }
    }
    walk("", "", tree, columns, lists);
  }

  /**
   * Statements with {@code ${file}} and {@code ${threads}} in them, each ended by {@code ;} and a
   * line.
   */
  String sql() {
    StringBuilder out = new StringBuilder();
    out.append("SET threads = ${threads};\nSET preserve_insertion_order = false;\n");
    out.append("CREATE SCHEMA bench;\n");
    out.append("CREATE TABLE bench.events AS\nSELECT\n  ").append(selected(columns));
    out.append(",\n  '1' AS _mr_load_id, id AS _mr_id\nFROM ").append(read(tree)).append(";\n");
    out.append("CREATE TEMP TABLE lists AS\nSELECT\n  id,\n  ").append(selected(lists));
    out.append("\nFROM ").append(read(onlyLists(tree, true))).append(";\n");
    lists.forEach(list -> out.append(child(list)));
    return out.append("CHECKPOINT;\n").toString();
  }

  private static String child(Leaf list) {
    List<Leaf> fields = new ArrayList<>();
    DuckType element = list.type().element();
    if (element.fields() == null) {
      fields.add(new Leaf("value", "e", element));
    } else {
      List<Leaf> deeper = new ArrayList<>();
      walk("", "e.", element.fields(), fields, deeper);
      if (!deeper.isEmpty()) {
        throw new IllegalStateException("lists in lists are not written yet: " + list.name());
      }
    }
    return """
        CREATE TABLE bench."events__%s" AS
        SELECT
          %s,
          id AS _mr_parent_id, i - 1 AS _mr_list_idx, id || '_' || i AS _mr_id
        FROM (SELECT id, unnest("%s") AS e, generate_subscripts("%s", 1) AS i FROM lists);
        """
        .formatted(list.name(), selected(fields), list.name(), list.name());
  }

  private static String selected(List<Leaf> leaves) {
    return String.join(
        ",\n  ", leaves.stream().map(l -> l.path() + " AS \"" + l.name() + "\"").toList());
  }

  private static String read(Map<String, DuckType> fields) {
    return "read_json('${file}', format='newline_delimited', columns={"
        + DuckType.fields(fields, ": ", "'")
        + "})";
  }

  private static void walk(
      String name,
      String path,
      Map<String, DuckType> fields,
      List<Leaf> columns,
      List<Leaf> lists) {
    fields.forEach(
        (key, type) -> {
          String here = path + '"' + key + '"';
          String called = name + column(key);
          if (type.fields() != null) {
            walk(called + "__", here + ".", type.fields(), columns, lists);
          } else if (type.element() != null) {
            lists.add(new Leaf(called, here, type));
          } else if (!type.empty()) {
            columns.add(new Leaf(called, here, type));
          }
        });
  }

  /** A key as the normalizer names its column, as far as these events need it. */
  private static String column(String key) {
    return key.replace('+', 'x').replace('-', '_');
  }

  /** The part of a record that leads to lists, and its id. */
  private static Map<String, DuckType> onlyLists(Map<String, DuckType> fields, boolean root) {
    Map<String, DuckType> kept = new LinkedHashMap<>();
    fields.forEach(
        (name, type) -> {
          if (type.element() != null || root && name.equals("id")) {
            kept.put(name, type);
          } else if (type.fields() != null) {
            Map<String, DuckType> deeper = onlyLists(type.fields(), false);
            if (!deeper.isEmpty()) {
              kept.put(name, new DuckType(null, deeper, null));
            }
          }
        });
    return kept;
  }
}
