package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * Statements on one dataset, run by Jdbi. The only place where names become SQL: {@link #name}
 * always doubles the quote, values are always bound. What fails is a {@link JdbiException} until
 * {@link #cause} takes the engine's own exception out of it.
 */
public final class Sql {
  private final Handle handle;
  private final Dialect dialect;
  private final String dataset;
  private final String schema;

  public Sql(Handle handle, String dataset, Dialect dialect) {
    this.handle = handle;
    this.dialect = dialect;
    this.dataset = dataset;
    this.schema = dialect.schema(handle, dataset);
  }

  /** A handle on a connection of its own, which is closed with it. */
  public static Handle open(ConnectionFactory connections) {
    return Jdbi.create(connections).installPlugin(new AsWritten()).open();
  }

  /** What the engine said. An exception that is Jdbi's alone is thrown again. */
  public static SQLException cause(JdbiException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException said) {
        return said;
      }
    }
    throw e;
  }

  public Handle handle() {
    return handle;
  }

  Dialect dialect() {
    return dialect;
  }

  public String dataset() {
    return dataset;
  }

  /** The dataset itself, as SQL. */
  public String schema() {
    return schema;
  }

  /** Any string as a quoted identifier that means exactly this string. */
  public static String name(String identifier) {
    if (identifier.isEmpty() || identifier.indexOf('\0') >= 0) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot use a name: it is empty or holds a NUL character: \"%s\" (choose another naming)"
              .formatted(identifier.replace("\0", "\\0")));
    }
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** Quoted names, separated by commas. */
  public static String names(Collection<String> identifiers) {
    return identifiers.stream().map(Sql::name).collect(Collectors.joining(", "));
  }

  /** The table of that name in the dataset. */
  public String table(String table) {
    return schema + "." + name(table);
  }

  String type(Column column) {
    return dialect.type(column);
  }

  /** The columns of a table of staged rows: those of the schema, and the row's number. */
  String staging(List<Column> columns) {
    List<String> fields = new ArrayList<>();
    columns.forEach(c -> fields.add(name(c.name()) + " " + type(c)));
    fields.add(name(Merge.NUMBER) + " BIGINT NOT NULL");
    return " (" + String.join(", ", fields) + ")";
  }

  /** A temporary table of that plain name. */
  String temp(String table) {
    return dialect.temp() + table;
  }

  /** Runs a statement; returns the number of rows that it changed. */
  public long run(String statement, Object... values) {
    return Math.max(0, bound(handle.createUpdate(statement), values).executeLarge());
  }

  /**
   * Runs a statement with a person's condition in it, where {@code ?} may be an operator: only a
   * statement that is not prepared leaves it alone.
   */
  long runAsWritten(String text) {
    return onConnection(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(text) ? 0 : Math.max(0, statement.getLargeUpdateCount());
          }
        });
  }

  /** What the engine can do beyond statements and rows. */
  public interface OnConnection<T> {
    T with(Connection connection) throws SQLException;
  }

  /** Does it on the connection itself; fails as a statement does. */
  public <T> T onConnection(OnConnection<T> work) {
    try {
      return work.with(handle.getConnection());
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  /** A query whose rows the caller maps. */
  public Query select(String query, Object... values) {
    return select(handle, query, values);
  }

  /** The same before there is a dataset. */
  public static Query select(Handle handle, String query, Object... values) {
    return bound(handle.createQuery(query), values);
  }

  /** Whether the query has a row. */
  public boolean any(String query, Object... values) {
    return select(query, values).map((row, context) -> true).findFirst().isPresent();
  }

  private static <S extends SqlStatement<S>> S bound(S statement, Object... values) {
    for (int i = 0; i < values.length; i++) {
      statement.bind(i, values[i]);
    }
    return statement.define(AsWritten.VALUES, values.length);
  }
}
