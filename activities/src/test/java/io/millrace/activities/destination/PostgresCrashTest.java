package io.millrace.activities.destination;

import java.util.List;

/** Crashes in the middle of loads into PostgreSQL. */
class PostgresCrashTest extends CrashContract {
  @Override
  List<String> place(String name) {
    String port = String.valueOf(PostgresServer.shared().port());
    return List.of("postgres", port, name.hashCode() + " " + PostgresContractTest.dataset());
  }
}
