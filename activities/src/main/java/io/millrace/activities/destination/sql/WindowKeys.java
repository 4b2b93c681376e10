package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Appends each key once per window, where a primary key is declared: pages that overlap or come
 * again bring records twice. What came is in {@code _mr_window_keys}, by digest, as long as the
 * window is open, so that a run that goes on with it knows it too. The record that came first
 * stays; nested rows follow it.
 */
final class WindowKeys {
  /** The note: records that were left out because their keys came before. */
  static final String REPEATED = "repeated_keys";

  /** Temporary: the keys of the package's root rows. */
  private final String keys;

  /** Temporary: the same as digests, each with its place among equal ones. */
  private final String digests;

  /** Temporary: numbers of the root rows that came before. */
  private final String again;

  private final Sql sql;
  private final SystemTables system;
  private final Catalog catalog;
  private final SystemNames names;

  /** Records that were left out. */
  private long repeated;

  WindowKeys(Sql sql, SystemTables system, Catalog catalog, SystemNames names) {
    this.sql = sql;
    this.system = system;
    this.catalog = catalog;
    this.names = names;
    this.keys = sql.temp("_mr_keys");
    this.digests = sql.temp("_mr_digests");
    this.again = sql.temp("_mr_again");
  }

  /** What came in earlier windows says nothing about this one. */
  void begin(Order order) {
    boolean goesOn = order.before() != null && !order.before().path("done").asBoolean();
    if (!goesOn || order.restart() || order.refresh() != null) {
      forget(order.segment());
    }
  }

  /** Nothing came yet. */
  void forget(Segment segment) {
    if (catalog.table(SystemNames.WINDOW_KEYS) != null) {
      sql.run(
          "DELETE FROM %s WHERE %s".formatted(table(), SystemTables.ASSET),
          SystemTables.asset(segment));
    }
  }

  /** Nothing comes any more when the window closes. */
  void end(Order order) {
    if (closes(order)) {
      forget(order.segment());
    }
  }

  /** What there is to tell of the load. */
  Map<String, Long> notes() {
    return repeated == 0 ? Map.of() : Map.of(REPEATED, repeated);
  }

  static boolean closes(Order order) {
    return order.after() != null && order.after().path("done").asBoolean();
  }

  /**
   * Appends those families of a load in which keys came again, without the rows that repeat them
   * and what is below these. The others are left to whoever appends rows as they are.
   *
   * @param counts gets the rows per table
   */
  void append(Delivery load, Map<String, Long> counts) throws IOException {
    for (List<String> family : load.families()) {
      long found = load.loaded().contains(family.get(0)) ? find(load, family.get(0)) : 0;
      if (found > 0) {
        repeated += found;
        insert(load, family, counts);
      }
    }
  }

  /**
   * Finds the root rows of a package whose keys came already, and notes the keys of the others.
   *
   * @return how many; if any, {@link #insert} must follow
   */
  private long find(Delivery load, String root) throws IOException {
    List<Column> columns =
        load.columns(root).stream().filter(c -> c.hinted("primary_key")).toList();
    if (columns.isEmpty()) {
      return 0;
    }
    sql.run("CREATE TEMP TABLE _mr_keys" + sql.staging(columns));
    load.rows().insertSome(root, columns, keys, Merge.NUMBER);
    sql.run(
        """
        CREATE TEMP TABLE _mr_digests AS
        SELECT number, digest, row_number() OVER (PARTITION BY digest ORDER BY number) AS place
        FROM (SELECT %s AS number, %s AS digest FROM %s) k WHERE digest IS NOT NULL
        """
            .formatted(Sql.name(Merge.NUMBER), digest(root, columns), keys));
    sql.run("CREATE TEMP TABLE _mr_again (number BIGINT)");
    boolean noted = catalog.table(SystemNames.WINDOW_KEYS) != null;
    Object[] asset = SystemTables.asset(load.order().segment());
    long found =
        sql.run("INSERT INTO %s SELECT number FROM %s WHERE place > 1".formatted(again, digests));
    if (noted) {
      // PostgreSQL takes three equalities for next to no rows and then looks through all keys for
      // each record; a condition that it cannot see into it takes for half of them
      found +=
          sql.run(
              "INSERT INTO %s SELECT DISTINCT number FROM %s JOIN %s USING (digest) WHERE place = 1 AND CASE WHEN %s THEN TRUE ELSE FALSE END"
                  .formatted(again, digests, table(), SystemTables.ASSET),
              asset);
    }
    if (!closes(load.order())) {
      note(asset);
    }
    sql.run("DROP TABLE " + digests);
    sql.run("DROP TABLE " + keys);
    if (found == 0) {
      sql.run("DROP TABLE " + again);
    }
    return found;
  }

  private void note(Object[] asset) {
    system.makeLate(SystemNames.WINDOW_KEYS, catalog);
    sql.run(
        "INSERT INTO %s SELECT ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, digest FROM %s WHERE place = 1 AND %s"
            .formatted(table(), digests, Condition.absent("number", "SELECT number FROM " + again)),
        asset);
  }

  /** Of the key's values with their lengths; NULL when one is missing: that names no record. */
  String digest(String root, List<Column> columns) {
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

  /** The family's rows but those that {@link #find} found, and but what is below them. */
  private void insert(Delivery load, List<String> family, Map<String, Long> counts)
      throws IOException {
    Below kept = new Below(sql, names, load.schema(), family);
    for (int place = 0; place < family.size(); place++) {
      String table = family.get(place);
      if (!load.loaded().contains(table)) {
        continue;
      }
      List<Column> columns = load.columns(table);
      String stage = sql.temp("_mr_stage_" + place);
      sql.run("CREATE TEMP TABLE _mr_stage_" + place + sql.staging(columns));
      load.rows().insert(table, columns, stage, Merge.NUMBER, 0);
      String stay =
          place == 0
              ? Condition.absent(Sql.name(Merge.NUMBER), "SELECT number FROM " + again)
              : kept.condition(table);
      String list = load.list(table);
      counts.put(
          table,
          sql.run(
              "INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s ORDER BY %s"
                  .formatted(sql.table(table), list, list, stage, stay, Sql.name(Merge.NUMBER))));
      kept.mark(table, stage, stay);
      sql.run("DROP TABLE " + stage);
    }
    kept.drop();
    sql.run("DROP TABLE " + again);
  }

  private String table() {
    return sql.table(SystemNames.WINDOW_KEYS);
  }
}
