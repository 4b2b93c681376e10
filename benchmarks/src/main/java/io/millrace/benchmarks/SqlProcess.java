package io.millrace.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The rival in a process of its own: {@code DATABASE FILE THREADS}. Prints the seconds from before
 * the database is opened (the driver's library included) until it is closed, which is when
 * everything is on disk.
 */
public final class SqlProcess {
  private SqlProcess() {}

  /** See the class. */
  public static void main(String[] args) throws IOException, SQLException {
    String sql = checkedIn().replace("${file}", args[1]).replace("${threads}", args[2]);
    long start = System.nanoTime();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + Path.of(args[0]));
        Statement statement = connection.createStatement()) {
      for (String each : sql.split(";\n")) {
        statement.execute(each);
      }
    }
    System.out.println((System.nanoTime() - start) / 1e9);
  }

  /** The SQL that is checked in. */
  static String checkedIn() throws IOException {
    try (var in = SqlProcess.class.getResourceAsStream("github-like.sql")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
