package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Appends each key once per window, where a primary key is declared: pages that overlap or come
 * again bring records twice. What came is in {@code _mr_window_keys}, by digest, as long as the
 * window is open, so that a run that goes on with it knows it too. The record that came first
 * stays; nested rows follow it.
 */
final class WindowKeys {
  /** Temporary: the keys of the package's root rows. */
  private final String keys;

  /** Temporary: the same as digests, each with its place among equal ones. */
  private final String digests;

  /** Temporary: numbers of the root rows that came before. */
  private final String again;

  /** Temporary: ids of the rows that go in, by the place of their table in the family. */
  private final String kept;

  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;

  WindowKeys(Sql sql, Catalog catalog, SystemNames names) {
    this.sql = sql;
    this.catalog = catalog;
    this.names = names;
    this.keys = sql.temp("_mr_keys");
    this.digests = sql.temp("_mr_digests");
    this.again = sql.temp("_mr_again");
    this.kept = sql.temp("_mr_kept");
  }

  static List<Catalog.Field> fields(Sql sql) {
    return List.of(
        field(sql, "project", false),
        field(sql, "asset", false),
        field(sql, "partition", true),
        field(sql, "digest", false));
  }

  private static Catalog.Field field(Sql sql, String name, boolean nullable) {
    return new Catalog.Field(name, sql.type(Column.of(name, DataType.TEXT)), nullable);
  }

  /** What came in earlier windows says nothing about this one. */
  void begin(Order order) throws SQLException {
    boolean goesOn = order.before() != null && !order.before().path("done").asBoolean();
    if (!goesOn || order.restart() || order.refresh() != null) {
      forget(order.segment());
    }
  }

  /** Nothing came yet, or nothing comes any more. */
  void forget(Segment segment) throws SQLException {
    if (catalog.table(SystemNames.WINDOW_KEYS) != null) {
      sql.run(
          "DELETE FROM %s WHERE %s".formatted(table(), SystemTables.ASSET),
          segment.project(),
          segment.asset(),
          segment.partition());
    }
  }

  static boolean closes(Order order) {
    return order.after() != null && order.after().path("done").asBoolean();
  }

  /**
   * Finds the root rows of a package whose keys came already, and notes the keys of the others.
   *
   * @return how many; if any, {@link #append} must follow
   */
  long find(Order order, Schema schema, String root, RowMover rows)
      throws SQLException, IOException {
    List<Column> columns =
        Tables.required(schema, root).completeColumns().stream()
            .filter(c -> c.hinted("primary_key"))
            .toList();
    if (columns.isEmpty()) {
      return 0;
    }
    sql.run("CREATE TEMP TABLE _mr_keys" + sql.staging(columns));
    rows.insertSome(root, columns, keys, Merge.NUMBER);
    sql.run(
        """
        CREATE TEMP TABLE _mr_digests AS
        SELECT number, digest, row_number() OVER (PARTITION BY digest ORDER BY number) AS place
        FROM (SELECT %s AS number, %s AS digest FROM %s) k WHERE digest IS NOT NULL
        """
            .formatted(Sql.name(Merge.NUMBER), digest(root, columns), keys));
    sql.run("CREATE TEMP TABLE _mr_again (number BIGINT)");
    boolean noted = catalog.table(SystemNames.WINDOW_KEYS) != null;
    Segment segment = order.segment();
    Object[] asset = {segment.project(), segment.asset(), segment.partition()};
    long found =
        sql.run("INSERT INTO %s SELECT number FROM %s WHERE place > 1".formatted(again, digests));
    if (noted) {
      found +=
          sql.run(
              "INSERT INTO %s SELECT number FROM %s WHERE place = 1 AND digest IN (SELECT digest FROM %s WHERE %s)"
                  .formatted(again, digests, table(), SystemTables.ASSET),
              asset);
    }
    if (!closes(order)) {
      note(asset);
    }
    sql.run("DROP TABLE " + digests);
    sql.run("DROP TABLE " + keys);
    if (found == 0) {
      sql.run("DROP TABLE " + again);
    }
    return found;
  }

  private void note(Object[] asset) throws SQLException {
    if (catalog.table(SystemNames.WINDOW_KEYS) == null) {
      String columns = String.join(", ", fields(sql).stream().map(Catalog.Field::ddl).toList());
      sql.dialect().lock(sql, SystemNames.WINDOW_KEYS);
      sql.run("CREATE TABLE IF NOT EXISTS " + table() + " (" + columns + ")");
      catalog.put(SystemNames.WINDOW_KEYS, fields(sql));
    }
    sql.run(
        "INSERT INTO %s SELECT ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, digest FROM %s WHERE place = 1 AND number NOT IN (SELECT number FROM %s)"
            .formatted(table(), digests, again),
        asset);
  }

  /** Of the key's values with their lengths; NULL when one is missing: that names no record. */
  private String digest(String root, List<Column> columns) {
    List<String> parts = new ArrayList<>();
    for (Column column : columns) {
      String name = Sql.name(column.name());
      // how a time reads depends on the session's zone
      String value =
          column.type() == DataType.TIMESTAMP ? "extract(epoch FROM " + name + ")" : name;
      parts.add("length(%s::VARCHAR) || ':' || %s::VARCHAR".formatted(value, value));
    }
    String table = "'" + root.replace("'", "''") + ":'";
    return sql.dialect().digest(table + " || " + String.join(" || ", parts));
  }

  /**
   * Appends a family's rows without those that {@link #find} found, and without what is below them.
   *
   * @param family root table first, and parents before what is below them
   * @param loaded tables of the package
   * @return rows inserted per table
   */
  Map<String, Long> append(Schema schema, List<String> family, List<String> loaded, RowMover rows)
      throws SQLException, IOException {
    Map<String, Long> counts = new LinkedHashMap<>();
    sql.run("CREATE TEMP TABLE _mr_kept (place INTEGER, id VARCHAR)");
    for (int place = 0; place < family.size(); place++) {
      String table = family.get(place);
      if (!loaded.contains(table)) {
        continue;
      }
      List<Column> columns = Tables.required(schema, table).completeColumns();
      String stage = sql.temp("_mr_stage_" + place);
      sql.run("CREATE TEMP TABLE _mr_stage_" + place + sql.staging(columns));
      rows.insert(table, columns, stage, Merge.NUMBER, 0);
      String parent = Tables.required(schema, table).parent();
      String stay =
          parent == null
              ? "%s NOT IN (SELECT number FROM %s)".formatted(Sql.name(Merge.NUMBER), again)
              : "%s IN (SELECT id FROM %s WHERE place = %d)"
                  .formatted(Sql.name(names.parentId()), kept, family.indexOf(parent));
      String list = Sql.names(columns.stream().map(Column::name).toList());
      counts.put(
          table,
          sql.run(
              "INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s ORDER BY %s"
                  .formatted(sql.table(table), list, list, stage, stay, Sql.name(Merge.NUMBER))));
      sql.run(
          "INSERT INTO %s SELECT %d, %s FROM %s WHERE %s"
              .formatted(kept, place, Sql.name(names.id()), stage, stay));
      sql.run("DROP TABLE " + stage);
    }
    sql.run("DROP TABLE " + kept);
    sql.run("DROP TABLE " + again);
    return counts;
  }

  private String table() {
    return sql.table(SystemNames.WINDOW_KEYS);
  }
}
