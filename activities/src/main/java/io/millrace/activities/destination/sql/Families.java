package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.SchemaMerge;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.asset.AssetKey;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The tables of a resource: root tables, each with the tables below it. */
final class Families {
  private Families() {}

  /** The resource's root tables: those of the package, and all that it wrote before. */
  static List<String> roots(Order order, LoadPackage load, Schema stored) {
    Set<String> roots = new LinkedHashSet<>(load == null ? List.of() : load.rootTables());
    String resource = AssetKey.parse(order.segment().asset()).name();
    for (TableSchema table : stored.tables()) {
      if (table.parent() == null && resource.equals(table.resource())) {
        roots.add(table.name());
      }
    }
    if (load != null) {
      for (String name : load.tables()) {
        TableSchema table = load.schema().table(name).orElse(null);
        while (table != null && table.parent() != null) {
          table = load.schema().table(table.parent()).orElse(null);
        }
        if (table != null) {
          roots.add(table.name());
        }
      }
    }
    return List.copyOf(roots);
  }

  /** A root table first, parents before children. */
  static List<List<String>> of(Schema schema, List<String> roots) {
    return roots.stream().map(root -> SchemaMerge.family(schema, root)).toList();
  }
}
