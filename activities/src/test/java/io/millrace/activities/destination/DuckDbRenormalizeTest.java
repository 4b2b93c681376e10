package io.millrace.activities.destination;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Earlier loads, normalized again, in DuckDB. */
class DuckDbRenormalizeTest extends RenormalizeContract {
  @TempDir Path folder;

  @Override
  Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }
}
