package io.millrace.activities.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Readers of PostgreSQL, also with a snapshot that is older than what they look for. */
class PostgresReadersTest extends ReadersContract {
  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = PostgresContractTest.dataset();
  private Connection reader;

  @Override
  int loads() {
    return 20;
  }

  @Override
  Loader loader() {
    return server.loader(dataset, Map.of());
  }

  @AfterEach
  void drop() throws SQLException {
    if (reader != null) {
      reader.close();
    }
    server.execute("DROP SCHEMA IF EXISTS " + PostgresContractTest.quoted(dataset) + " CASCADE");
  }

  /** In a transaction whose snapshot was taken before it. */
  @Override
  Long count(String sql) throws SQLException {
    if (reader == null) {
      reader = server.connect("postgres");
      reader.setAutoCommit(false);
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    }
    try (Statement statement = reader.createStatement()) {
      statement.execute("SELECT 1");
      statement.execute("SET LOCAL search_path TO " + PostgresContractTest.quoted(dataset));
      try (ResultSet result = statement.executeQuery(sql)) {
        result.next();
        return result.getLong(1);
      }
    } finally {
      reader.rollback();
    }
  }

  @Test
  void keepTheirSnapshotOverAReplace() throws SQLException {
    Loader loader = loader();
    new TestRun(loader, DestinationContract.ASSET, WriteDisposition.APPEND)
        .finish(RivalsContract.rows("l0", 0, 10));
    try (Connection old = server.connect("postgres");
        Statement statement = old.createStatement()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("SELECT 1");
      TestRun run = new TestRun(loader, DestinationContract.ASSET, WriteDisposition.REPLACE);
      run.load(RivalsContract.rows("l1", 0, 3));
      run.finish(RivalsContract.rows("l2", 3, 5));
      try (ResultSet result =
          statement.executeQuery(
              "SELECT count(*) FROM " + PostgresContractTest.quoted(dataset) + ".orders")) {
        result.next();
        assertThat(result.getLong(1)).isEqualTo(10);
      }
      old.rollback();
    }
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows())
        .isEqualTo(RivalsContract.ids(5));
  }
}
