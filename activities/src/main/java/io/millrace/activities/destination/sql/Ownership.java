package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.Map;
import java.util.Set;

/** Whether the tables of a resource are what its loads made: nobody else's, and all still there. */
final class Ownership {
  private final Sql sql;
  private final SystemNames names;
  private final SystemTables system;
  private final Order order;
  private final Catalog catalog;

  Ownership(Sql sql, SystemNames names, SystemTables system, Order order, Catalog catalog) {
    this.sql = sql;
    this.names = names;
    this.system = system;
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

  /**
   * Refuses to go on behind rows that are gone: somebody dropped a table, and the checkpoint says
   * that what was in it need not come again. Where all of it comes again nothing is missing, and
   * while a run's rows wait for its end its tables need not be there yet.
   */
  void refuseDropped(States.State state, Schema stored, Collection<List<String>> families) {
    Kind kind = order.disposition().kind();
    if (order.refresh() != null
        || kind == Kind.SKIP
        || kind == Kind.REPLACE
        || state.shadow() != null
        || !goesOn(order.before())) {
      return;
    }
    List<String> missing =
        families.stream()
            .flatMap(List::stream)
            .filter(table -> made(stored, table) && catalog.table(table) == null)
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    int set =
        new Corrections(sql, system, catalog).newest("set", SystemTables.asset(order.segment()));
    Map<String, Long> had = new Receipts(sql).shown(order.segment(), set, names);
    for (String table : missing) {
      long rows = had.getOrDefault(table, 0L);
      if (rows > 0) {
        throw new MillraceException(
            Failure.DESTINATION_REFUSED,
            "Cannot load %s: table %s is gone, and the state goes on behind what it had: %d %s (put the table back, read all again with --refresh drop_resources, or say where to go on: `millrace state set %s`)"
                .formatted(
                    order.segment().asset(),
                    table,
                    rows,
                    rows == 1 ? "row" : "rows",
                    order.segment().asset()));
      }
    }
  }

  /** Whether a run from there does not ask for everything. */
  private static boolean goesOn(JsonNode before) {
    return before != null
        && !before.isNull()
        && (!before.path("done").asBoolean()
            || before.hasNonNull("cursor")
            || before.hasNonNull("position"));
  }

  private static boolean made(Schema stored, String table) {
    return stored
        .table(table)
        .map(TableSchema::completeColumns)
        .filter(c -> !c.isEmpty())
        .isPresent();
  }
}
