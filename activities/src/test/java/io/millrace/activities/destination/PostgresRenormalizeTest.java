package io.millrace.activities.destination;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Earlier loads, normalized again, in PostgreSQL. */
class PostgresRenormalizeTest extends RenormalizeContract {
  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = PostgresContractTest.dataset();

  @Override
  Loader loader() {
    return server.loader(dataset, Map.of());
  }

  @AfterEach
  void drop() {
    server.execute("DROP SCHEMA IF EXISTS " + PostgresContractTest.quoted(dataset) + " CASCADE");
  }
}
