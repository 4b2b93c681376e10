package io.millrace.activities.destination.duckdb;

import io.millrace.activities.destination.sql.Dialect;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.destination.sql.Widening;
import io.millrace.schema.Column;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.MetaData.MetaDataValueProvider;

/** DuckDB's own ways. */
enum DuckDbDialect implements Dialect {
  DUCKDB;

  @Override
  public String engine() {
    return "DuckDB";
  }

  @Override
  public String type(Column column) {
    return ColumnTypes.sql(column);
  }

  @Override
  public String temp() {
    return "temp.main.";
  }

  @Override
  public String rowId() {
    return "rowid";
  }

  @Override
  public String schema(Handle handle, String dataset) {
    // a file shop.duckdb is the catalog "shop", so "shop.orders" alone could mean two things
    MetaDataValueProvider<String> file = metadata -> metadata.getConnection().getCatalog();
    return Sql.name(handle.queryMetadata(file)) + "." + Sql.name(dataset);
  }

  /** ASCII case is ignored, other letters are not. */
  @Override
  public String folded(String name) {
    StringBuilder folded = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return folded.toString();
  }

  @Override
  public String catalog() {
    return """
        SELECT c.table_name, c.column_name, c.data_type, c.is_nullable
        FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_oid, schema_oid, database_oid)
        WHERE c.database_name = current_database() AND c.schema_name = ?
        ORDER BY c.table_name, c.column_index
        """;
  }

  @Override
  public boolean widens(String from, String to) {
    return Widening.keepsAll(from, to);
  }

  @Override
  public String taken(Sql sql, String name) {
    return sql.any(
            "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() AND schema_name = ? AND lower(view_name) = lower(?)",
            sql.dataset(),
            name)
        ? "a view"
        : null;
  }

  @Override
  public boolean replaceable(Sql sql, String table) {
    return !sql.any(
        """
        SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = ?1
          AND table_name = ?2 AND (index_count > 0 OR has_primary_key OR comment IS NOT NULL)
        UNION ALL
        SELECT 1 FROM duckdb_constraints() WHERE database_name = current_database() AND schema_name = ?1
          AND (table_name = ?2 AND constraint_type <> 'NOT NULL' OR referenced_table = ?2)
        UNION ALL
        SELECT 1 FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = ?1
          AND table_name = ?2 AND (column_default IS NOT NULL OR comment IS NOT NULL)
        """,
        sql.dataset(),
        table);
  }
}
