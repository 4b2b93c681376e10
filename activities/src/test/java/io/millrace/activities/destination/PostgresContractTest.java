package io.millrace.activities.destination;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/** The contract, passed by PostgreSQL. */
class PostgresContractTest extends DestinationContract {
  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = dataset();

  /** A name that needs quotes, and that no other test has. */
  static String dataset() {
    return "Shop \"data\" " + UUID.randomUUID();
  }

  static String quoted(String dataset) {
    return '"' + dataset.replace("\"", "\"\"") + '"';
  }

  @Override
  Loader loader() {
    return server.loader(dataset, Map.of());
  }

  @Override
  void deleteState() {
    server.execute("DELETE FROM " + quoted(dataset) + "._mr_state");
  }

  @Override
  void foreignTable(String name) {
    server.execute("CREATE SCHEMA IF NOT EXISTS " + quoted(dataset));
    server.execute("CREATE TABLE %s.%s AS SELECT 'hers' AS hers".formatted(quoted(dataset), name));
  }

  @AfterEach
  void drop() {
    server.execute("DROP SCHEMA IF EXISTS " + quoted(dataset) + " CASCADE");
  }
}
