package io.millrace.activities.destination.postgres;

import io.millrace.activities.destination.sql.Dialect;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.destination.sql.Widening;
import io.millrace.schema.Column;
import org.jdbi.v3.core.Handle;

/** PostgreSQL's own ways. */
enum PostgresDialect implements Dialect {
  POSTGRES;

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
  public String schema(Handle handle, String dataset) {
    return Sql.name(dataset);
  }

  @Override
  public String folded(String name) {
    return name;
  }

  /** A role that may not make schemas can use one that is there. */
  @Override
  public void createDataset(Sql sql) {
    if (!sql.any("SELECT 1 FROM pg_namespace WHERE nspname = ?", sql.dataset())) {
      sql.run("CREATE SCHEMA IF NOT EXISTS " + sql.schema());
    }
  }

  @Override
  public void enter(Sql sql) {
    sql.run("SET LOCAL search_path TO " + sql.schema());
  }

  /** Held until the transaction ends, however it ends. */
  @Override
  public void lock(Sql sql, String... names) {
    new AssetLock(sql, "millrace\n" + sql.dataset() + "\n" + String.join("\n", names)).take();
  }

  /** Others may read. */
  @Override
  public void lockTable(Sql sql, String table) {
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
  public int maxColumns() {
    return 1_600;
  }

  /** Those that were dropped keep their numbers. */
  @Override
  public int usedColumns(Sql sql, String table, int there) {
    return sql.select(
            "SELECT coalesce(max(attnum), 0) FROM pg_attribute WHERE attrelid = to_regclass(?)",
            sql.table(table))
        .mapTo(Integer.class)
        .one();
  }

  @Override
  public String taken(Sql sql, String name) {
    return sql.select(
            """
            SELECT CASE relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
              WHEN 'S' THEN 'a sequence' WHEN 'c' THEN 'a type' ELSE 'an index' END
            FROM pg_class WHERE relnamespace = to_regnamespace(?) AND relname = ?
            """,
            sql.schema(),
            name)
        .mapTo(String.class)
        .findFirst()
        .orElse(null);
  }

  @Override
  public String cascade(Sql sql, String table) {
    return sql.select(
            """
            SELECT conname || ' of ' || conrelid::regclass FROM pg_constraint
            WHERE contype = 'f' AND confrelid = to_regclass(?) AND confdeltype IN ('c', 'n', 'd') LIMIT 1
            """,
            sql.table(table))
        .mapTo(String.class)
        .findFirst()
        .orElse(null);
  }

  /** Without it a merge of a million rows may be planned as one of a few hundred. */
  @Override
  public void count(Sql sql, String table) {
    sql.run("ANALYZE " + table);
  }

  /**
   * Also no rows: a reader with an older snapshot finds the new table by its name, and none of the
   * new rows in it, because they came later. Deleted and inserted ones it sees as they were.
   */
  @Override
  public boolean replaceable(Sql sql, String table) {
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
