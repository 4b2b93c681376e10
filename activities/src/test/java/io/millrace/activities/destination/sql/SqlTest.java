package io.millrace.activities.destination.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statements through Jdbi on a real DuckDB. */
class SqlTest {
  @TempDir Path folder;
  private Handle handle;

  @BeforeEach
  void open() {
    handle = connect();
  }

  @AfterEach
  void close() {
    handle.close();
  }

  private Handle connect() {
    return Sql.open(() -> DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("a.duckdb")));
  }

  private long count(String query, Object... values) {
    return Sql.select(handle, query, values).mapTo(Long.class).one();
  }

  @Test
  void looksForNoPlaceholderInNamesAndTexts() {
    String name = Sql.name("a:b ? <c> {d} \"?1\" #e");
    handle.execute("CREATE TABLE %s (%s VARCHAR)".formatted(name, name));
    handle.execute("INSERT INTO %s VALUES (':x ? <y>')".formatted(name));
    assertThat(
            count("SELECT count(*) FROM %s WHERE %s <> ? AND ? = 1".formatted(name, name), ":x", 1))
        .isEqualTo(1);
    assertThat(count("SELECT count(*) /* ? :a */ FROM " + name)).isEqualTo(1);
  }

  @Test
  void bindsWhatIsNullAndWhatLooksLikeSql() {
    assertThat(count("SELECT (? IS NULL)::INTEGER", (Object) null)).isEqualTo(1);
    assertThat(count("SELECT length(?)", "'; DROP TABLE x; --")).isEqualTo(19);
  }

  @Test
  void tellsNobodyTheValuesOfAStatementThatFails() {
    String secret = "s3cr3t-value";
    for (String bad :
        new String[] {
          "SELECT 1 FROM nowhere WHERE a = ?", // when it is prepared
          "SELECT error('no') WHERE ? IS NOT NULL" // when it runs
        }) {
      JdbiException e = catchThrowableOfType(JdbiException.class, () -> count(bad, secret));
      StringWriter whole = new StringWriter();
      e.printStackTrace(new PrintWriter(whole));
      assertThat(whole.toString()).contains("SQLException").doesNotContain(secret);
      assertThat(Sql.cause(e).getMessage()).containsAnyOf("nowhere", "no");
    }
  }

  @Test
  void throwsAgainWhatTheEngineDidNotSay() {
    JdbiException e =
        catchThrowableOfType(
            JdbiException.class, () -> Sql.select(handle, "SELECT 1").mapTo(Thread.class).one());
    assertThatThrownBy(() -> Sql.cause(e)).isSameAs(e);
  }

  @Test
  void keepsNothingThatNobodyCommitted() {
    handle.begin();
    handle.execute("CREATE TABLE t (a BIGINT)");
    handle.rollback();
    handle.begin();
    handle.execute("CREATE TABLE t (a BIGINT)");
    handle.execute("INSERT INTO t VALUES (1)");
    handle.commit();
    handle.begin();
    handle.execute("INSERT INTO t VALUES (2)");
    assertThat(count("SELECT count(*) FROM t")).isEqualTo(2);
    assertThatThrownBy(handle::close).hasMessageContaining("transaction");
    handle = connect();
    assertThat(count("SELECT count(*) FROM t")).isEqualTo(1);
  }
}
