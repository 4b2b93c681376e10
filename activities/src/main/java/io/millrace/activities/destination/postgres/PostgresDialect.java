package io.millrace.activities.destination.postgres;

import io.millrace.activities.destination.sql.Dialect;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.destination.sql.Widening;
import io.millrace.schema.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** PostgreSQL's own ways. */
enum PostgresDialect implements Dialect {
  POSTGRES;

  /** Of a table, those that were dropped included. */
  private static final int MAX_COLUMNS = 1_600;

  @Override
  public String engine() {
    return "PostgreSQL";
  }

  @Override
  public String type(Column column) {
    return ColumnTypes.sql(column);
  }

  @Override
  public String temp() {
    return "pg_temp.";
  }

  @Override
  public String rowId() {
    return "ctid";
  }

  @Override
  public int maxNameBytes() {
    return 63;
  }

  @Override
  public String digest(String text) {
    return "encode(sha256(convert_to(" + text + ", 'UTF8')), 'hex')";
  }

  @Override
  public boolean addsColumnsTogether() {
    return true;
  }

  @Override
  public String schema(Connection connection, String dataset) {
    return Sql.name(dataset);
  }

  @Override
  public String folded(String name) {
    return name;
  }

  /** A role that may not make schemas can use one that is there. */
  @Override
  public void createDataset(Sql sql) throws SQLException {
    if (!sql.any("SELECT 1 FROM pg_namespace WHERE nspname = ?", sql.dataset())) {
      sql.run("CREATE SCHEMA IF NOT EXISTS " + sql.schema());
    }
  }

  @Override
  public void enter(Sql sql) throws SQLException {
    sql.run("SET LOCAL search_path TO " + sql.schema());
  }

  /** Held until the transaction ends, however it ends. */
  @Override
  public void lock(Sql sql, String... names) throws SQLException {
    new AssetLock(sql, "millrace\n" + sql.dataset() + "\n" + String.join("\n", names)).take();
  }

  /** Others may read. */
  @Override
  public void lockTable(Sql sql, String table) throws SQLException {
    sql.run("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE".formatted(sql.table(table)));
  }

  @Override
  public String catalog() {
    return """
        SELECT c.relname::VARCHAR, a.attname::VARCHAR, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY c.relname, a.attnum
        """;
  }

  @Override
  public boolean fillsColumns() {
    return true;
  }

  @Override
  public boolean exactTypes() {
    return true;
  }

  @Override
  public boolean widens(String from, String to) {
    return Widening.keepsAll(from, to);
  }

  @Override
  public int room(Sql sql, String table) throws SQLException {
    long used =
        table == null
            ? 0
            : sql.number(
                "SELECT coalesce(max(attnum), 0) FROM pg_attribute WHERE attrelid = to_regclass(?)",
                sql.table(table));
    return MAX_COLUMNS - (int) used;
  }

  @Override
  public String taken(Sql sql, String name) throws SQLException {
    List<List<Object>> found =
        sql.rows(
            """
            SELECT CASE relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
              WHEN 'S' THEN 'a sequence' WHEN 'c' THEN 'a type' ELSE 'an index' END
            FROM pg_class WHERE relnamespace = to_regnamespace(?) AND relname = ?
            """,
            sql.schema(),
            name);
    return found.isEmpty() ? null : (String) found.get(0).get(0);
  }

  @Override
  public String cascade(Sql sql, String table) throws SQLException {
    List<List<Object>> found =
        sql.rows(
            """
            SELECT conname || ' of ' || conrelid::regclass FROM pg_constraint
            WHERE contype = 'f' AND confrelid = to_regclass(?) AND confdeltype IN ('c', 'n', 'd') LIMIT 1
            """,
            sql.table(table));
    return found.isEmpty() ? null : (String) found.get(0).get(0);
  }

  /**
   * Also no rows: a reader with an older snapshot finds the new table by its name, and none of the
   * new rows in it, because they came later. Deleted and inserted ones it sees as they were.
   */
  @Override
  public boolean replaceable(Sql sql, String table) throws SQLException {
    return !sql.any("SELECT 1 FROM " + sql.table(table) + " LIMIT 1")
        && sql.any(
            """
        SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r' AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
          AND c.relacl IS NULL AND c.reloptions IS NULL AND c.reltablespace = 0 AND c.relpersistence = 'p' AND c.relreplident = 'd'
          AND NOT (c.relhasindex OR c.relhasrules OR c.relhastriggers OR c.relrowsecurity OR c.relhassubclass OR c.relispartition)
          AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE refclassid = 'pg_class'::regclass AND refobjid = c.oid AND deptype = 'n')
          AND NOT EXISTS (SELECT 1 FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid = c.oid)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = c.oid AND contype <> 'n')
          AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND (attacl IS NOT NULL OR attoptions IS NOT NULL OR atthasdef OR attidentity <> ''))
          AND NOT EXISTS (SELECT 1 FROM pg_publication_tables WHERE schemaname = n.nspname AND tablename = c.relname)
          AND NOT EXISTS (SELECT 1 FROM pg_statistic_ext WHERE stxrelid = c.oid)
        """,
            sql.dataset(),
            table);
  }
}
