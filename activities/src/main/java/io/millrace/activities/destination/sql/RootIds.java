package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;

/** Gives rows of a child table that came without it the id of their root row. */
final class RootIds {
  private final Sql sql;
  private final Tables tables;
  private final Catalog catalog;
  private final SystemNames names;

  RootIds(Sql sql, Tables tables, SystemNames names) {
    this.sql = sql;
    this.tables = tables;
    this.catalog = tables.catalog();
    this.names = names;
  }

  /**
   * Gives the rows of a child table the id of their root row, through their parents, which have it
   * already. The table is written anew where the engine cannot make a column NOT NULL in the
   * transaction that filled it. Not done (false) when rows have lost their parents, or when a table
   * to be written anew carries more than columns.
   */
  boolean fill(Schema schema, TableSchema table, Catalog.Field field) {
    Catalog.Table found = catalog.table(table.name());
    Catalog.Table parent = table.parent() == null ? null : catalog.table(table.parent());
    if (parent == null
        || !found.has(names.parentId())
        || !(sql.dialect().fillsColumns() || sql.dialect().replaceable(sql, table.name()))) {
      return false;
    }
    boolean parentIsRoot = Tables.required(schema, table.parent()).parent() == null;
    String rootOfParent = parentIsRoot ? names.id() : names.rootId();
    if (!parent.has(rootOfParent)) {
      return false;
    }
    String roots =
        "(SELECT %s AS id, min(%s) AS root FROM %s GROUP BY 1) p"
            .formatted(Sql.name(names.id()), Sql.name(rootOfParent), sql.table(parent.name()));
    String joined =
        "FROM %s t LEFT JOIN %s ON t.%s = p.id"
            .formatted(sql.table(found.name()), roots, Sql.name(names.parentId()));
    if (sql.any("SELECT 1 " + joined + " WHERE p.root IS NULL LIMIT 1")) {
      return false;
    }
    if (sql.dialect().fillsColumns()) {
      String name = sql.table(found.name());
      String column = Sql.name(field.name());
      sql.run("ALTER TABLE %s ADD COLUMN %s %s".formatted(name, column, field.type()));
      sql.run(
          "UPDATE %s t SET %s = p.root FROM %s WHERE t.%s = p.id"
              .formatted(name, column, roots, Sql.name(names.parentId())));
      sql.run("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL".formatted(name, column));
      catalog.add(found.name(), field);
      return true;
    }
    List<Catalog.Field> fields = new ArrayList<>(found.fields());
    fields.add(field);
    String shadow = "_mr_fill";
    tables.create(shadow, fields);
    sql.run("INSERT INTO " + sql.table(shadow) + " SELECT t.*, p.root " + joined);
    tables.swap(shadow, found.name());
    return true;
  }
}
