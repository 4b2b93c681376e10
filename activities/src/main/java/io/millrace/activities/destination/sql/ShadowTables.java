package io.millrace.activities.destination.sql;

import io.millrace.Sha256;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of a run that are judged only when all of them are there ({@code protocol.md} 4.3): kept in
 * tables {@code _mr_<hash>} and applied in the run's last transaction.
 */
final class ShadowTables {
  private final Delivery load;
  private final Sql sql;
  private final Tables tables;
  private final Order order;

  ShadowTables(Delivery load) {
    this.load = load;
    this.sql = load.sql();
    this.tables = load.tables();
    this.order = load.order();
  }

  /**
   * Adds the rows of this load to the shadow tables of the run.
   *
   * @param open of the loads before; {@code null} for the first
   * @param counts gets the rows per table
   */
  Shadow add(Shadow open, Map<String, Long> counts) throws IOException {
    Map<String, String> shadows = new LinkedHashMap<>(open == null ? Map.of() : open.tables());
    for (String table : load.loaded()) {
      ensure(table, shadows.computeIfAbsent(table, this::shadowName));
    }
    FaultPoint.hit(FaultPoint.AFTER_DDL);
    for (String table : load.loaded()) {
      List<Column> columns = load.columns(table);
      String number = merging() ? Merge.NUMBER : null;
      // later segments come later whatever their rows' numbers are
      long first = (long) order.segment().seq() << 40;
      counts.put(
          table, load.rows().insert(table, columns, sql.table(shadows.get(table)), number, first));
    }
    return new Shadow(
        order.segment().epoch(),
        open == null ? order.before() : open.from(),
        open == null ? List.of() : open.loads(),
        shadows);
  }

  /** Gives each shadow table all columns of the schema. */
  void complete(Shadow open) {
    open.tables()
        .forEach(
            (table, shadow) -> {
              if (load.schema().table(table).isPresent()) {
                ensure(table, shadow);
              }
            });
  }

  /** The same with this load among those that become visible. */
  Shadow withLoad(Shadow open) {
    List<Shadow.LoadId> loads = new ArrayList<>(open.loads());
    loads.add(new Shadow.LoadId(order.segment().loadId(), load.schema().versionHash()));
    return new Shadow(open.epoch(), open.from(), loads, open.tables());
  }

  /** Whether the run has a row in any of the tables. */
  boolean anyRow(Shadow open, List<String> of) {
    for (String table : of) {
      String shadow = open.tables().get(table);
      if (shadow != null && sql.any("SELECT 1 FROM " + sql.table(shadow) + " LIMIT 1")) {
        return true;
      }
    }
    return false;
  }

  /** Where the rows of the tables are, quoted. */
  Map<String, String> staged(Shadow open) {
    Map<String, String> staged = new LinkedHashMap<>();
    open.tables().forEach((table, shadow) -> staged.put(table, sql.table(shadow)));
    return staged;
  }

  /** Puts the shadow tables in the place of the tables; tables without one are emptied. */
  void replace(Shadow open) {
    for (List<String> family : load.families()) {
      for (String table : family) {
        String shadow = open.tables().get(table);
        if (shadow == null) {
          tables.empty(table);
        } else if (swaps(table, shadow)) {
          tables.swap(shadow, table);
        } else {
          tables.ensure(load.schema(), table);
          tables.empty(table);
          String columns = load.list(table);
          sql.run(
              "INSERT INTO %s (%s) SELECT %s FROM %s"
                  .formatted(sql.table(table), columns, columns, sql.table(shadow)));
        }
      }
    }
  }

  private boolean swaps(String table, String shadow) {
    Catalog.Table found = tables.catalog().table(table);
    return found == null
        || (sql.dialect().replaceable(sql, table)
            && tables
                .layout(Tables.required(load.schema(), table), found)
                .equals(tables.catalog().table(shadow).fields()));
  }

  /** Whether rows wait as they came, with their numbers, and not as the table will have them. */
  private boolean merging() {
    return load.kind() == Kind.MERGE || order.renormalized() != null;
  }

  /** Makes a shadow table, or gives it the columns that came with this load. */
  private void ensure(String table, String shadow) {
    Catalog.Table there = tables.catalog().table(shadow);
    List<Column> columns = load.columns(table);
    if (there != null) {
      for (Column column : columns) {
        if (!there.has(column.name())) {
          // rows of earlier loads have no value here
          sql.run(
              "ALTER TABLE %s ADD COLUMN %s %s"
                  .formatted(sql.table(shadow), Sql.name(column.name()), sql.type(column)));
          tables.catalog().add(shadow, new Catalog.Field(column.name(), sql.type(column), true));
        }
      }
    } else if (merging()) {
      sql.run("CREATE TABLE " + sql.table(shadow) + sql.staging(columns));
      List<Catalog.Field> fields = new ArrayList<>();
      columns.forEach(c -> fields.add(new Catalog.Field(c.name(), sql.type(c), true)));
      tables.catalog().put(shadow, fields);
    } else {
      tables.create(
          shadow,
          tables.waiting(Tables.required(load.schema(), table), tables.catalog().table(table)));
    }
  }

  /** The same for the same run and table, so that a load that runs twice finds it. */
  String shadowName(String table) {
    Segment segment = order.segment();
    String run =
        String.join(
            "\n",
            segment.project(),
            segment.asset(),
            String.valueOf(segment.partition()),
            Integer.toString(segment.epoch()),
            table);
    return "_mr_" + Sha256.of(run).substring(0, 20);
  }
}
