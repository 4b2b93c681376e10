package io.millrace.activities.destination;

import io.millrace.activities.secret.Secrets;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Text;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.io.TempDir;

/** The contract, passed by DuckDB. */
class DuckDbContractTest extends DestinationContract {
  @TempDir Path folder;

  @Override
  Loader loader() {
    return loader(folder, Map.of());
  }

  @Override
  List<String> writing() {
    String file = folder.resolve("data/shop.duckdb").toString();
    return List.of(
        "COPY (SELECT 1) TO '" + file + ".wal'",
        "COPY (SELECT 1) TO '" + file + "' (FORMAT csv, USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '" + file + "' (FORMAT csv, USE_TMP_FILE false)",
        "EXPLAIN (SELECT 1) UNION SELECT 2; COPY (SELECT 1) TO '" + file + ".wal'",
        "SELECT 1; COPY (SELECT 1) TO '" + file + ".wal'",
        "CHECKPOINT");
  }

  static Loader loader(Path folder, Map<String, String> options) {
    return loader(folder, "Shop \"data\"", options);
  }

  static Loader loader(Path folder, String dataset, Map<String, String> options) {
    Map<String, Text> texts = new HashMap<>(Map.of("path", new Text("data/shop.duckdb")));
    options.forEach((name, value) -> texts.put(name, new Text(value)));
    return ServiceLoader.load(DestinationDriver.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(d -> d.type().equals("duckdb"))
        .findFirst()
        .orElseThrow()
        .loader(
            new Destination("default", "duckdb", dataset, texts),
            new SystemNames("_mr"),
            NO_SECRETS,
            folder);
  }

  static final Secrets NO_SECRETS =
      new Secrets() {
        @Override
        public String resolve(Text text) {
          return text.raw();
        }

        @Override
        public String resolveSecret(Text text) {
          return text.raw();
        }

        @Override
        public String mask(String message) {
          return message;
        }
      };

  @Override
  void deleteState() {
    execute(folder, "DELETE FROM \"Shop \"\"data\"\"\"._mr_state");
  }

  @Override
  void foreignTable(String name) {
    folder.resolve("data").toFile().mkdirs();
    execute(folder, "CREATE SCHEMA IF NOT EXISTS \"Shop \"\"data\"\"\"");
    execute(folder, "CREATE TABLE \"Shop \"\"data\"\"\"." + name + " AS SELECT 'hers' AS hers");
  }

  @Override
  void dropTable(String name) {
    execute(folder, "DROP TABLE \"Shop \"\"data\"\"\"." + name);
  }

  static void execute(Path folder, String sql) {
    try (Connection connection =
            DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("data/shop.duckdb"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
