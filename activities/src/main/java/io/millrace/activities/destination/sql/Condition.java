package io.millrace.activities.destination.sql;

import io.millrace.destination.WriteDisposition;
import java.util.List;

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

  /** Takes away the staged root rows that {@code source_filter} does not let in. */
  static void filter(Sql sql, WriteDisposition how, String stage) {
    if (how.options().get("source_filter") instanceof String filter) {
      sql.runAsWritten("DELETE FROM %s WHERE NOT coalesce((%s), FALSE)".formatted(stage, filter));
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
