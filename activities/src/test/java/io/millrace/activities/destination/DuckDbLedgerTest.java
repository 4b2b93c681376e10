package io.millrace.activities.destination;

import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Text;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The books, kept in DuckDB. */
class DuckDbLedgerTest extends LedgerContract {
  @TempDir Path folder;

  @Override
  Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }

  @Override
  Loader loaderOfDlt() {
    return new io.millrace.activities.destination.duckdb.DuckDbDriver()
        .loader(
            new Destination(
                "default", "duckdb", "dlt", Map.of("path", new Text("data/shop.duckdb"))),
            new SystemNames("_dlt"),
            DuckDbContractTest.NO_SECRETS,
            folder);
  }

  @Override
  void execute(String... statements) {
    folder.resolve("data").toFile().mkdirs();
    for (String statement : statements) {
      DuckDbContractTest.execute(folder, statement.replace("%1$s", "dlt"));
    }
  }
}
