package io.millrace.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;

/**
 * A merge as one would write it by hand for one table and one batch that has each key once: the
 * statements of a file {@code merge-….sql}. What is before the line {@code -- measured} is done
 * before; {@code COPY <target> FROM <table>} copies the prepared file of that table.
 */
record HandSql(List<String> before, List<String> measured) {
  private static final String LINE = "-- measured\n";

  static HandSql named(String name) throws IOException {
    try (InputStream in = HandSql.class.getResourceAsStream("merge-" + name + ".sql")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      int line = text.indexOf(LINE);
      return new HandSql(
          statements(text.substring(0, line)), statements(text.substring(line + LINE.length())));
    }
  }

  private static List<String> statements(String text) {
    String plain = text.replaceAll("(?m)^--.*$", "");
    return Arrays.stream(plain.split(";\n")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String each : before) {
        statement.execute(each);
      }
    }
  }

  void run(Connection connection, CopyFiles files) throws SQLException, IOException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String each : measured) {
        if (each.startsWith("COPY ")) {
          String[] words = each.split(" ");
          files.copy(connection, words[3], words[1]);
        } else {
          statement.execute(each);
        }
      }
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
