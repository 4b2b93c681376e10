package io.millrace.activities.destination;

import java.util.List;

/** Loads that meet in one PostgreSQL database. */
class PostgresRivalsTest extends RivalsContract {
  @Override
  List<String> place(String name) {
    String port = String.valueOf(PostgresServer.shared().port());
    return List.of("postgres", port, name + " " + PostgresContractTest.dataset());
  }

  @Override
  boolean takesOver() {
    return true;
  }
}
