package io.millrace.activities.destination.sql;

import io.millrace.schema.Column;
import org.jdbi.v3.core.Handle;

/**
 * What differs between the engines that speak SQL, as values and small pieces of statements.
 * Everything else of a load is the same for all of them.
 */
public interface Dialect {
  /** The engine's name in messages. */
  String engine();

  /** The column's type, in the words in which {@link #catalog} gives it back. */
  String type(Column column);

  /** What is before the name of a temporary table, with its dot. */
  String temp();

  /** The column that tells the rows of a table apart within a transaction. */
  String rowId();

  /** A dataset as SQL, quoted. */
  String schema(Handle handle, String dataset);

  /** The form in which the engine compares names. */
  String folded(String name);

  /**
   * A query with one parameter, the dataset: table, column, type and whether it takes NULL, in the
   * order of the columns.
   */
  String catalog();

  /** Bytes of a name in UTF-8 that the engine keeps apart. */
  default int maxNameBytes() {
    return Integer.MAX_VALUE;
  }

  /** Whether one statement adds many columns. */
  default boolean addsColumnsTogether() {
    return false;
  }

  /** Whether a column can be added, filled and made NOT NULL in one transaction. */
  default boolean fillsColumns() {
    return false;
  }

  /** The digest of a text, as a text. */
  default String digest(String text) {
    return "sha256(" + text + ")";
  }

  /** Makes the dataset unless it is there. */
  default void createDataset(Sql sql) {
    sql.run("CREATE SCHEMA IF NOT EXISTS " + sql.schema());
  }

  /** Unqualified names of this transaction are looked up in the dataset first. */
  default void enter(Sql sql) {}

  /** Waits until nobody else works on what the names say; nothing where one writer is alone. */
  default void lock(Sql sql, String... names) {}

  /**
   * The planner counts a table that was filled just now; nothing where it counts by itself.
   *
   * @param table quoted
   */
  default void count(Sql sql, String table) {}

  /** Waits until nobody else writes into the table; nothing where one writer is alone. */
  default void lockTable(Sql sql, String table) {}

  /** Whether rows arrive as they are, so that their types must be the columns' own. */
  default boolean exactTypes() {
    return false;
  }

  /**
   * Whether a column can take another type and keep all that it has: {@code integer} to {@code
   * bigint}. Types as in {@link #catalog}.
   */
  default boolean widens(String from, String to) {
    return false;
  }

  /** Columns that a table can have. */
  default int maxColumns() {
    return Integer.MAX_VALUE;
  }

  /** Columns of a table that count, where more than those that are there do. */
  default int usedColumns(Sql sql, String table, int there) {
    return there;
  }

  /** What has the name and is no table, in words; {@code null} when nothing does. */
  String taken(Sql sql, String name);

  /**
   * The foreign key, in words, by which rows of somebody else would go with rows of the table;
   * {@code null} without one.
   */
  default String cascade(Sql sql, String table) {
    return null;
  }

  /**
   * Whether nothing hangs on the table that dropping it would lose or that would forbid it:
   * indexes, keys, views, grants, comments.
   */
  boolean replaceable(Sql sql, String table);
}
