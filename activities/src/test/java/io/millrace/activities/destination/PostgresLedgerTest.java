package io.millrace.activities.destination;

import io.millrace.destination.SystemNames;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** The books, kept in PostgreSQL. */
class PostgresLedgerTest extends LedgerContract {
  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = PostgresContractTest.dataset();
  private final String quoted = PostgresContractTest.quoted(dataset);

  @Override
  Loader loader() {
    return server.loader(dataset, Map.of());
  }

  @Override
  Loader loaderOfDlt() {
    return PostgresServer.loader(server.port(), dataset, new SystemNames("_dlt"), Map.of());
  }

  @Override
  void execute(String... statements) {
    for (String statement : statements) {
      server.execute(statement.replace("%1$s", quoted));
    }
  }

  @AfterEach
  void drop() {
    server.execute("DROP SCHEMA IF EXISTS " + quoted + " CASCADE");
  }
}
