package io.millrace.activities.destination;

import java.util.Map;

/** The merges, done by PostgreSQL. */
class PostgresMergeTest extends MergeContract {
  private final String dataset = PostgresContractTest.dataset();

  @Override
  Loader loader() {
    return PostgresServer.shared().loader(dataset, Map.of());
  }
}
