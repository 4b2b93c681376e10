package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.Wire;
import io.millrace.schema.Schema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options of {@code incremental} over runs, each window closed as the workflow closes it. */
class CursorTest {
  @TempDir Path dir;
  private Normalized last;
  private JsonNode state;
  private int runs;
  private String compat = "none";

  @Test
  void recordsAtTheBoundaryAreToldApartByTheirKey() throws IOException {
    String byKey = "{cursor_path: n, primary_key: id}";
    assertThat(run(byKey, "1 5", "2 5", "3 4")).containsExactly("1", "2", "3");
    assertThat(run(byKey, "1 5", "4 5", "3 4", "5 6")).containsExactly("4", "5");
    assertThat(run(byKey, "5 6", "6 6")).containsExactly("6");
    assertThat(run(byKey, "5 6", "6 6")).isEmpty();
  }

  @Test
  void withoutAKeyTheWholeRecordTellsAndAnEmptyKeyKeepsAll() throws IOException {
    assertThat(run("{cursor_path: n}", "1 5")).containsExactly("1");
    assertThat(run("{cursor_path: n}", "1 5", "2 5")).containsExactly("2");
    assertThat(run("{cursor_path: n, primary_key: []}", "1 5", "2 5")).containsExactly("1", "2");
  }

  @Test
  void oneMomentInTwoZonesIsOneBoundary() throws IOException {
    String at = "{cursor_path: n, primary_key: id}";
    run(at, "1 \"2026-01-01T02:00:00+02:00\"");
    assertThat(run(at, "1 \"2026-01-01T00:00:00Z\"", "2 \"2026-01-01T00:00:00.000Z\""))
        .containsExactly("2");
    assertThat(run(at, "3 \"2026-01-01T01:30:00+02:00\"", "4 \"2026-01-01T00:00:01Z\""))
        .containsExactly("4");
  }

  @Test
  void numbersOfAnySizeAreTheirOwnBoundary() throws IOException {
    String at = "{cursor_path: n, primary_key: id}";
    run(at, "1 9223372036854775808");
    assertThat(run(at, "2 9223372036854775807", "3 9223372036854775809")).containsExactly("3");
    state = null;
    run(at, "1 0.12345678901234567891");
    assertThat(run(at, "2 0.12345678901234567890", "3 0.12345678901234567892"))
        .containsExactly("3");
  }

  @Test
  void theEndsOfTheRangeAreOpenOrClosed() throws IOException {
    String range =
        "{cursor_path: n, initial_value: 1, end_value: 3, range_start: %s, range_end: %s}";
    String[] all = {"0 0", "1 1", "2 2", "3 3", "4 4"};
    assertThat(run(range.formatted("closed", "open"), all)).containsExactly("1", "2");
    assertThat(run(range.formatted("open", "open"), all)).containsExactly("2");
    assertThat(run(range.formatted("closed", "closed"), all)).containsExactly("1", "2", "3");
    assertThat(run(range.formatted("open", "closed"), all)).containsExactly("2", "3");
    String open = "{cursor_path: n, range_start: open}";
    run(open, "1 5");
    assertThat(run(open, "2 5", "3 6")).as("no dedup, the boundary is out").containsExactly("3");
  }

  @Test
  void aBackfillLeavesTheStateAlone() throws IOException {
    String plain = "{cursor_path: n, primary_key: id, initial_value: 1}";
    run(plain, "1 8");
    JsonNode before = state;
    String backfill = "{cursor_path: n, primary_key: id, initial_value: 1, end_value: 5}";
    assertThat(run(backfill, "7 2", "8 8")).containsExactly("7");
    assertThat(state).isEqualTo(before);
    assertThat(run(backfill, "7 2")).as("nothing is remembered").containsExactly("7");
    assertThat(run(plain, "1 8", "2 8", "3 7")).containsExactly("2");
    state = null;
    run(backfill, "7 2");
    assertThat(last.cursor()).isNull();
  }

  @Test
  void movesDownWithMin() throws IOException {
    String down = "{cursor_path: n, last_value_func: min, primary_key: id, initial_value: 9}";
    assertThat(run(down, "1 10", "2 9", "3 5")).containsExactly("2", "3");
    assertThat(run(down, "4 6", "3 5", "5 5", "6 4")).containsExactly("5", "6");
    assertThat(state.get("window_start").asInt()).isEqualTo(4);
  }

  @Test
  void aRecordWithoutTheValueIsRefusedKeptOrLeftOut() throws IOException {
    String missing = "{cursor_path: \"a.n\", on_cursor_value_missing: %s}";
    String[] records = {
      "{\"id\":1,\"a\":{\"n\":1}}", "{\"id\":2,\"a\":{\"n\":null}}", "{\"id\":3}"
    };
    assertThat(run(missing.formatted("include"), records)).containsExactly("1", "2", "3");
    state = null;
    assertThat(run(missing.formatted("exclude"), records)).containsExactly("1");
    assertThatThrownBy(() -> run(missing.formatted("raise"), records))
        .hasMessageContaining("record 2 has nothing at a.n");
  }

  @Test
  void aLagReadsAgainWithoutDedup() throws IOException {
    String lag = "{cursor_path: n, lag: 2, primary_key: id, initial_value: 1}";
    run(lag, "1 10");
    assertThat(run(lag, "1 10", "2 7", "3 8")).containsExactly("1", "3");
    assertThat(state.get("window_start").asInt()).isEqualTo(10);
    String none = "{cursor_path: n, lag: 0, primary_key: id}";
    assertThat(run(none, "1 10", "9 10")).as("the lag kept no keys").containsExactly("1", "9");
    assertThat(run(none, "1 10", "9 10")).isEmpty();
  }

  @Test
  void valuesOfDifferentKindsFailByName() throws IOException {
    run("{cursor_path: n}", "1 5");
    assertThatThrownBy(() -> run("{cursor_path: n}", "2 \"6\""))
        .hasMessageContaining("\"6\" is a text and 5 is a number");
  }

  @Test
  void forDltATimeIsATextAndALagMovesIt() throws IOException {
    compat = "dlt";
    run("{cursor_path: n}", "1 \"2026-01-01T10:00:00+00:00\"");
    assertThat(
            run(
                "{cursor_path: n}",
                "2 \"2026-01-01T10:30:00+02:00\"",
                "3 \"2026-01-01T09:00:00-05:00\""))
        .containsExactly("2");
    String lag = "{cursor_path: n, lag: 60}";
    state = null;
    run(lag, "1 \"2026-01-01T10:00:00Z\"");
    assertThat(run(lag, "2 \"2026-01-01T09:59:00Z\"", "3 \"2026-01-01T09:58:59Z\""))
        .containsExactly("2");
  }

  @Test
  void forDltOrderedRecordsEndWhereTheyLeaveTheWindow() throws IOException {
    String up = "{cursor_path: n, row_order: asc, initial_value: 4, end_value: 10}";
    String down = "{cursor_path: n, row_order: desc}";
    String[] records = {"1 1", "2 5", "3 12", "4 9"};
    assertThat(run(up, records)).as("ours reads on").containsExactly("2", "4");
    compat = "dlt";
    assertThat(run(up, records)).containsExactly("2");
    state = null;
    run(down, "1 10");
    assertThat(run(down, "2 12", "3 9", "4 15")).containsExactly("2");
    assertThat(run(down, "4 15")).as("the next window begins anew").containsExactly("4");
  }

  @Test
  void manyTiesAreOneTextAndFewAList() throws IOException {
    String at = "{cursor_path: n, primary_key: id}";
    run(at, IntStream.range(0, 3_000).mapToObj(i -> i + " 5").toArray(String[]::new));
    assertThat(state.get("start_keys").isTextual()).isTrue();
    assertThat(run(at, IntStream.range(1, 3_002).mapToObj(i -> i + " 5").toArray(String[]::new)))
        .containsExactly("3000", "3001");
    run(at, "1 6");
    assertThat(state.get("start_keys")).hasSize(1);
  }

  /** The ids of what a run loads. A record is an id and a cursor, or JSON. */
  private List<String> run(String incremental, String... records) throws IOException {
    Project project =
        ProjectFile.read(
                """
                project: p
                schema: {compat: %s}
                sources:
                  s:
                    type: filesystem
                    bucket_url: .
                    resources: [{name: t, format: jsonl, incremental: %s}]
                """
                    .formatted(compat, incremental),
                "millrace.yaml")
            .orThrow();
    StringBuilder lines = new StringBuilder();
    for (String record : records) {
      String[] parts = record.split(" ", 2);
      lines
          .append(
              record.startsWith("{") ? record : "{\"id\":" + parts[0] + ",\"n\":" + parts[1] + "}")
          .append('\n');
    }
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    RawPage page =
        new RawPage(
            RawPage.Format.JSONL, List.of(), "f.json", 0, () -> new ByteArrayInputStream(bytes));
    Order order =
        new Order(
            project,
            project.sources().get(0),
            project.sources().get(0).resources().get(0),
            Schema.empty("s"),
            state,
            Orders.segment(1),
            Orders.CASED,
            null);
    Path file = dir.resolve("p" + ++runs);
    last = Normalizer.run(order, List.of(page), file, Progress.NONE);
    Landed landed = new Landed();
    landed.add(file);
    if (last.cursor() != null) {
      JsonNode travelled = Wire.mapper().readTree(last.cursor().toString());
      state = new Checkpoint(Carried.of(travelled), null, true).opened(false).cursor().json();
    }
    return landed.rows.getOrDefault("t", List.of()).stream()
        .map(row -> String.valueOf(row.get("id")))
        .toList();
  }
}
