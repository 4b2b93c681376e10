package io.millrace.activities.destination;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Appends by key, done by DuckDB. */
class DuckDbAppendOnceTest extends AppendOnceContract {
  @TempDir Path folder;

  @Override
  Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }
}
