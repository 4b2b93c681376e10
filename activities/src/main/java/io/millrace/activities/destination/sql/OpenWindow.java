package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What some loads of an asset have in the dataset: usually those of its open window, which is
 * removed in the transaction of the first load of the window that begins again ({@code protocol.md}
 * 3), so that readers see the old part or the new one, never both.
 */
final class OpenWindow {
  private final String loads;
  private final String ids;

  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;
  private final Segment segment;

  OpenWindow(Sql sql, Catalog catalog, SystemNames names, Segment segment) {
    this.sql = sql;
    this.loads = sql.temp("_mr_window");
    this.ids = "SELECT load_id FROM " + loads;
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
      Below below = new Below(sql, names, schema, family);
      for (String table : family) {
        if (catalog.table(table) != null) {
          long count = below.take(table, sql.table(table), rows(schema, below, table));
          if (count > 0) {
            removed.put(table, count);
          }
        }
      }
      below.drop();
    }
    sql.run("DELETE FROM %s WHERE load_id IN (%s)".formatted(sql.table(SystemNames.REJECTS), ids));
    sql.run("DROP TABLE " + loads);
    return removed;
  }

  private String rows(Schema schema, Below below, String table) {
    if (Tables.required(schema, table).parent() == null) {
      return need(table, names.loadId()) + " IN (" + ids + ")";
    }
    need(table, names.parentId());
    return below.condition(table);
  }

  /** The column's name, quoted, if the table has it. */
  private String need(String table, String column) {
    if (!catalog.table(table).has(column)) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot remove what loads of %s brought: which rows of table %s are theirs is not known: it has no column %s (run with --refresh drop_data)"
              .formatted(segment.asset(), table, column));
    }
    return Sql.name(column);
  }
}
