package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.schema.Schema;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the rows below certain root rows of a family of tables. Rows that were made for a merge
 * know the id of their root row. Others know only that of their parent: they are found table by
 * table from the top, where {@link #mark} notes the rows of one table and {@link #condition} finds
 * those of the next.
 */
final class Below {
  private final Sql sql;
  private final SystemNames names;
  private final Schema schema;
  private final List<String> family;
  private final Predicate<String> knowsRoot;
  private final String roots;

  /** Tables through whose marks rows are found. */
  private final Set<String> leading = new HashSet<>();

  /** Temporary: ids of rows, by the place of their table in the family. */
  private final String marked;

  /** Below root rows that will be marked. */
  Below(Sql sql, SystemNames names, Schema schema, List<String> family) {
    this(sql, names, schema, family, table -> false, null);
  }

  /**
   * @param family root table first, parents before children
   * @param knowsRoot whether a table's rows have the id of their root row
   * @param roots a query for the ids of the root rows
   */
  Below(
      Sql sql,
      SystemNames names,
      Schema schema,
      List<String> family,
      Predicate<String> knowsRoot,
      String roots) {
    this.sql = sql;
    this.names = names;
    this.schema = schema;
    this.family = family;
    this.knowsRoot = knowsRoot;
    this.roots = roots;
    this.marked = sql.temp("_mr_below");
    for (String table : family.subList(1, family.size())) {
      if (!knowsRoot.test(table) && !given(parent(table))) {
        leading.add(parent(table));
      }
    }
    if (!leading.isEmpty()) {
      sql.run("CREATE TEMP TABLE _mr_below (place INTEGER, id VARCHAR)");
    }
  }

  private boolean given(String table) {
    return roots != null && parent(table) == null;
  }

  private String parent(String table) {
    return Tables.required(schema, table).parent();
  }

  /** A condition on the rows of a child table. */
  String condition(String table) {
    if (knowsRoot.test(table)) {
      return "%s IN (%s)".formatted(Sql.name(names.rootId()), roots);
    }
    String parent = parent(table);
    return "%s IN (%s)"
        .formatted(
            Sql.name(names.parentId()), given(parent) ? roots : "SELECT id " + marks(parent));
  }

  private String marks(String table) {
    return "FROM %s WHERE place = %d".formatted(marked, family.indexOf(table));
  }

  /**
   * Notes rows, if any can be below them.
   *
   * @param from where the rows of the table are, quoted
   * @param rows a condition
   */
  void mark(String table, String from, String rows) {
    if (leading.contains(table)) {
      sql.run(
          "INSERT INTO %s SELECT %d, %s FROM %s WHERE %s"
              .formatted(marked, family.indexOf(table), Sql.name(names.id()), from, rows));
      sql.dialect().count(sql, marked);
    }
  }

  /** Deletes rows and marks them; returns how many. */
  long take(String table, String from, String rows) {
    mark(table, from, rows);
    long count = sql.run("DELETE FROM %s WHERE %s".formatted(from, rows));
    if (leading.contains(table)) {
      // records may bring ids of their own: one that stays keeps what is below it
      sql.run(
          "DELETE %s AND id IN (SELECT %s FROM %s)"
              .formatted(marks(table), Sql.name(names.id()), from));
    }
    return count;
  }

  /** Forgets the marks. */
  void drop() {
    if (!leading.isEmpty()) {
      sql.run("DROP TABLE " + marked);
    }
  }
}
