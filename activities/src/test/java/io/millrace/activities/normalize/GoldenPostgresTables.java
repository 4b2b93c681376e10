package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.postgres.PostgresDriver;
import io.millrace.activities.normalize.value.Naming;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A dataset of PostgreSQL in the canonical form of the golden corpus: each type of DuckDB has one
 * of PostgreSQL, and names over 63 characters are shortened.
 */
final class GoldenPostgresTables {
  private static final DestinationDriver.Capabilities ENGINE = new PostgresDriver().capabilities();
  private static final int LONGEST = ENGINE.maxIdentifierLength();
  private static final Naming NAMES = Naming.of("snake_case", LONGEST, true);
  private static final String FOREVER = "9999-12-31T00:00:00.000000Z";

  /** What a column of DuckDB is in PostgreSQL. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("BIGINT", "bigint"),
          Map.entry("INTEGER", "integer"),
          Map.entry("SMALLINT", "smallint"),
          Map.entry("TINYINT", "smallint"),
          Map.entry("DOUBLE", "double precision"),
          Map.entry("VARCHAR", "character varying"),
          Map.entry("BOOLEAN", "boolean"),
          Map.entry("JSON", "jsonb"),
          Map.entry("BLOB", "bytea"),
          Map.entry("DATE", "date"),
          Map.entry("TIME", "time without time zone"),
          Map.entry("TIMESTAMP", "timestamp without time zone"),
          Map.entry("TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
          Map.entry("DECIMAL(38,9)", "numeric(38,9)"),
          // dlt's wei, which DuckDB holds in fewer digits
          Map.entry("DECIMAL(38,0)", "numeric(156,78)"));

  /** Of a number that is no part of a text, in the corpus. */
  private static final Pattern EXPONENT =
      Pattern.compile("(?<=[:\\[,])-?\\d+\\.\\d+E-?\\d+(?=[,\\]}])");

  private final Connection connection;
  private final String dataset;
  private final Map<String, List<String>> columns = new TreeMap<>();
  private final Landed landed = new Landed();

  GoldenPostgresTables(Connection connection, String dataset) {
    this.connection = connection;
    this.dataset = dataset;
  }

  /** The tables that are expected, as {@link #columns()} should be. */
  static Map<String, List<String>> columns(GoldenExpected expected) {
    Map<String, List<String>> all = new TreeMap<>();
    for (GoldenExpected.Table t : expected.tables()) {
      all.put(
          table(t.name()),
          t.columns().stream()
              .map(
                  c ->
                      column(c.name())
                          + " "
                          + TYPES.get(c.type())
                          + (c.nullable() ? "" : " NOT NULL"))
              .toList());
    }
    return all;
  }

  /** Each table with its columns in their order. */
  Map<String, List<String>> columns() {
    return columns;
  }

  /** Its rows, under the names that are expected. */
  Landed landed() {
    return landed;
  }

  /** Reads all of it. */
  void read(GoldenExpected expected) throws SQLException, IOException {
    String fields =
        """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = '"%s"'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
          AND c.relname NOT LIKE '\\_mr\\_%%' AND c.relname NOT IN ('_dlt_loads', '_dlt_version')
        ORDER BY c.relname, a.attnum
        """;
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(fields.formatted(dataset))) {
      while (found.next()) {
        String nullable = found.getBoolean(4) ? " NOT NULL" : "";
        columns
            .computeIfAbsent(found.getString(1), k -> new ArrayList<>())
            .add(column(found.getString(2)) + " " + found.getString(3) + nullable);
      }
    }
    for (GoldenExpected.Table t : expected.tables()) {
      if (columns.containsKey(table(t.name()))) {
        landed.stored.put(t.name(), table(t.name()));
        landed.rows.put(t.name(), rows(t));
      }
    }
  }

  private List<Map<String, Object>> rows(GoldenExpected.Table t) throws SQLException, IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT * FROM \"%s\".\"%s\"".formatted(dataset, table(t.name())))) {
      while (found.next()) {
        Map<String, Object> row = new TreeMap<>();
        for (int i = 0; i < t.columns().size(); i++) {
          Object value = canonical(t.columns().get(i).type(), found, i + 1);
          if (value != null) {
            row.put(t.columns().get(i).name(), value);
          }
        }
        rows.add(row);
      }
    }
    rank(t, rows);
    return rows;
  }

  private static Object canonical(String type, ResultSet row, int i)
      throws SQLException, IOException {
    String text = row.getString(i);
    if (text == null) {
      return null;
    }
    return switch (type) {
      case "DOUBLE" -> Double.toString(row.getDouble(i));
      case "BOOLEAN" -> row.getBoolean(i);
      case "JSON" -> "json:" + json(Landed.SORTED.readTree(text));
      case "BLOB" -> Base64.getEncoder().encodeToString(row.getBytes(i));
      case "DECIMAL(38,9)" ->
          new BigDecimal(text).setScale(9, RoundingMode.UNNECESSARY).toPlainString();
      case "DECIMAL(38,0)" ->
          new BigDecimal(text).setScale(0, RoundingMode.UNNECESSARY).toPlainString();
      case "TIME" -> micros(text);
      case "TIMESTAMP" -> micros(text.replace(' ', 'T'));
      // the session's time zone is UTC
      case "TIMESTAMP WITH TIME ZONE" ->
          micros(text.replace(' ', 'T').replaceFirst("\\+00$", "")) + "Z";
      default -> text;
    };
  }

  /** Numbers in {@code jsonb} are written without exponents. */
  static String json(JsonNode value) throws IOException {
    Matcher exponents = EXPONENT.matcher(Landed.json(value));
    return exponents.replaceAll(found -> new BigDecimal(found.group()).toPlainString());
  }

  private static String micros(String time) {
    int point = time.indexOf('.');
    String fraction = point < 0 ? "" : time.substring(point + 1);
    return (point < 0 ? time : time.substring(0, point))
        + "."
        + (fraction + "000000").substring(0, 6);
  }

  /** Times that were made up stand for their order. */
  private static void rank(GoldenExpected.Table t, List<Map<String, Object>> rows) {
    List<String> made =
        t.columns().stream()
            .filter(GoldenExpected.Column::rank)
            .map(GoldenExpected.Column::name)
            .toList();
    TreeSet<String> times = new TreeSet<>();
    rows.forEach(row -> made.forEach(c -> times.add((String) row.getOrDefault(c, FOREVER))));
    times.remove(FOREVER);
    List<String> sorted = List.copyOf(times);
    rows.forEach(
        row ->
            made.forEach(
                c ->
                    row.computeIfPresent(
                        c, (k, v) -> v.equals(FOREVER) ? v : "$t" + (sorted.indexOf(v) + 1))));
  }

  /** Records in root tables and rejects. */
  long records() throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    List<String> roots = new ArrayList<>(List.of("_mr_rejects"));
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = '%s' AND column_name = '_dlt_load_id'"
                    .formatted(dataset))) {
      while (found.next()) {
        roots.add(found.getString(1));
      }
    }
    for (String root : roots) {
      try (Statement statement = connection.createStatement();
          ResultSet count =
              statement.executeQuery(
                  "SELECT count(*) FROM \"%s\".\"%s\"".formatted(dataset, root))) {
        count.next();
        counts.put(root, count.getLong(1));
      }
    }
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What a table is called there: the pieces of its path are shortened, and then all of it. */
  private static String table(String name) {
    if (name.length() <= LONGEST) {
      return name;
    }
    List<String> path = Stream.of(name.split("__")).map(NAMES::key).toList();
    int last = path.size() - 1;
    return NAMES.join(String.join("__", path.subList(0, last)), path.get(last));
  }

  /**
   * A column's name, another one where PostgreSQL has such a column already; of a long one not what
   * a tag may stand for, which is made of the key in the data.
   */
  private static String column(String name) {
    return ENGINE.ownColumns().contains(name)
        ? name + '_'
        : name.length() < LONGEST
            ? name
            : name.substring(0, 29) + "…" + name.substring(name.length() - 28);
  }
}
