package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.worker.Cli;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many records with the same cursor value, and a few more in the next run, through five runs. A
 * hundred thousand; {@code -Dmillrace.ties=1000000} for as many as anybody asked for.
 */
@Timeout(1800)
class TiesTest {
  private static final int TIES = Integer.getInteger("millrace.ties", 100_000);

  @TempDir Path folder;

  @Test
  void everyRecordIsLoadedOnceAndTheStateStaysSmall() throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: ties
        destination: {type: duckdb, path: t.duckdb, dataset: data}
        segment: {bytes: 2MB}
        sources:
          s:
            type: filesystem
            bucket_url: .
            resources:
              - {name: events, file_glob: "*.jsonl", incremental: {cursor_path: at, primary_key: id}}
        """);
    ties(TIES);
    run();
    loaded(TIES);
    assertThat(
            query(
                "select sum(length(keys)) // 12 as n from _mr_boundary_keys where sha256 ="
                    + " (select checkpoint->'cursor'->'keys'->>'sha256' from _mr_state)"))
        .contains("" + TIES);
    ties(TIES + 5);
    run();
    loaded(TIES + 5);
    run();
    loaded(TIES + 5);
    Files.writeString(folder.resolve("later.jsonl"), "{\"id\":-1,\"at\":\"2026-02-01\"}\n");
    run();
    loaded(TIES + 6);
    run();
    loaded(TIES + 6);
    assertThat(query("select count(*) as rows_left from _mr_boundary_keys")).contains("0");
  }

  /** So many records, each once; state and receipts are small. */
  private void loaded(int records) {
    assertThat(query("select count(*) as n from events")).contains("[ [ " + records + " ] ]");
    assertThat(query("select count(distinct id) as n from events"))
        .contains("[ [ " + records + " ] ]");
    assertThat(query("select max(length(checkpoint::varchar)) < 65536 as small from _mr_state"))
        .contains("true");
    assertThat(
            query(
                "select max(length(checkpoint_after::varchar)) < 65536 as small from _mr_receipts"))
        .contains("true");
  }

  /** The same moment in two forms. */
  private void ties(int count) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(folder.resolve("events.jsonl"))) {
      for (int i = 0; i < count; i++) {
        String at = i % 2 == 0 ? "2026-01-01T02:00:00+02:00" : "2026-01-01T00:00:00Z";
        out.write("{\"id\":" + i + ",\"at\":\"" + at + "\"}\n");
      }
    }
  }

  private void run() {
    Cli.Result result = Cli.ofTheHouse(folder).run("run");
    assertThat(result.code()).as(result.err()).isZero();
  }

  private String query(String sql) {
    Cli.Result result = Cli.ofTheHouse(folder).run("query", sql, "--output", "json");
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }
}
