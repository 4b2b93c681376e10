package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import java.util.List;

/**
 * What a load brings, and what it brings it to.
 *
 * @param load {@code null} when the run ends without a package
 * @param rows moves the package's rows; {@code null} without a package
 * @param schema with the additions of this load
 * @param families each a root table of the resource and the tables below it, parents first
 * @param wholeRun whether rows show only with the run's last load
 */
record Delivery(
    Sql sql,
    SystemNames names,
    Tables tables,
    Order order,
    LoadPackage load,
    RowMover rows,
    Schema schema,
    List<List<String>> families,
    boolean wholeRun) {

  Kind kind() {
    return order.disposition().kind();
  }

  /** The tables that get rows. */
  List<String> loaded() {
    return loaded(order, load);
  }

  static List<String> loaded(Order order, LoadPackage load) {
    return load == null || order.disposition().kind() == Kind.SKIP
        ? List.of()
        : load.tables().stream().filter(t -> !t.equals(SystemNames.REJECTS)).toList();
  }

  List<Column> columns(String table) {
    return Tables.required(schema, table).completeColumns();
  }

  /** Their names, quoted. */
  String list(String table) {
    return Sql.names(columns(table).stream().map(Column::name).toList());
  }
}
