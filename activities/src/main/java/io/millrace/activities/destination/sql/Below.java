package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Finds the rows of child tables that are below certain root rows. Rows that were made for a merge
 * know the id of their root row, others only that of their parent.
 *
 * @param knowsRoot whether a table's rows have the id of their root row
 * @param place where a table's rows are, quoted
 */
record Below(
    Schema schema, SystemNames names, Predicate<String> knowsRoot, UnaryOperator<String> place) {

  /**
   * A condition on the rows of a child table.
   *
   * @param roots a query for the ids of the root rows
   */
  String condition(String table, String roots) {
    if (knowsRoot.test(table)) {
      return "%s IN (%s)".formatted(Sql.name(names.rootId()), roots);
    }
    TableSchema parent = Tables.required(schema, Tables.required(schema, table).parent());
    String parents =
        parent.parent() == null
            ? roots
            : "SELECT %s FROM %s WHERE %s"
                .formatted(
                    Sql.name(names.id()),
                    place.apply(parent.name()),
                    condition(parent.name(), roots));
    return "%s IN (%s)".formatted(Sql.name(names.parentId()), parents);
  }
}
