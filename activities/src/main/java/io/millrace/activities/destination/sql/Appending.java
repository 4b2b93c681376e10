package io.millrace.activities.destination.sql;

import io.millrace.schema.Column;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Adds the rows of a load to tables as they are. */
final class Appending {
  /** Rows on their way into a table whose columns have other types. */
  private static final String CAST = "_mr_cast";

  private final Delivery load;
  private final Sql sql;

  Appending(Delivery load) {
    this.load = load;
    this.sql = load.sql();
  }

  void ensure(List<String> tables) {
    tables.forEach(table -> load.tables().ensure(load.schema(), table));
  }

  /**
   * @param counts gets the rows per table
   */
  void append(List<String> tables, Map<String, Long> counts) throws IOException {
    for (String table : tables) {
      counts.put(table, append(table));
    }
  }

  private long append(String table) throws IOException {
    List<Column> columns = load.columns(table);
    if (load.tables().fits(table, columns)) {
      return load.rows().insert(table, columns, sql.table(table), null, 0);
    }
    // somebody gave a column another type, and rows on their way have the types of the schema
    sql.run("CREATE TEMP TABLE " + CAST + sql.staging(columns));
    long count = load.rows().insert(table, columns, sql.temp(CAST), Merge.NUMBER, 0);
    append(table, sql.temp(CAST));
    sql.run("DROP TABLE " + sql.temp(CAST));
    return count;
  }

  /**
   * @param staged where numbered rows of the table are, quoted
   */
  void append(String table, String staged) {
    String list = load.list(table);
    sql.run(
        "INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s"
            .formatted(sql.table(table), list, list, staged, Sql.name(Merge.NUMBER)));
  }
}
