package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What some loads of an asset have in the dataset: usually those of its open window, which is
 * removed in the transaction of the first load of the window that begins again ({@code protocol.md}
 * 3), so that readers see the old part or the new one, never both.
 */
final class OpenWindow {
  private final String loads;
  private final String ids;
  private final String gone;

  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;
  private final Segment segment;

  OpenWindow(Sql sql, Catalog catalog, SystemNames names, Segment segment) {
    this.sql = sql;
    this.loads = sql.temp("_mr_window");
    this.ids = "SELECT load_id FROM " + loads;
    this.gone = sql.temp("_mr_below");
    this.catalog = catalog;
    this.names = names;
    this.segment = segment;
  }

  /**
   * Removes the rows of the window's loads and everything below them.
   *
   * @param families a root table and the tables below it, parents first
   * @return rows removed per table
   */
  Map<String, Long> remove(Schema schema, List<List<String>> families) {
    return remove(schema, families, null);
  }

  /**
   * The same for any loads.
   *
   * @param loadIds {@code null} for those of the open window
   */
  Map<String, Long> remove(Schema schema, List<List<String>> families, List<String> loadIds) {
    Map<String, Long> removed = new LinkedHashMap<>();
    Set<String> parents = new HashSet<>();
    schema.tables().forEach(t -> parents.add(t.parent()));
    sql.run("CREATE TEMP TABLE _mr_window (load_id VARCHAR)");
    if (loadIds == null) {
      new Receipts(sql).openWindow(segment, loads);
    } else {
      for (String id : loadIds) {
        sql.run("INSERT INTO " + loads + " VALUES (?)", id);
      }
    }
    for (List<String> family : families) {
      // a row says its load only in the root table: those below go with their parents
      sql.run("CREATE TEMP TABLE _mr_below (place INTEGER, id VARCHAR)");
      for (int place = 0; place < family.size(); place++) {
        String table = family.get(place);
        if (catalog.table(table) != null) {
          String rows = place == 0 ? ofLoads(table) : ofParents(schema, family, table);
          long count = delete(table, place, parents.contains(table), rows);
          if (count > 0) {
            removed.put(table, count);
          }
        }
      }
      sql.run("DROP TABLE " + gone);
    }
    sql.run("DELETE FROM %s WHERE load_id IN (%s)".formatted(sql.table(SystemNames.REJECTS), ids));
    sql.run("DROP TABLE " + loads);
    return removed;
  }

  private String ofLoads(String table) {
    return column(table, names.loadId()) + " IN (" + ids + ")";
  }

  private String ofParents(Schema schema, List<String> family, String table) {
    int parent = family.indexOf(Tables.required(schema, table).parent());
    return "%s IN (SELECT id FROM %s WHERE place = %d)"
        .formatted(column(table, names.parentId()), gone, parent);
  }

  private long delete(String name, int place, boolean parent, String rows) {
    String table = sql.table(name);
    if (!parent) {
      return sql.run("DELETE FROM %s WHERE %s".formatted(table, rows));
    }
    String id = column(name, names.id());
    sql.run(
        "INSERT INTO %s SELECT %d, %s FROM %s WHERE %s".formatted(gone, place, id, table, rows));
    long count = sql.run("DELETE FROM %s WHERE %s".formatted(table, rows));
    // records may bring ids of their own: one of an earlier window keeps what is below it
    sql.run(
        "DELETE FROM %s WHERE place = %d AND id IN (SELECT %s FROM %s)"
            .formatted(gone, place, id, table));
    return count;
  }

  /** Quoted. */
  private String column(String table, String column) {
    if (!catalog.table(table).has(column)) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot remove what loads of %s brought: which rows of table %s are theirs is not known: it has no column %s (run with --refresh drop_data)"
              .formatted(segment.asset(), table, column));
    }
    return Sql.name(column);
  }
}
