package io.millrace.activities.destination;

import java.util.List;

/** Loads that meet in one DuckDB file. */
class DuckDbRivalsTest extends RivalsContract {
  @Override
  List<String> place(String name) {
    return List.of("duckdb", folder.resolve(name).toString());
  }

  /** The file is locked for as long as its process lives. */
  @Override
  boolean takesOver() {
    return false;
  }
}
