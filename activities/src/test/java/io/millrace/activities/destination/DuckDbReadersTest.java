package io.millrace.activities.destination;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;

/** Readers of a DuckDB file: each opens it, counts and closes it. */
class DuckDbReadersTest extends ReadersContract {
  private Process reader;

  /** A file that somebody always has open takes a load a second; 20 were counted, too. */
  @Override
  int loads() {
    return Integer.getInteger("millrace.readers.loads", 5);
  }

  @Override
  Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }

  /** In a process of its own, because within one process there is one lock only. */
  @Override
  Long count(String sql) {
    try {
      if (reader == null) {
        reader =
            DuckDbFileTest.java(
                folder, Reader.class, List.of(), folder.resolve("data/shop.duckdb").toString());
      }
      PrintWriter to = new PrintWriter(reader.outputWriter(), true);
      to.println(sql);
      BufferedReader from = reader.inputReader();
      String answer = from.readLine();
      if (answer.startsWith("locked")) {
        return null;
      }
      return Long.valueOf(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    if (reader != null) {
      reader.destroyForcibly().waitFor();
    }
  }

  /** Answers each line, a query for a number. */
  static final class Reader {
    public static void main(String[] args) throws IOException {
      try (BufferedReader queries = new BufferedReader(new java.io.InputStreamReader(System.in))) {
        for (String query = queries.readLine(); query != null; query = queries.readLine()) {
          System.out.println(answer(args[0], query));
        }
      }
    }

    private static String answer(String file, String query) {
      Properties readOnly = new Properties();
      readOnly.setProperty("access_mode", "READ_ONLY");
      try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file, readOnly);
          Statement statement = connection.createStatement()) {
        statement.execute("USE shop.\"Shop \"\"data\"\"\"");
        try (ResultSet result = statement.executeQuery(query)) {
          result.next();
          return String.valueOf(result.getLong(1));
        }
      } catch (SQLException e) {
        return e.getMessage().contains("Could not set lock") ? "locked" : e.toString();
      }
    }
  }
}
