package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadBenchmarkTest {
  @Test
  void measuresEveryLoadIntoDuckDb() throws Exception {
    String report = small("duckdb");
    assertThat(report).contains("append, GitHub-like", "merge upsert", "replace", "scd2", "cdc");
  }

  /** Which also compares each merge with those written by hand, cell by cell. */
  @Test
  void measuresEveryLoadIntoPostgres() throws Exception {
    String report = small("postgres");
    assertThat(report)
        .containsAnyOf("two connections", "PostgreSQL skipped")
        .containsAnyOf("against nested", "PostgreSQL skipped");
  }

  @Test
  void tellsWhatAHandWrittenMergeDoesBeforeItIsMeasured() throws Exception {
    HandSql sql = HandSql.named("on-conflict");
    assertThat(sql.before()).containsExactly("CREATE UNIQUE INDEX ON bench.events (id)");
    assertThat(sql.measured()).element(1).isEqualTo("COPY staged FROM events");
  }

  private static String small(String engine) throws Exception {
    return LoadBenchmark.run(
            Options.parse(
                List.of("load", "--engine", engine, "--records", "2000", "--rounds", "1")))
        .markdown();
  }
}
