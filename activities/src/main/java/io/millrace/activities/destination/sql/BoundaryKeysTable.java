package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code _mr_boundary_keys}: long texts of keys that a state refers to by their digest, cut into
 * parts. Written in the transaction of the state.
 */
final class BoundaryKeysTable {
  /** Characters of a part: four thousand keys. */
  private static final int PART = 48_000;

  private final Sql sql;
  private final SystemTables system;
  private final Catalog catalog;

  BoundaryKeysTable(Sql sql, SystemTables system, Catalog catalog) {
    this.sql = sql;
    this.system = system;
    this.catalog = catalog;
  }

  /** The texts of an asset by their digest. */
  Map<String, String> read(String project, String asset, String partition) {
    Map<String, StringBuilder> parts = new LinkedHashMap<>();
    if (there()) {
      sql.select(
              "SELECT sha256, keys FROM %s WHERE %s ORDER BY sha256, part"
                  .formatted(table(), SystemTables.ASSET),
              project,
              asset,
              partition)
          .map((row, context) -> Map.entry(row.getString("sha256"), row.getString("keys")))
          .forEach(
              part ->
                  parts
                      .computeIfAbsent(part.getKey(), sha -> new StringBuilder())
                      .append(part.getValue()));
    }
    Map<String, String> keys = new LinkedHashMap<>();
    parts.forEach((sha, text) -> keys.put(sha, text.toString()));
    return keys;
  }

  /** Makes these the only texts of the asset; one that is there already is not written again. */
  void write(Segment segment, Map<String, String> keys) {
    if (!there() && keys.isEmpty()) {
      return;
    }
    system.makeLate(SystemNames.BOUNDARY_KEYS, catalog);
    Object[] asset = SystemTables.asset(segment);
    for (String old :
        sql.select(
                "SELECT DISTINCT sha256 FROM %s WHERE %s".formatted(table(), SystemTables.ASSET),
                asset)
            .mapTo(String.class)
            .list()) {
      if (!keys.containsKey(old)) {
        sql.run(
            "DELETE FROM %s WHERE %s AND sha256 = ?".formatted(table(), SystemTables.ASSET),
            segment.project(),
            segment.asset(),
            segment.partition(),
            old);
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

  private void insert(Segment segment, String sha256, String text) {
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
