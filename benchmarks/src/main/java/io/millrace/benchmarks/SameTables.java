package io.millrace.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether two databases hold the same tables: names, columns, types; per column how many values,
 * the sum of their hashes and of their lengths or numbers; and the same hashes again together with
 * the row that a child belongs to and its place in the list. Row and load ids may be any.
 */
final class SameTables implements AutoCloseable {
  private final Connection connection;
  private final List<String> differences = new ArrayList<>();
  private int columns;

  SameTables(Path ours, Path theirs) throws SQLException {
    connection = DriverManager.getConnection("jdbc:duckdb:");
    run("ATTACH '" + ours + "' AS ours (READ_ONLY)");
    run("ATTACH '" + theirs + "' AS theirs (READ_ONLY)");
  }

  /** What differs; empty when nothing does. */
  List<String> differences() throws SQLException {
    Map<String, Map<String, String>> ours = tables("ours");
    Map<String, Map<String, String>> theirs = tables("theirs");
    differ("tables", ours.keySet(), theirs.keySet());
    for (String table : ours.keySet()) {
      if (theirs.containsKey(table)) {
        differ(table, new TreeMap<>(ours.get(table)), new TreeMap<>(theirs.get(table)));
        compare(table, ours.get(table));
      }
    }
    return differences;
  }

  /** How many columns were compared, ids left out. */
  int columns() {
    return columns;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private void compare(String table, Map<String, String> types) throws SQLException {
    List<String> sums = new ArrayList<>(List.of("count(*)"));
    List<String> names = new ArrayList<>(List.of("rows"));
    boolean child = types.containsKey("_mr_parent_id");
    types.forEach(
        (column, type) -> {
          if (!column.matches("_mr_(id|parent_id|load_id)")) {
            String c = "c.\"" + column + "\"";
            sums.add("count(" + c + ")");
            sums.add("sum(hash(" + c + "))");
            sums.add(
                switch (type) {
                  case "VARCHAR" -> "sum(strlen(" + c + "))";
                  case "BIGINT", "DOUBLE" -> "round(sum(" + c + "), 3)";
                  default -> "max(" + c + ")";
                });
            // with the root's own key, so that a value under another row is a difference
            sums.add("sum(hash(r.id, " + (child ? "c._mr_list_idx, " : "") + c + "))");
            for (String what : List.of("count", "hashes", "sum", "links")) {
              names.add(column + " " + what);
            }
            columns++;
          }
        });
    String sql =
        "SELECT "
            + String.join(", ", sums)
            + " FROM %1$s.bench.\""
            + table
            + "\" c JOIN %1$s.bench.events r ON "
            + (child ? "c._mr_parent_id" : "c._mr_id")
            + " = r._mr_id";
    List<String> ours = first(sql.formatted("ours"));
    List<String> theirs = first(sql.formatted("theirs"));
    for (int i = 0; i < names.size(); i++) {
      differ(table + "." + names.get(i), ours.get(i), theirs.get(i));
    }
    List<String> unlinked =
        List.of(
            first("SELECT count(*) FROM ours.bench.\"" + table + "\"").get(0),
            first("SELECT count(*) FROM theirs.bench.\"" + table + "\"").get(0));
    differ(table + " rows with their parents", List.of(ours.get(0), theirs.get(0)), unlinked);
  }

  private void differ(String what, Object ours, Object theirs) {
    if (!String.valueOf(ours).equals(String.valueOf(theirs))) {
      differences.add(what + ": " + ours + " and " + theirs);
    }
  }

  /** The data tables with their columns and types. */
  private Map<String, Map<String, String>> tables(String database) throws SQLException {
    Map<String, Map<String, String>> tables = new TreeMap<>();
    String sql =
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = '"
            + database
            + "' AND schema_name = 'bench' AND table_name NOT LIKE '\\_mr%' ESCAPE '\\' ORDER BY ALL";
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        tables
            .computeIfAbsent(rows.getString(1), t -> new LinkedHashMap<>())
            .put(rows.getString(2), rows.getString(3));
      }
    }
    return tables;
  }

  private List<String> first(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      List<String> values = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        values.add(rows.getString(i));
      }
      return values;
    }
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
