package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Makes and changes the data tables of a dataset. Columns are only ever added. */
final class Tables {
  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;

  Tables(Sql sql, Catalog catalog, SystemNames names) {
    this.sql = sql;
    this.catalog = catalog;
    this.names = names;
  }

  Catalog catalog() {
    return catalog;
  }

  /** Refuses to delete rows when rows of somebody else would go with them. */
  void refuseDeletes(Collection<String> tables) {
    for (String name : tables) {
      String cascade = catalog.table(name) == null ? null : sql.dialect().cascade(sql, name);
      if (cascade != null) {
        throw new MillraceException(
            Failure.DESTINATION_REFUSED,
            "Cannot delete rows of table %s to load newer ones: a foreign key would change rows of another table with them: %s (make it ON DELETE NO ACTION DEFERRABLE)"
                .formatted(name, cascade));
      }
    }
  }

  /** Columns that had to have a value until now, and need none any more. */
  void relax(Schema stored, Schema schema, Collection<String> names) {
    for (String name : names) {
      Catalog.Table found = catalog.table(name);
      TableSchema before = stored.table(name).orElse(null);
      if (found == null || before == null) {
        continue;
      }
      for (Column column : required(schema, name).completeColumns()) {
        Catalog.Field field = found.field(column.name());
        boolean was = before.column(column.name()).filter(c -> !c.acceptsNull()).isPresent();
        if (was && column.acceptsNull() && field != null && !field.nullable()) {
          sql.run(
              "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL"
                  .formatted(sql.table(name), Sql.name(column.name())));
          catalog.change(name, new Catalog.Field(field.name(), field.type(), true));
        }
      }
    }
  }

  /** Whether rows with the types of the schema can go into the table as they are. */
  boolean fits(String name, List<Column> columns) {
    Catalog.Table found = catalog.table(name);
    return !sql.dialect().exactTypes()
        || columns.stream().allMatch(c -> sql.type(c).equals(found.field(c.name()).type()));
  }

  static TableSchema required(Schema schema, String table) {
    return schema
        .table(table)
        .orElseThrow(
            () ->
                new MillraceException(
                    Failure.INTERNAL,
                    "Cannot load table %s: the package's schema does not have it"
                        .formatted(table)));
  }

  /** The table with all columns of the schema: made, or changed column by column. */
  void ensure(Schema schema, String name) {
    TableSchema table = required(schema, name);
    Catalog.Table found = catalog.table(name);
    if (found == null) {
      create(name, layout(table, null));
      return;
    }
    widen(table, found);
    List<Catalog.Field> together = new ArrayList<>();
    Boolean rows = null;
    for (Column column : table.completeColumns()) {
      if (found.has(column.name())) {
        continue;
      }
      Catalog.Field field = field(column);
      if (!field.nullable()) {
        rows = rows == null ? sql.any("SELECT 1 FROM " + sql.table(name) + " LIMIT 1") : rows;
        if (rows && column.name().equals(names.rootId())) {
          addTogether(name, together);
          if (new RootIds(sql, this, names).fill(schema, table, field)) {
            continue;
          }
        }
        // rows that are there have no value
        field = rows ? new Catalog.Field(field.name(), field.type(), true) : field;
      }
      together.add(field);
      if (!sql.dialect().addsColumnsTogether()) {
        addTogether(name, together);
      }
    }
    addTogether(name, together);
  }

  /** Gives columns the type of the schema where they keep all that they have. */
  private void widen(TableSchema table, Catalog.Table found) {
    for (Column column : table.completeColumns()) {
      Catalog.Field field = found.field(column.name());
      String type = sql.type(column);
      if (field != null && !field.type().equals(type) && sql.dialect().widens(field.type(), type)) {
        sql.run(
            "ALTER TABLE %s ALTER COLUMN %s TYPE %s"
                .formatted(sql.table(table.name()), Sql.name(field.name()), type));
        catalog.change(table.name(), new Catalog.Field(field.name(), type, field.nullable()));
      }
    }
  }

  private void addTogether(String name, List<Catalog.Field> together) {
    if (!together.isEmpty()) {
      String columns =
          String.join(", ", together.stream().map(f -> "ADD COLUMN " + f.ddl()).toList());
      sql.run("ALTER TABLE " + sql.table(name) + " " + columns);
      together.forEach(field -> catalog.add(name, field));
      together.clear();
    }
  }

  /**
   * The columns of a table whose rows wait for the last load of a run: those of the table with the
   * types of the schema. Columns that somebody else added need no value here.
   */
  List<Catalog.Field> waiting(TableSchema table, Catalog.Table found) {
    return layout(table, found).stream()
        .map(
            field -> {
              Column column = table.column(field.name()).filter(Column::complete).orElse(null);
              return column == null
                  ? new Catalog.Field(field.name(), field.type(), true)
                  : new Catalog.Field(field.name(), sql.type(column), field.nullable());
            })
        .toList();
  }

  /** The columns of a table as they will be: those that are there, then those that are missing. */
  List<Catalog.Field> layout(TableSchema table, Catalog.Table found) {
    List<Catalog.Field> fields = new ArrayList<>(found == null ? List.of() : found.fields());
    for (Column column : table.completeColumns()) {
      if (found == null || !found.has(column.name())) {
        fields.add(field(column));
      }
    }
    return fields;
  }

  private Catalog.Field field(Column column) {
    return new Catalog.Field(column.name(), sql.type(column), column.acceptsNull());
  }

  void create(String name, List<Catalog.Field> fields) {
    String columns = String.join(", ", fields.stream().map(Catalog.Field::ddl).toList());
    sql.run("CREATE TABLE " + sql.table(name) + " (" + columns + ")");
    catalog.put(name, fields);
  }

  /** Drops the table and gives its name to the shadow. Views on it stay: they are text. */
  void swap(String shadow, String name) {
    List<Catalog.Field> fields = catalog.table(shadow).fields();
    if (catalog.table(name) != null) {
      sql.run("DROP TABLE " + sql.table(name));
    }
    sql.run("ALTER TABLE " + sql.table(shadow) + " RENAME TO " + Sql.name(name));
    catalog.remove(shadow);
    catalog.put(name, fields);
  }

  void drop(String name) {
    sql.run("DROP TABLE IF EXISTS " + sql.table(name));
    catalog.remove(name);
  }

  /** Drops the tables of a run that was applied, or never will be. */
  void drop(Shadow shadow) {
    for (String table : shadow.tables().values()) {
      drop(table);
    }
  }

  /** Removes all rows; the table stays with all that hangs on it. */
  void empty(String name) {
    if (catalog.table(name) != null) {
      refuseDeletes(List.of(name));
      sql.run("DELETE FROM " + sql.table(name));
    }
  }
}
