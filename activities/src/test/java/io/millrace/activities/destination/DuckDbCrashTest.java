package io.millrace.activities.destination;

import java.util.List;

/** Crashes in the middle of loads into DuckDB. */
class DuckDbCrashTest extends CrashContract {
  @Override
  List<String> place(String name) {
    return List.of("duckdb", folder.resolve(name).toString());
  }
}
