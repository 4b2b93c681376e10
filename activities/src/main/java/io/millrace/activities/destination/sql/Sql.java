package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Statements on one dataset. The only place where names become SQL: {@link #name} always doubles
 * the quote, values are always bound.
 */
public final class Sql {
  private final Connection connection;
  private final Dialect dialect;
  private final String dataset;
  private final String schema;

  public Sql(Connection connection, String dataset, Dialect dialect) throws SQLException {
    this.connection = connection;
    this.dialect = dialect;
    this.dataset = dataset;
    this.schema = dialect.schema(connection, dataset);
  }

  public Connection connection() {
    return connection;
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
  public long run(String sql, Object... values) throws SQLException {
    if (values.length == 0) {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(sql) ? 0 : Math.max(0, statement.getLargeUpdateCount());
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      return statement.execute() ? 0 : Math.max(0, statement.getLargeUpdateCount());
    }
  }

  /** Whether the query has a row. */
  public boolean any(String sql, Object... values) throws SQLException {
    return !rows(sql, values).isEmpty();
  }

  /** The one number that the query gives. */
  public long number(String sql, Object... values) throws SQLException {
    return ((Number) rows(sql, values).get(0).get(0)).longValue();
  }

  /** The rows of a small result. */
  public List<List<Object>> rows(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      try (ResultSet result = statement.executeQuery()) {
        int columns = result.getMetaData().getColumnCount();
        List<List<Object>> rows = new ArrayList<>();
        while (result.next()) {
          List<Object> row = new ArrayList<>(columns);
          for (int i = 1; i <= columns; i++) {
            row.add(result.getObject(i));
          }
          rows.add(row);
        }
        return rows;
      }
    }
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }
}
