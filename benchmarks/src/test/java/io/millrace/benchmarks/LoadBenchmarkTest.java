package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadBenchmarkTest {
  @Test
  void measuresEveryLoadIntoDuckDb() throws Exception {
    String report = small("duckdb");
    assertThat(report).contains("append, GitHub-like", "merge upsert", "replace", "scd2", "cdc");
  }

  /** The tables of both are compared there. */
  @Test
  void mergesIntoPostgresAsHandWrittenSqlDoes() throws Exception {
    assertThat(small("postgres", "--only", "merge"))
        .containsAnyOf("against nested", "PostgreSQL skipped");
  }

  @Test
  void tellsWhatAHandWrittenMergeDoesBeforeItIsMeasured() throws Exception {
    HandSql sql = HandSql.named("on-conflict");
    assertThat(sql.before()).containsExactly("CREATE UNIQUE INDEX ON bench.events (id)");
    assertThat(sql.measured()).element(1).isEqualTo("COPY staged FROM events");
  }

  private static String small(String engine, String... further) throws Exception {
    List<String> words = new ArrayList<>(List.of("load", "--engine", engine));
    words.addAll(List.of("--records", "2000", "--rounds", "1"));
    words.addAll(List.of(further));
    return LoadBenchmark.run(Options.parse(words)).markdown();
  }
}
