package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps every version of a row (strategy {@code scd2}): versions that did not come again end, new
 * ones begin. What is below a row never changes, because a row with another list is another
 * version.
 */
final class Versions {
  private final Sql sql;
  private final SystemNames names;
  private final WriteDisposition how;
  private final boolean compat;
  private final String boundary;

  /** Temporary: numbers of the root rows that are new. */
  private final String begun;

  /**
   * @param loadId whose first part is the time at which versions end and begin, unless the options
   *     name one
   */
  Versions(Sql sql, SystemNames names, WriteDisposition how, boolean compat, String loadId) {
    this.sql = sql;
    this.names = names;
    this.how = how;
    this.compat = compat;
    this.boundary =
        instant(
            how.options().get("boundary_timestamp") instanceof String said ? said : start(loadId));
    this.begun = sql.temp("_mr_begun");
  }

  private static String start(String loadId) {
    BigDecimal seconds = new BigDecimal(loadId.substring(0, loadId.indexOf('-')));
    long nanos = seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue();
    return Instant.ofEpochSecond(seconds.longValue(), nanos).toString();
  }

  private static String instant(String text) {
    return "CAST('" + text.replace("'", "''") + "' AS TIMESTAMP WITH TIME ZONE)";
  }

  /**
   * @param family root table first, parents before children
   * @param staged tables with staged rows to where they are, quoted
   * @return rows inserted per table
   */
  Map<String, Long> apply(Schema schema, List<String> family, Map<String, String> staged) {
    TableSchema root = Tables.required(schema, family.get(0));
    Map<String, Long> inserted = new LinkedHashMap<>();
    String stage = staged.get(root.name());
    if (stage == null) {
      return inserted;
    }
    Condition.filter(sql, names, how, schema, family, staged);
    String from = hinted(root, "x-valid-from");
    String to = hinted(root, "x-valid-to");
    String version = hinted(root, "x-row-version");
    Object end = how.options().get("active_record_timestamp");
    String active = end instanceof String said ? instant(said) : "NULL";
    String current = "t.%s %s".formatted(to, end == null ? "IS NULL" : "= " + active);

    sql.run("CREATE TEMP TABLE _mr_begun (number BIGINT)");
    sql.run(
        "INSERT INTO %s SELECT s.%s FROM %s s WHERE NOT EXISTS (SELECT 1 FROM %s t WHERE t.%s = s.%s AND %s)"
            .formatted(
                begun,
                Sql.name(Merge.NUMBER),
                compat ? stage : once(stage, version),
                sql.table(root.name()),
                version,
                version,
                current));
    sql.dialect().count(sql, begun);
    retire(root, stage, from, to, version, current);
    List<String> columns =
        root.completeColumns().stream()
            .map(c -> Sql.name(c.name()))
            .filter(c -> !c.equals(from) && !c.equals(to))
            .toList();
    String list = String.join(", ", columns);
    String isNew = "%s IN (SELECT number FROM %s)".formatted(Sql.name(Merge.NUMBER), begun);
    inserted.put(
        root.name(),
        sql.run(
            "INSERT INTO %s (%s, %s, %s) SELECT %s, %s, CAST(%s AS TIMESTAMP WITH TIME ZONE) FROM %s WHERE %s"
                .formatted(
                    sql.table(root.name()), list, from, to, list, boundary, active, stage, isNew)));
    Below below = new Below(sql, names, schema, family);
    below.mark(root.name(), stage, isNew);
    for (String table : family) {
      if (!table.equals(root.name()) && staged.containsKey(table)) {
        inserted.put(table, below(below, Tables.required(schema, table), staged.get(table)));
      }
    }
    below.drop();
    sql.run("DROP TABLE " + begun);
    return inserted;
  }

  /** Ends the versions that did not come again. */
  private void retire(
      TableSchema root, String stage, String from, String to, String version, String current) {
    List<String> keys =
        root.completeColumns().stream()
            .filter(c -> c.hinted("merge_key"))
            .map(Column::name)
            .toList();
    String scope = Condition.scope(sql, how, root.name(), stage);
    String within =
        scope != null
            ? " AND " + scope
            : keys.isEmpty() ? "" : " AND " + Condition.exists(stage, "s", "t", keys);
    // a clock that went back must not end a version before it began
    sql.runAsWritten(
        "UPDATE %s AS t SET %s = greatest(%s, t.%s) WHERE %s AND NOT EXISTS (SELECT 1 FROM %s s WHERE s.%s = t.%s)%s"
            .formatted(
                sql.table(root.name()),
                to,
                boundary,
                from,
                current,
                stage,
                version,
                version,
                within));
  }

  /** A version that came twice in a run is one. */
  private String once(String stage, String version) {
    String id = Sql.name(names.id());
    String number = Sql.name(Merge.NUMBER);
    String narrow = id.equals(version) ? id : id + ", " + version;
    return Kept.first(
        "(SELECT %s, %s FROM %s) z".formatted(narrow, number, stage), "", version, number);
  }

  /**
   * Inserts the rows below new versions, unless they are there: a version that comes back has the
   * id, and the rows below, that it had.
   */
  private long below(Below begun, TableSchema table, String stage) {
    String id = Sql.name(names.id());
    String target = sql.table(table.name());
    String fresh = Condition.absent(id, "SELECT %s FROM %s".formatted(id, target));
    // dlt looks at each of them for itself, and so inserts some below versions that are not new
    if (!compat) {
      String parents = begun.condition(table.name());
      begun.mark(table.name(), stage, parents);
      stage = Kept.first(stage, "WHERE " + parents, id, Sql.name(Merge.NUMBER)) + " z";
    }
    String columns = Sql.names(table.completeColumns().stream().map(Column::name).toList());
    return sql.run(
        "INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s"
            .formatted(target, columns, columns, stage, fresh));
  }

  /** The quoted name of the column that has the hint. */
  private static String hinted(TableSchema root, String hint) {
    return root.completeColumns().stream()
        .filter(c -> c.hinted(hint))
        .findFirst()
        .map(c -> Sql.name(c.name()))
        .orElseThrow(
            () ->
                new MillraceException(
                    Failure.DATA_INVALID,
                    "Cannot keep versions of table %s: no column is marked %s, or it has no value yet (check row_version_column_name)"
                        .formatted(root.name(), hint)));
  }
}
