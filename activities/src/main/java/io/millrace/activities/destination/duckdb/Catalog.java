package io.millrace.activities.destination.duckdb;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables that a dataset has. Names are found as DuckDB finds them: ASCII case ignored. */
final class Catalog {
  private final Map<String, Table> tables = new LinkedHashMap<>();

  /** A table as it is now. */
  record Table(String name, List<Field> fields) {
    Table {
      fields = List.copyOf(fields);
    }

    boolean has(String column) {
      return field(column) != null;
    }

    /** {@code null} when there is none. */
    Field field(String column) {
      for (Field field : fields) {
        if (folded(field.name()).equals(folded(column))) {
          return field;
        }
      }
      return null;
    }
  }

  /** A column as it is now, with the engine's type. */
  record Field(String name, String type, boolean nullable) {
    String ddl() {
      return Sql.name(name) + " " + type + (nullable ? "" : " NOT NULL");
    }
  }

  static Catalog read(Sql sql) throws SQLException {
    Map<String, List<Field>> fields = new LinkedHashMap<>();
    for (List<Object> row :
        sql.rows(
            """
            SELECT c.table_name, c.column_name, c.data_type, c.is_nullable
            FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_oid, schema_oid, database_oid)
            WHERE c.database_name = current_database() AND c.schema_name = ?
            ORDER BY c.table_name, c.column_index
            """,
            sql.dataset())) {
      fields
          .computeIfAbsent((String) row.get(0), t -> new ArrayList<>())
          .add(new Field((String) row.get(1), (String) row.get(2), (Boolean) row.get(3)));
    }
    Catalog catalog = new Catalog();
    fields.forEach((name, list) -> catalog.put(new Table(name, list)));
    return catalog;
  }

  /** {@code null} when there is none. */
  Table table(String name) {
    return tables.get(folded(name));
  }

  List<Table> tables() {
    return List.copyOf(tables.values());
  }

  void put(Table table) {
    tables.put(folded(table.name()), table);
  }

  void remove(String name) {
    tables.remove(folded(name));
  }

  /** The form in which DuckDB compares names. */
  static String folded(String name) {
    StringBuilder folded = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return folded.toString();
  }
}
