package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlattenSqlTest {
  @TempDir Path folder;

  @Test
  void generatesTheSqlThatIsCheckedIn() throws Exception {
    Path file = folder.resolve("events.jsonl");
    Shape.GITHUB.write(file, 20_000);
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
      String sql = new FlattenSql(duckdb, file.toString()).sql();
      Path made = Path.of("target", "github-like.sql");
      Files.writeString(made, sql);
      assertThat(sql)
          .as("copy " + made + " over github-like.sql")
          .isEqualTo(SqlProcess.checkedIn());
    }
  }

  @Test
  void makesNineTablesOfTheSizeThatWasMeasuredBefore() throws Exception {
    Path file = folder.resolve("events.jsonl");
    Path database = folder.resolve("sql.duckdb");
    Shape.GITHUB.write(file, 5_000);
    SqlProcess.main(new String[] {database.toString(), file.toString(), "1"});
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:" + database)) {
      assertThat(one(duckdb, "SELECT count(*) FROM duckdb_tables()")).isEqualTo(9);
      assertThat(one(duckdb, "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'events'"))
          .isEqualTo(223);
    }
  }

  @Test
  void findsAValueUnderAnotherRow() throws Exception {
    Path file = folder.resolve("events.jsonl");
    Shape.GITHUB.write(file, 500);
    Path one = folder.resolve("one.duckdb");
    Path other = folder.resolve("other.duckdb");
    for (Path database : List.of(one, other)) {
      SqlProcess.main(new String[] {database.toString(), file.toString(), "1"});
    }
    try (SameTables same = new SameTables(one, other)) {
      assertThat(same.differences()).isEmpty();
      assertThat(same.columns()).isGreaterThan(250);
    }
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:" + other);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "UPDATE bench.events__payload__commits SET _mr_list_idx = 1 - _mr_list_idx WHERE _mr_list_idx < 2");
    }
    try (SameTables same = new SameTables(one, other)) {
      assertThat(same.differences()).isNotEmpty();
    }
  }

  private static long one(Connection duckdb, String sql) throws Exception {
    try (Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }
}
