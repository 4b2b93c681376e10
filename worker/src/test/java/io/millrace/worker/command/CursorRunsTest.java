package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.worker.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What cursors do to people, through five runs: every record is there once after each. */
@Timeout(300)
class CursorRunsTest {
  @TempDir Path folder;

  @Test
  void recordsThatComeLaterTheSameDayAreAppendedOnce() throws IOException {
    project("append", "cursor_path: day");
    comes(1, "\"2026-01-01\"");
    comes(2, "\"2026-01-01\"");
    runs(1, 2);
    comes(3, "\"2026-01-01\"");
    comes(4, "\"2026-01-02\"");
    runs(1, 2, 3, 4);
    comes(5, "\"2026-01-02\"");
    runs(1, 2, 3, 4, 5);
    runs(1, 2, 3, 4, 5);
    comes(6, "\"2026-01-02\"");
    comes(7, "\"2026-01-03\"");
    runs(1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void recordThatIsCommittedLateComesWithinTheLag() throws IOException {
    project("merge", "cursor_path: at, lag: 3600");
    comes(1, "\"2026-01-01T12:00:00Z\"");
    runs(1);
    comes(2, "\"2026-01-01T11:00:01Z\""); // written before 1, and visible after it
    runs(1, 2);
    comes(3, "\"2026-01-01T12:00:00Z\"");
    runs(1, 2, 3);
    comes(4, "\"2026-01-01T13:30:00Z\"");
    comes(5, "\"2026-01-01T11:59:00Z\"");
    runs(1, 2, 3, 4, 5);
    runs(1, 2, 3, 4, 5);
  }

  @Test
  void recordsWithoutACursorAreKeptOnceWhereTheyHaveAKey() throws IOException {
    project("merge", "cursor_path: at, on_cursor_value_missing: include");
    comes(1, "null");
    comes(2, "5");
    runs(1, 2);
    comes(3, "null");
    runs(1, 2, 3);
    runs(1, 2, 3);
    comes(4, "5");
    runs(1, 2, 3, 4);
    comes(5, "6");
    runs(1, 2, 3, 4, 5);
  }

  @Test
  void replacingAsksForEverythingWhateverTheCursorReached() throws IOException {
    project("replace", "cursor_path: at, initial_value: 2");
    comes(1, "1");
    comes(2, "3");
    runs(2);
    comes(3, "2");
    comes(4, "5");
    runs(2, 3, 4);
    runs(2, 3, 4);
  }

  private void project(String disposition, String incremental) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: cursors
        destination: {type: duckdb, path: c.duckdb, dataset: data}
        sources:
          s:
            type: filesystem
            bucket_url: .
            resources:
              - {name: events, file_glob: "*.jsonl", primary_key: id, write_disposition: %s, incremental: {%s}}
        """
            .formatted(disposition, incremental));
  }

  /** A record more in the source. */
  private void comes(int id, String cursor) throws IOException {
    Files.writeString(
        folder.resolve("events.jsonl"),
        "{\"id\":%d,\"at\":%s,\"day\":%s}\n".formatted(id, cursor, cursor),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void runs(Integer... ids) {
    Cli.Result result = Cli.ofTheHouse(folder).run("run");
    assertThat(result.code()).as(result.err()).isZero();
    Cli.Result query =
        Cli.ofTheHouse(folder).run("query", "select id from events order by 1", "--output", "json");
    assertThat(query.code()).as(query.err()).isZero();
    String rows = Arrays.stream(ids).map(id -> "[ " + id + " ]").collect(Collectors.joining(", "));
    assertThat(query.out()).contains("\"rows\" : [ " + rows + " ]");
  }
}
