package io.millrace.activities.destination.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables that a dataset has. Names are found as the engine finds them. */
final class Catalog {
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final Dialect dialect;

  /** A table as it is now. */
  final class Table {
    private final String name;
    private final List<Field> fields;

    private Table(String name, List<Field> fields) {
      this.name = name;
      this.fields = List.copyOf(fields);
    }

    String name() {
      return name;
    }

    List<Field> fields() {
      return fields;
    }

    boolean has(String column) {
      return field(column) != null;
    }

    /** {@code null} when there is none. */
    Field field(String column) {
      return fields.stream()
          .filter(f -> folded(f.name()).equals(folded(column)))
          .findFirst()
          .orElse(null);
    }
  }

  /** A column as it is now, with the engine's type. */
  record Field(String name, String type, boolean nullable) {
    String ddl() {
      return Sql.name(name) + " " + type + (nullable ? "" : " NOT NULL");
    }
  }

  private Catalog(Dialect dialect) {
    this.dialect = dialect;
  }

  static Catalog read(Sql sql) {
    Map<String, List<Field>> fields = new LinkedHashMap<>();
    sql.select(sql.dialect().catalog(), sql.dataset())
        .map(
            (row, context) ->
                Map.entry(
                    row.getString(1),
                    new Field(row.getString(2), row.getString(3), row.getBoolean(4))))
        .forEach(
            column ->
                fields
                    .computeIfAbsent(column.getKey(), t -> new ArrayList<>())
                    .add(column.getValue()));
    Catalog catalog = new Catalog(sql.dialect());
    fields.forEach(catalog::put);
    return catalog;
  }

  /** {@code null} when there is none. */
  Table table(String name) {
    return tables.get(folded(name));
  }

  List<Table> tables() {
    return List.copyOf(tables.values());
  }

  void put(String name, List<Field> fields) {
    tables.put(folded(name), new Table(name, fields));
  }

  void add(String name, Field field) {
    List<Field> fields = new ArrayList<>(table(name).fields());
    fields.add(field);
    put(table(name).name(), fields);
  }

  /** Puts a field in the place of the one of its name. */
  void change(String name, Field field) {
    List<Field> fields = new ArrayList<>(table(name).fields());
    fields.replaceAll(f -> f.name().equals(field.name()) ? field : f);
    put(table(name).name(), fields);
  }

  void remove(String name) {
    tables.remove(folded(name));
  }

  /** The form in which the engine compares names. */
  String folded(String name) {
    return dialect.folded(name);
  }
}
