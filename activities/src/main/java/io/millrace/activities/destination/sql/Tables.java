package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** Refuses what the engine could not keep apart, before any statement that changes something. */
  void refuseClashes(Schema schema, Collection<String> tables, SystemTables system)
      throws SQLException {
    Map<String, String> seen = new HashMap<>();
    for (TableSchema table : schema.tables()) {
      String other = seen.put(catalog.folded(table.name()), table.name());
      if (other != null && (tables.contains(other) || tables.contains(table.name()))) {
        throw clash("tables", other, table.name());
      }
    }
    for (String name : tables) {
      if (system.reserved(name)) {
        throw new MillraceException(
            Failure.DATA_INVALID,
            "Cannot make table %s: Millrace keeps its own state there: %s (set table_name of the resource)"
                .formatted(name, name));
      }
      refuseLong("table", name);
      Catalog.Table there = catalog.table(name);
      if (there != null && !there.name().equals(name)) {
        throw clash("tables", there.name(), name);
      }
      Map<String, String> columns = new HashMap<>();
      for (Column column : required(schema, name).completeColumns()) {
        refuseLong("column", column.name());
        String other = columns.put(catalog.folded(column.name()), column.name());
        if (other != null) {
          throw clash("columns", name + "." + other, name + "." + column.name());
        }
      }
      refuseTaken(name, there);
      refuseWide(name, there, columns.keySet());
    }
  }

  /**
   * Refuses to write into tables, or to empty some, that are there and that no stored schema knows:
   * ours are made in the transaction that stores their schema.
   */
  void refuseStrangers(
      SystemTables system, Segment segment, Schema stored, Collection<String> touched)
      throws SQLException {
    for (String table : touched) {
      boolean ours = stored.table(table).filter(t -> !t.completeColumns().isEmpty()).isPresent();
      if (!ours && catalog.table(table) != null && !system.known(segment.project(), table)) {
        throw new MillraceException(
            Failure.DESTINATION_REFUSED,
            "Cannot load %s: another program made table %s: it is there, and no schema in %s knows it (set table_name of the resource, take another dataset, or drop the table)"
                .formatted(segment.asset(), table, names.version()));
      }
    }
  }

  private void refuseTaken(String name, Catalog.Table there) throws SQLException {
    String taken = there == null ? sql.dialect().taken(sql, name) : null;
    if (taken != null) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot make table %s: the name belongs to something that is no table: %s (rename that, set table_name of the resource, or take another dataset)"
              .formatted(name, taken));
    }
  }

  /** Refuses more columns than the engine can hold. */
  private void refuseWide(String name, Catalog.Table there, Collection<String> columns)
      throws SQLException {
    long more = columns.stream().filter(c -> there == null || !there.has(c)).count();
    if (more > 0) {
      int room = sql.dialect().room(sql, there == null ? null : name);
      if (more > room) {
        throw new MillraceException(
            Failure.DATA_INVALID,
            "Cannot load table %s: %s has no room for its columns: %d more, room for %d, dropped ones count (set limits.columns_per_table: what comes later shares one JSON column)"
                .formatted(name, sql.dialect().engine(), more, room));
      }
    }
  }

  /** Refuses to delete rows when rows of somebody else would go with them. */
  void refuseDeletes(Collection<String> tables) throws SQLException {
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
  void relax(Schema stored, Schema schema, Collection<String> names) throws SQLException {
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

  private void refuseLong(String what, String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > sql.dialect().maxNameBytes()) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot make %s %s: %s keeps %d bytes of a name (use naming: snake_case, or set max_identifier_length)"
              .formatted(what, name, sql.dialect().engine(), sql.dialect().maxNameBytes()));
    }
  }

  private MillraceException clash(String what, String one, String other) {
    return new MillraceException(
        Failure.DATA_INVALID,
        "Cannot keep %s apart: %s ignores case: %s and %s (use naming: snake_case)"
            .formatted(what, sql.dialect().engine(), one, other));
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
  void ensure(Schema schema, String name) throws SQLException {
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
          if (fillRootIds(schema, table, field)) {
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
  private void widen(TableSchema table, Catalog.Table found) throws SQLException {
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

  private void addTogether(String name, List<Catalog.Field> together) throws SQLException {
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

  void create(String name, List<Catalog.Field> fields) throws SQLException {
    String columns = String.join(", ", fields.stream().map(Catalog.Field::ddl).toList());
    sql.run("CREATE TABLE " + sql.table(name) + " (" + columns + ")");
    catalog.put(name, fields);
  }

  /**
   * Gives the rows of a child table the id of their root row, through their parents, which have it
   * already. The table is written anew where the engine cannot make a column NOT NULL in the
   * transaction that filled it. Not done (false) when rows have lost their parents, or when a table
   * to be written anew carries more than columns.
   */
  private boolean fillRootIds(Schema schema, TableSchema table, Catalog.Field field)
      throws SQLException {
    Catalog.Table found = catalog.table(table.name());
    Catalog.Table parent = table.parent() == null ? null : catalog.table(table.parent());
    if (parent == null
        || !found.has(names.parentId())
        || !(sql.dialect().fillsColumns() || sql.dialect().replaceable(sql, table.name()))) {
      return false;
    }
    boolean parentIsRoot = required(schema, table.parent()).parent() == null;
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
    create(shadow, fields);
    sql.run("INSERT INTO " + sql.table(shadow) + " SELECT t.*, p.root " + joined);
    swap(shadow, found.name());
    return true;
  }

  /** Drops the table and gives its name to the shadow. Views on it stay: they are text. */
  void swap(String shadow, String name) throws SQLException {
    List<Catalog.Field> fields = catalog.table(shadow).fields();
    if (catalog.table(name) != null) {
      sql.run("DROP TABLE " + sql.table(name));
    }
    sql.run("ALTER TABLE " + sql.table(shadow) + " RENAME TO " + Sql.name(name));
    catalog.remove(shadow);
    catalog.put(name, fields);
  }

  void drop(String name) throws SQLException {
    sql.run("DROP TABLE IF EXISTS " + sql.table(name));
    catalog.remove(name);
  }

  /** Drops the tables of a run that was applied, or never will be. */
  void drop(Shadow shadow) throws SQLException {
    for (String table : shadow.tables().values()) {
      drop(table);
    }
  }

  /** Removes all rows; the table stays with all that hangs on it. */
  void empty(String name) throws SQLException {
    if (catalog.table(name) != null) {
      refuseDeletes(List.of(name));
      sql.run("DELETE FROM " + sql.table(name));
    }
  }
}
