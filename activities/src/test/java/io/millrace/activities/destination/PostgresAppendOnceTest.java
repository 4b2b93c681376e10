package io.millrace.activities.destination;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Appends by key, done by PostgreSQL. */
class PostgresAppendOnceTest extends AppendOnceContract {
  private final String dataset = PostgresContractTest.dataset();
  private final String role = PostgresContractTest.grant(PostgresServer.shared(), dataset);

  @Override
  Loader loader() {
    return PostgresServer.shared().loader(dataset, Map.of("username", role));
  }

  @AfterEach
  void drop() {
    PostgresContractTest.drop(PostgresServer.shared(), dataset, role);
  }
}
