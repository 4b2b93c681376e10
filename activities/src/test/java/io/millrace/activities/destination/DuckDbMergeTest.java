package io.millrace.activities.destination;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The merges, done by DuckDB. */
class DuckDbMergeTest extends MergeContract {
  @TempDir Path folder;

  @Override
  Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }
}
