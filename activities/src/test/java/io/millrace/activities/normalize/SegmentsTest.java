package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaContract;
import io.millrace.source.Limits;
import io.millrace.source.TableHints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a segment ends must not show in the tables. */
class SegmentsTest {
  private static final String[] KEYS = {
    "a", "A", "aB", "a_b", "a__b", "b", "l", "L", "value", "list", "", "_dlt_id"
  };
  private static final TableHints.Entries KEYS_ARE_DATA = new TableHints.Entries(null, null);
  private static final String[] SCALARS = {
    "1",
    "2.5",
    "true",
    "null",
    "\"x\"",
    "\"2024-01-02T03:04:05Z\"",
    "\"7\"",
    "18446744073709551616",
    "\"\\n\"",
    "1e400",
    "{}",
    "[]"
  };

  @TempDir Path dir;

  @Test
  void makesTheSameTablesWhateverTheSegments() throws IOException {
    Random r = new Random(Long.getLong("millrace.seed", 77));
    for (int round = 0; round < Integer.getInteger("millrace.rounds", 500); round++) {
      List<String> records = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        StringBuilder s = new StringBuilder();
        object(s, r, 0);
        records.add(s + "\n");
      }
      // the second time a record takes the short way, in a segment of its own it cannot
      for (String s : List.copyOf(records)) {
        records.add(s.replace("\"own", "\"own2"));
      }
      SchemaContract.Mode mode = SchemaContract.Mode.values()[round % 5 < 2 ? 0 : round % 5 - 1];
      SchemaContract contract =
          mode == SchemaContract.Mode.FREEZE ? null : new SchemaContract(null, mode, mode);
      Integer nesting = round % 7 == 0 ? Integer.valueOf(1) : null;
      List<TableHints.Nested> maps =
          round % 3 > 0
              ? List.of()
              : List.of(
                  new TableHints.Nested(List.of("b"), TableHints.NONE, KEYS_ARE_DATA),
                  new TableHints.Nested(List.of("l", "value"), TableHints.NONE, KEYS_ARE_DATA));
      TableHints hints = new TableHints(null, null, null, null, null, contract, nesting, maps);
      Integer columns = round % 11 < 4 ? Integer.valueOf(round % 11 + 1) : null;
      Integer tables = round % 13 < 4 ? Integer.valueOf(round % 13 + 1) : null;
      Limits limits = new Limits(null, null, null, null, null, null, columns, tables, null);
      DataType nulls = round % 4 == 1 ? DataType.TEXT : null;
      Order order = Orders.of("t", "_dlt", hints, null, limits, round % 2 == 0, nulls);
      Landed whole = land(order, List.of(String.join("", records)));
      Landed tiny = land(order, records);
      String what = "round " + round + ": " + records;
      assertThat(tiny.columns()).as(what).isEqualTo(whole.columns());
      assertThat(tiny.chains(Map.of())).as(what).isEqualTo(whole.chains(Map.of()));
      assertThat(rejects(tiny)).as(what).isEqualTo(rejects(whole));
    }
  }

  /** What a table would have been called that was never made is said, but promised to nobody. */
  private static List<String> rejects(Landed l) {
    return l.rows.getOrDefault("_mr_rejects", List.of()).stream()
        .map(r -> r.get("table_name") + " " + r.get("reason") + " " + r.get("record"))
        .map(r -> r.replaceFirst(" \\(f at byte \\d+\\)", ""))
        .map(r -> r.replaceFirst("needs table \\S+,", "needs a table,"))
        .toList();
  }

  private Landed land(Order order, List<String> segments) throws IOException {
    Landed landed = new Landed();
    Schema schema = order.schema();
    JsonNode cursor = null;
    for (int i = 0; i < segments.size(); i++) {
      byte[] b = segments.get(i).getBytes(StandardCharsets.UTF_8);
      RawPage page =
          new RawPage(RawPage.Format.JSONL, List.of(), "f", 0, () -> new ByteArrayInputStream(b));
      Normalized n =
          Normalizer.run(
              Orders.after(order, schema, cursor, i + 1),
              List.of(page),
              dir.resolve("p"),
              Progress.NONE);
      schema = n.schema();
      cursor = n.cursor();
      landed.add(dir.resolve("p"));
    }
    return landed;
  }

  private static void object(StringBuilder s, Random r, int depth) {
    s.append('{');
    for (int i = 0, n = r.nextInt(5); i < n; i++) {
      String key = KEYS[r.nextInt(KEYS.length)];
      s.append(i > 0 ? "," : "").append('"').append(key).append("\":");
      if (key.equals("_dlt_id")) {
        s.append(r.nextBoolean() ? "null" : "\"own" + r.nextInt(1_000_000_000) + "\"");
      } else {
        value(s, r, depth + 1);
      }
    }
    s.append('}');
  }

  private static void value(StringBuilder s, Random r, int depth) {
    switch (depth > 3 ? 0 : r.nextInt(5)) {
      case 3 -> object(s, r, depth);
      case 4 -> {
        s.append('[');
        for (int i = 0, n = r.nextInt(4); i < n; i++) {
          s.append(i > 0 ? "," : "");
          value(s, r, depth + 1);
        }
        s.append(']');
      }
      default -> s.append(SCALARS[r.nextInt(SCALARS.length)]);
    }
  }
}
