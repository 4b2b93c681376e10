package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Schema;
import java.util.List;
import java.util.Map;

/** Which rows a merge looks at: those of equal keys, and what the options of the merge say. */
final class Condition {
  private Condition() {}

  /** Whether a row of {@code table} (named {@code inner}) has the key of the row {@code outer}. */
  static String exists(String table, String inner, String outer, List<String> key) {
    return "EXISTS (SELECT 1 FROM %s %s WHERE %s)"
        .formatted(table, inner, String.join(" AND ", equal(inner, outer, key)));
  }

  /**
   * Whether a query of one column does not have the value; not {@code NOT IN}, which PostgreSQL
   * looks up row by row when there are many.
   */
  static String absent(String value, String query) {
    return "NOT EXISTS (SELECT 1 FROM (%s) o (_mr_other) WHERE o._mr_other = %s)"
        .formatted(query, value);
  }

  static List<String> equal(String one, String other, List<String> key) {
    return key.stream().map(Sql::name).map(k -> one + "." + k + " = " + other + "." + k).toList();
  }

  /**
   * Takes away the staged root rows that {@code source_filter} does not let in, and what is below
   * them.
   *
   * @param family root table first, parents before children
   * @param staged tables with staged rows to where they are, quoted
   */
  static void filter(
      Sql sql,
      SystemNames names,
      WriteDisposition how,
      Schema schema,
      List<String> family,
      Map<String, String> staged) {
    if (how.options().get("source_filter") instanceof String filter) {
      String root = staged.get(family.get(0));
      sql.runAsWritten("DELETE FROM %s WHERE NOT coalesce((%s), FALSE)".formatted(root, filter));
      for (String table : family.subList(1, family.size())) {
        if (staged.containsKey(table)) {
          String above = staged.get(Tables.required(schema, table).parent());
          String parents = "SELECT %s FROM %s".formatted(Sql.name(names.id()), above);
          sql.run(
              "DELETE FROM %s AS s WHERE %s"
                  .formatted(
                      staged.get(table), absent("s." + Sql.name(names.parentId()), parents)));
        }
      }
    }
  }

  /**
   * What {@code destination_scope} says of a row {@code t} of the table; {@code null} without it.
   */
  static String scope(Sql sql, WriteDisposition how, String table, String stage) {
    return how.options().get("destination_scope") instanceof String scope
        ? "("
            + scope
                .replace("{staging_table}", stage)
                .replace("{table}.", "t.")
                .replace("{table}", sql.table(table))
            + ")"
        : null;
  }
}
