package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judge of the crash tests notices what must not be. */
class RecordsLandedTest {
  private static final int RECORDS = 8;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 1 | 0 | 0 | 0",
        "DELETE FROM records WHERE id = 4 | 1 | 0 | 0",
        "DELETE FROM records__lines WHERE sku = 's3-2' | 1 | 0 | 0",
        "DELETE FROM records__lines__discounts WHERE _mr_parent_id = 'r3-1' | 1 | 0 | 0",
        "INSERT INTO records SELECT * FROM records WHERE id = 4 | 0 | 1 | 0",
        "INSERT INTO records__lines SELECT * FROM records__lines WHERE sku = 's2-0' | 0 | 1 | 0",
        "UPDATE records SET amount_cents = 1 WHERE id = 4 | 1 | 0 | 1",
        "UPDATE records__lines SET qty = 7 WHERE sku = 's2-0' | 1 | 0 | 1",
        "UPDATE records SET id = 99 WHERE id = 4 | 1 | 0 | 1",
      })
  void countsWhatIsLostTwiceAndWrong(String damage, long lost, long twice, long wrong)
      throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
      make(connection, damage);
      RecordsLanded landed = new RecordsLanded(connection, "main").compare("true", RECORDS, 1);
      assertThat(List.of(landed.lost(), landed.twice(), landed.wrong()))
          .as("lost, twice, wrong after %s", damage)
          .containsExactly(lost, twice, wrong);
    }
  }

  private static void make(Connection connection, String damage) throws SQLException {
    try (Statement make = connection.createStatement()) {
      make.execute(
          "CREATE TABLE records (id BIGINT, _mr_id VARCHAR, name VARCHAR, amount_cents BIGINT, updated_at TIMESTAMPTZ, address__city__name VARCHAR, address__city__zip VARCHAR)");
      make.execute(
          "CREATE TABLE records__lines (_mr_id VARCHAR, _mr_parent_id VARCHAR, _mr_list_idx BIGINT, sku VARCHAR, qty BIGINT)");
      make.execute(
          "CREATE TABLE records__lines__discounts (_mr_parent_id VARCHAR, _mr_list_idx BIGINT, percent DOUBLE)");
      for (int i = 0; i < RECORDS; i++) {
        make.execute(
            "INSERT INTO records VALUES (%d, 'r%d', '%s', %d, '2026-01-%02d 00:00:00Z', '%s', '%d')"
                .formatted(
                    i,
                    i,
                    RecordsApi.nameOf(i),
                    RecordsApi.amountOf(i, 1),
                    RecordsApi.dayOf(i),
                    RecordsApi.cityOf(i),
                    10_000 + i % 1000));
        for (int j = 0; j < i % 4; j++) {
          make.execute(
              "INSERT INTO records__lines VALUES ('r%d-%d', 'r%d', %d, '%s', %d)"
                  .formatted(i, j, i, j, RecordsApi.skuOf(i, j), RecordsApi.quantityOf(j, 1)));
          if (j % 2 == 1) {
            make.execute(
                "INSERT INTO records__lines__discounts VALUES ('r%d-%d', 0, 2.5)".formatted(i, j));
          }
        }
      }
      make.execute(damage);
    }
  }
}
