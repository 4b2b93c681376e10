package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code _mr_boundary_keys}: long texts of keys that a state refers to by their digest, cut into
 * parts. Written in the transaction of the state.
 */
final class BoundaryKeysTable {
  /** Characters of a part: four thousand keys. */
  private static final int PART = 48_000;

  private final Sql sql;
  private final Catalog catalog;

  BoundaryKeysTable(Sql sql, Catalog catalog) {
    this.sql = sql;
    this.catalog = catalog;
  }

  static List<Catalog.Field> fields(Sql sql) {
    return List.of(
        field(sql, "project", DataType.TEXT, false),
        field(sql, "asset", DataType.TEXT, false),
        field(sql, "partition", DataType.TEXT, true),
        field(sql, "sha256", DataType.TEXT, false),
        field(sql, "part", DataType.BIGINT, false),
        field(sql, "keys", DataType.TEXT, false));
  }

  private static Catalog.Field field(Sql sql, String name, DataType type, boolean nullable) {
    return new Catalog.Field(name, sql.type(Column.of(name, type)), nullable);
  }

  /** The texts of an asset by their digest. */
  Map<String, String> read(String project, String asset, String partition) throws SQLException {
    Map<String, StringBuilder> parts = new LinkedHashMap<>();
    if (there()) {
      for (List<Object> row :
          sql.rows(
              "SELECT sha256, keys FROM %s WHERE %s ORDER BY sha256, part"
                  .formatted(table(), SystemTables.ASSET),
              project,
              asset,
              partition)) {
        parts
            .computeIfAbsent((String) row.get(0), sha -> new StringBuilder())
            .append((String) row.get(1));
      }
    }
    Map<String, String> keys = new LinkedHashMap<>();
    parts.forEach((sha, text) -> keys.put(sha, text.toString()));
    return keys;
  }

  /** Makes these the only texts of the asset; one that is there already is not written again. */
  void write(Segment segment, Map<String, String> keys) throws SQLException {
    if (!there()) {
      if (keys.isEmpty()) {
        return;
      }
      String columns = String.join(", ", fields(sql).stream().map(Catalog.Field::ddl).toList());
      sql.dialect().lock(sql, SystemNames.BOUNDARY_KEYS);
      sql.run("CREATE TABLE IF NOT EXISTS " + table() + " (" + columns + ")");
      catalog.put(SystemNames.BOUNDARY_KEYS, fields(sql));
    }
    Object[] asset = {segment.project(), segment.asset(), segment.partition()};
    for (List<Object> old :
        sql.rows(
            "SELECT DISTINCT sha256 FROM %s WHERE %s".formatted(table(), SystemTables.ASSET),
            asset)) {
      if (!keys.containsKey(old.get(0))) {
        sql.run(
            "DELETE FROM %s WHERE %s AND sha256 = ?".formatted(table(), SystemTables.ASSET),
            segment.project(),
            segment.asset(),
            segment.partition(),
            old.get(0));
      }
    }
    for (Map.Entry<String, String> text : keys.entrySet()) {
      if (!sql.any(
          "SELECT 1 FROM %s WHERE %s AND sha256 = ? LIMIT 1".formatted(table(), SystemTables.ASSET),
          segment.project(),
          segment.asset(),
          segment.partition(),
          text.getKey())) {
        insert(segment, text.getKey(), text.getValue());
      }
    }
  }

  private void insert(Segment segment, String sha256, String text) throws SQLException {
    for (int from = 0, part = 0; from < text.length(); from += PART, part++) {
      sql.run(
          "INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?)".formatted(table()),
          segment.project(),
          segment.asset(),
          segment.partition(),
          sha256,
          (long) part,
          text.substring(from, Math.min(text.length(), from + PART)));
    }
  }

  private boolean there() {
    return catalog.table(SystemNames.BOUNDARY_KEYS) != null;
  }

  private String table() {
    return sql.table(SystemNames.BOUNDARY_KEYS);
  }
}
