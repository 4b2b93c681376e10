package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Whether the tables of a resource are what its loads made: nobody else's. */
final class Ownership {
  private final Sql sql;
  private final SystemNames names;
  private final Order order;
  private final Catalog catalog;

  Ownership(Sql sql, SystemNames names, Order order, Catalog catalog) {
    this.sql = sql;
    this.names = names;
    this.order = order;
    this.catalog = catalog;
  }

  /**
   * Refuses to write into tables, or to empty some, that are there and that no stored schema knows:
   * ours are made in the transaction that stores their schema.
   */
  void refuseStrangers(
      Schema stored, Collection<List<String>> families, Collection<String> loaded) {
    if (order.disposition().kind() == Kind.SKIP) {
      return;
    }
    Set<String> touched = new LinkedHashSet<>(loaded);
    families.forEach(touched::addAll);
    for (String table : touched) {
      if (!made(stored, table)
          && catalog.table(table) != null
          && !new Schemas(sql, names).known(order.segment().project(), table)) {
        throw new MillraceException(
            Failure.DESTINATION_REFUSED,
            "Cannot load %s: another program made table %s: it is there, and no schema in %s knows it (set table_name of the resource, take another dataset, or drop the table)"
                .formatted(order.segment().asset(), table, names.version()));
      }
    }
  }

  private static boolean made(Schema stored, String table) {
    return stored
        .table(table)
        .map(TableSchema::completeColumns)
        .filter(c -> !c.isEmpty())
        .isPresent();
  }
}
