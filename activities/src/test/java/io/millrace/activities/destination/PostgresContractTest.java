package io.millrace.activities.destination;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;

/** The contract, passed by PostgreSQL with exactly the role that its guide makes. */
class PostgresContractTest extends DestinationContract {
  private static final Path GUIDE = Path.of("../docs/guides/postgresql.md");

  static final List<String> WRITING =
      List.of(
          "COPY (SELECT 1) TO '/tmp/millrace'",
          "COPY (SELECT 1) TO PROGRAM 'cat'",
          "/* /* */ SELECT */ COPY (SELECT 1) TO '/tmp/millrace'",
          "DO 'BEGIN END'",
          "NOTIFY millrace",
          "PREPARE TRANSACTION 'millrace'",
          "SELECT 1; COMMIT",
          "COMMIT");

  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = dataset();
  private final String role = grant(server, dataset);

  /** Runs the guide's script for the dataset, and returns the name of the role that it made. */
  static String grant(PostgresServer server, String dataset) {
    try {
      String guide = Files.readString(GUIDE);
      String script = guide.substring(guide.indexOf("```sql") + 6);
      String role = "role of " + dataset.hashCode();
      for (String statement : script.substring(0, script.indexOf("```")).split(";")) {
        if (!statement.isBlank()) {
          server.execute(
              statement
                  .replaceAll("\\bmillrace\\b", Matcher.quoteReplacement(quoted(role)))
                  .replaceAll("\\bwarehouse\\b", "postgres")
                  .replaceAll("\\bshop_data\\b", Matcher.quoteReplacement(quoted(dataset))));
        }
      }
      return role;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name that needs quotes, and that no other test has. */
  static String dataset() {
    return "Shop \"data\" " + UUID.randomUUID();
  }

  static String quoted(String dataset) {
    return '"' + dataset.replace("\"", "\"\"") + '"';
  }

  @Override
  Loader loader() {
    return server.loader(dataset, Map.of("username", role));
  }

  @Override
  List<String> writing() {
    return WRITING;
  }

  @Override
  void deleteState() {
    server.execute("DELETE FROM " + quoted(dataset) + "._mr_state");
  }

  @Override
  void foreignTable(String name) {
    server.execute("CREATE SCHEMA IF NOT EXISTS " + quoted(dataset));
    server.execute("CREATE TABLE %s.%s AS SELECT 'hers' AS hers".formatted(quoted(dataset), name));
    server.execute("GRANT SELECT ON %s.%s TO %s".formatted(quoted(dataset), name, quoted(role)));
  }

  @Override
  void dropTable(String name) {
    server.execute("DROP TABLE " + quoted(dataset) + "." + name);
  }

  @AfterEach
  void drop() {
    drop(server, dataset, role);
  }

  static void drop(PostgresServer server, String dataset, String role) {
    server.execute("DROP SCHEMA IF EXISTS " + quoted(dataset) + " CASCADE");
    server.execute("DROP OWNED BY " + quoted(role));
    server.execute("DROP ROLE " + quoted(role));
  }
}
