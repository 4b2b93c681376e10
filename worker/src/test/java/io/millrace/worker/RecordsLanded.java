package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of {@link RecordsApi} as they lie in a destination, gone through one by one: which
 * are missing, there twice, or have another value, line or discount than the API gave. After it the
 * books: receipts, loads and state say what the rows say.
 */
final class RecordsLanded {
  private static final int SLICE = 50_000;

  private final Statement statement;
  private final String dataset;
  private long lost;
  private long twice;
  private long wrong;

  RecordsLanded(Connection connection, String dataset) throws SQLException {
    connection.setSchema(dataset);
    this.statement = connection.createStatement();
    this.dataset = dataset;
  }

  /** Compares the rows that the condition holds for with the first records of an edition. */
  RecordsLanded compare(String condition, int records, int edition) throws SQLException {
    for (int from = 0; from < records; from += SLICE) {
      int to = Math.min(records, from + SLICE);
      String slice = "%s AND r.id >= %d AND r.id < %d".formatted(condition, from, to);
      roots(slice, from, to, edition);
      lines(slice, from, to, edition);
      discounts(slice, from, to);
    }
    wrong +=
        number(
            "SELECT count(*) FROM records r WHERE %s AND (id < 0 OR id >= %d)", condition, records);
    return this;
  }

  private void roots(String slice, int from, int to, int edition) throws SQLException {
    String sql =
        """
        SELECT id, name, amount_cents, extract(epoch FROM updated_at)::bigint, address__city__name, address__city__zip
        FROM records r WHERE %s ORDER BY id
        """;
    List<String> expected = new ArrayList<>();
    for (int i = from; i < to; i++) {
      long second = java.time.LocalDate.of(2026, 1, RecordsApi.dayOf(i)).toEpochDay() * 86_400;
      expected.add(
          i
              + "|"
              + RecordsApi.nameOf(i)
              + "|"
              + RecordsApi.amountOf(i, edition)
              + "|"
              + second
              + "|"
              + RecordsApi.cityOf(i)
              + "|"
              + (10_000 + i % 1000));
    }
    judge(expected, sql.formatted(slice));
  }

  private void lines(String slice, int from, int to, int edition) throws SQLException {
    String sql =
        """
        SELECT r.id, l._mr_list_idx, l.sku, l.qty
        FROM records__lines l JOIN records r ON l._mr_parent_id = r._mr_id WHERE %s ORDER BY 1, 2
        """;
    List<String> expected = new ArrayList<>();
    for (int i = from; i < to; i++) {
      for (int j = 0; j < i % 4; j++) {
        expected.add(
            i + "|" + j + "|" + RecordsApi.skuOf(i, j) + "|" + RecordsApi.quantityOf(j, edition));
      }
    }
    judge(expected, sql.formatted(slice));
  }

  private void discounts(String slice, int from, int to) throws SQLException {
    String sql =
        """
        SELECT r.id, l._mr_list_idx, d._mr_list_idx, d.percent
        FROM records__lines__discounts d JOIN records__lines l ON d._mr_parent_id = l._mr_id
          JOIN records r ON l._mr_parent_id = r._mr_id
        WHERE %s ORDER BY 1, 2, 3
        """;
    List<String> expected = new ArrayList<>();
    for (int i = from; i < to; i++) {
      for (int j = 1; j < i % 4; j += 2) {
        expected.add(i + "|" + j + "|0|2.5");
      }
    }
    judge(expected, sql.formatted(slice));
  }

  /** Both are sorted by the numbers they begin with; what is left over on a side is counted. */
  private void judge(List<String> expected, String sql) throws SQLException {
    java.util.Map<String, Integer> there = new java.util.HashMap<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder row = new StringBuilder(rows.getString(1));
        for (int i = 2; i <= columns; i++) {
          row.append('|').append(rows.getString(i));
        }
        there.merge(row.toString(), 1, Integer::sum);
      }
    }
    for (String row : expected) {
      Integer count = there.remove(row);
      lost += count == null ? 1 : 0;
      twice += count == null ? 0 : count - 1;
    }
    wrong += there.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * Everything is there once, as the API has it, and the books agree; the table was empty before.
   */
  static void assertOnce(RecordsProject project, int records, int edition) throws SQLException {
    try (Connection connection = project.connect()) {
      RecordsLanded landed = new RecordsLanded(connection, project.dataset());
      landed.compare("true", records, edition).assertNothingAmiss();
      landed.assertBooks(records);
    }
  }

  void assertNothingAmiss() {
    assertThat(List.of(lost, twice, wrong))
        .as("rows lost, there twice, never given")
        .containsOnly(0L);
  }

  long lost() {
    return lost;
  }

  long twice() {
    return twice;
  }

  /** Rows that the API never gave. */
  long wrong() {
    return wrong;
  }

  /**
   * No row without its parent, none of another load than the receipts say, and nothing left over.
   */
  void assertBooks(int records) throws SQLException {
    for (String child : List.of("records__lines", "records__lines__discounts")) {
      String parent = child.substring(0, child.lastIndexOf("__"));
      assertThat(
              number(
                  "SELECT count(*) FROM %s c WHERE NOT EXISTS (SELECT 1 FROM %s p WHERE p._mr_id = c._mr_parent_id)",
                  child, parent))
          .as("rows of %s without a parent", child)
          .isZero();
    }
    assertThat(number("SELECT count(*) - count(DISTINCT _mr_id) FROM records"))
        .as("row ids that two rows have")
        .isZero();
    String latest = "epoch = (SELECT max(epoch) FROM _mr_state)";
    assertThat(number("SELECT sum((rows->>'records')::bigint) FROM _mr_receipts WHERE %s", latest))
        .as("rows by the receipts of the last run")
        .isEqualTo(records);
    assertThat(
            number(
                """
                SELECT count(*) FROM (SELECT load_id, (rows->>'records')::bigint AS n FROM _mr_receipts WHERE %s) a
                  FULL JOIN (SELECT _mr_load_id, count(*) AS n FROM records WHERE _mr_load_id IN (SELECT load_id FROM _mr_receipts WHERE %s) GROUP BY 1) b
                  ON a.load_id = b._mr_load_id
                WHERE coalesce(a.n, 0) <> coalesce(b.n, 0)
                """,
                latest, latest))
        .as("loads of the last run of which receipt and rows differ")
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM (SELECT DISTINCT _mr_load_id FROM records) d WHERE NOT EXISTS (SELECT 1 FROM _mr_loads l WHERE l.load_id = d._mr_load_id AND l.status = 0)"))
        .as("loads of rows that _mr_loads does not have")
        .isZero();
    assertThat(number("SELECT count(*) FROM _mr_loads"))
        .as("loads and receipts")
        .isEqualTo(number("SELECT count(*) FROM _mr_receipts"));
    assertThat(
            number(
                """
                SELECT count(*) FROM _mr_state s WHERE (checkpoint->>'done') = 'true' AND shadow IS NULL
                  AND segment = (SELECT max(segment) FROM _mr_receipts WHERE %s)
                  AND segment = (SELECT count(*) FROM _mr_receipts WHERE %s)
                """,
                latest, latest))
        .as("states that are done, at the last receipt, with no receipt missing before it")
        .isEqualTo(1);
    assertThat(
            number(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = '%s' AND table_name SIMILAR TO '_mr_[0-9a-f]{8,}.*'",
                dataset))
        .as("shadow tables that were left")
        .isZero();
  }

  private long number(String sql, Object... values) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql.formatted(values))) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
