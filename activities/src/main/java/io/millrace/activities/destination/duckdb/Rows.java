package io.millrace.activities.destination.duckdb;

import io.millrace.MillraceException;
import io.millrace.activities.destination.sql.RowMover;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.destination.sql.Staged;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.JdbiException;

/** Moves a table's rows from the package into DuckDB: one {@code INSERT … SELECT} per table. */
final class Rows implements RowMover {
  /** The last one counts: a value may say anything. */
  private static final Pattern TARGET =
      Pattern.compile("(?s).*casting from source column c(\\d{1,5})");

  private final Sql sql;
  private final LoadPackage load;
  private final RowSource source;

  Rows(Sql sql, LoadPackage load, RowSource source) {
    this.sql = sql;
    this.load = load;
    this.source = source;
  }

  @Override
  public long insert(String table, List<Column> columns, String target, String number, long first)
      throws IOException {
    return insert(table, columns, true, target, number, first);
  }

  @Override
  public long insertSome(String table, List<Column> columns, String target, String number)
      throws IOException {
    return insert(table, columns, false, target, number, 0);
  }

  private long insert(
      String table, List<Column> columns, boolean all, String target, String number, long first)
      throws IOException {
    List<String> into = new ArrayList<>(columns.stream().map(Column::name).toList());
    List<String> values = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      values.add(ColumnTypes.value(columns.get(i), RowSource.vector(i)));
    }
    if (number != null) {
      into.add(number);
      values.add(RowSource.NUMBER);
    }
    return insert(
        table,
        columns,
        all,
        first,
        "INSERT INTO %s (%s) SELECT %s FROM %s"
            .formatted(target, Sql.names(into), String.join(", ", values), RowSource.CALL));
  }

  @Override
  public void rejects(String loadId) throws IOException {
    insert(
        SystemNames.REJECTS,
        Staged.REJECTS,
        true,
        0,
        """
        INSERT INTO %s SELECT ?, c0, c1, c2, c3, CASE WHEN json_valid(c4) THEN c4::JSON ELSE to_json(c4) END, now()
        FROM %s
        """
            .formatted(sql.table(SystemNames.REJECTS), RowSource.CALL),
        loadId);
  }

  /** Runs a statement that reads the table's rows from {@link RowSource#CALL}. */
  private long insert(
      String table,
      List<Column> columns,
      boolean all,
      long first,
      String statement,
      Object... values)
      throws IOException {
    source.pointAt(table, columns, all, first);
    long rows;
    try {
      rows = sql.run(statement, values);
    } catch (JdbiException e) {
      source.rethrow();
      throw explained(table, columns, Sql.cause(e));
    } finally {
      source.close();
    }
    return Staged.whole(load, table, rows);
  }

  /** DuckDB does not say which column a value did not fit: look for it in a second pass. */
  private MillraceException explained(String table, List<Column> columns, SQLException e)
      throws IOException {
    String what = "load table " + table;
    MillraceException plain = DuckDbErrors.of(what, e);
    boolean conversion = String.valueOf(e.getMessage()).matches("(?s)(Conversion|Out of Range).*");
    if (!conversion || columns.isEmpty()) {
      return plain;
    }
    Matcher target = TARGET.matcher(e.getMessage());
    if (target.find() && Integer.parseInt(target.group(1)) < columns.size()) {
      // what came fits the schema, but not what somebody made of the column
      Column column = columns.get(Integer.parseInt(target.group(1)));
      return DuckDbErrors.of("load column %s.%s".formatted(table, column.name()), e);
    }
    sql.handle().rollback();
    String bad =
        IntStream.range(0, columns.size())
            .mapToObj(
                i ->
                    "count(*) FILTER (c%d IS NOT NULL AND TRY(%s) IS NULL)"
                        .formatted(i, ColumnTypes.value(columns.get(i), RowSource.vector(i))))
            .collect(Collectors.joining(", "));
    source.pointAt(table, columns, false, 0);
    long[] counts =
        sql.select("SELECT " + bad + " FROM " + RowSource.CALL)
            .map((row, context) -> numbers(row, columns.size()))
            .one();
    source.close();
    for (int i = 0; i < columns.size(); i++) {
      if (counts[i] > 0) {
        return DuckDbErrors.of(
            "load column %s.%s (%s, %d rows)"
                .formatted(
                    table, columns.get(i).name(), ColumnTypes.sql(columns.get(i)), counts[i]),
            e);
      }
    }
    return plain;
  }

  private static long[] numbers(ResultSet row, int count) throws SQLException {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = row.getLong(i + 1);
    }
    return numbers;
  }
}
