package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaContract;
import io.millrace.schema.TableSchema;
import io.millrace.source.Limits;
import io.millrace.source.TableHints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final DataType[] TYPES = {
    DataType.TEXT, DataType.BIGINT, DataType.DOUBLE, DataType.JSON, DataType.TIMESTAMP
  };
  private static final Strategy[] STRATEGIES = {
    Strategy.DELETE_INSERT, Strategy.UPSERT, Strategy.INSERT_ONLY, Strategy.SCD2
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
    for (int round = 0; round < Integer.getInteger("millrace.rounds", 300); round++) {
      List<String> records = records(r);
      Order order = order(r);
      Landed whole = land(order, List.of(String.join("", records)));
      same(whole, land(order, records), "one record a segment, round " + round + ": " + records);
      same(whole, land(order, cut(records, r)), "any segments, round " + round + ": " + records);
    }
  }

  private static List<String> records(Random r) {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      StringBuilder s = new StringBuilder();
      object(s, r, 0);
      boolean broken = r.nextInt(12) == 0;
      records.add((broken ? s.substring(0, s.length() - 1) + ",\"l\":[{\"b\":1]" : s) + "\n");
    }
    // the second time a record takes the short way, in a segment of its own it cannot
    for (String s : List.copyOf(records)) {
      records.add(s.replace("\"own", "\"own2"));
    }
    return records;
  }

  private static List<String> cut(List<String> records, Random r) {
    List<String> segments = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (String s : records) {
      open.append(s);
      if (r.nextInt(3) == 0) {
        segments.add(open.toString());
        open.setLength(0);
      }
    }
    segments.add(open.toString());
    return segments;
  }

  /** Any hints, contracts and limits. */
  private static Order order(Random r) {
    List<TableHints.Nested> nested = new ArrayList<>();
    if (r.nextInt(3) == 0) {
      nested.add(new TableHints.Nested(List.of("b"), TableHints.NONE, KEYS_ARE_DATA));
      nested.add(new TableHints.Nested(List.of("l", "value"), TableHints.NONE, KEYS_ARE_DATA));
    }
    if (r.nextInt(4) == 0) {
      nested.add(new TableHints.Nested(List.of("l"), hints(r, true, List.of())));
    }
    if (r.nextInt(4) == 0) {
      nested.add(new TableHints.Nested(List.of("a", "a_b"), hints(r, true, List.of())));
    }
    Integer columns = r.nextInt(3) == 0 ? Integer.valueOf(1 + r.nextInt(4)) : null;
    Integer tables = r.nextInt(4) == 0 ? Integer.valueOf(1 + r.nextInt(4)) : null;
    Limits limits = new Limits(null, null, null, null, null, null, columns, tables, null);
    DataType nulls = r.nextInt(4) == 0 ? DataType.TEXT : null;
    return Orders.of("t", "_dlt", hints(r, false, nested), null, limits, r.nextBoolean(), nulls);
  }

  private static TableHints hints(Random r, boolean below, List<TableHints.Nested> nested) {
    List<Column> columns = new ArrayList<>();
    for (String key : List.of("a_b", "A", "value", "l")) {
      if (r.nextInt(5) == 0) {
        DataType type = r.nextInt(4) == 0 ? null : TYPES[r.nextInt(TYPES.length)];
        Boolean nullable = r.nextInt(6) == 0 ? Boolean.FALSE : null;
        columns.add(new Column(key, type, nullable, null, null, null, null));
      }
    }
    SchemaContract contract =
        r.nextInt(5) < 2 ? null : new SchemaContract(mode(r), mode(r), mode(r));
    Strategy strategy = STRATEGIES[r.nextInt(STRATEGIES.length)];
    boolean merges = !below && r.nextInt(4) == 0;
    List<String> key = merges && strategy != Strategy.SCD2 ? List.of("a") : List.of();
    return new TableHints(
        null,
        merges ? new WriteDisposition(Kind.MERGE, strategy, Map.of()) : null,
        below && r.nextInt(6) == 0 ? List.of("b") : key,
        null,
        columns,
        contract,
        r.nextInt(6) == 0 ? Integer.valueOf(r.nextInt(3)) : null,
        nested);
  }

  private static SchemaContract.Mode mode(Random r) {
    SchemaContract.Mode mode = SchemaContract.Mode.values()[r.nextInt(4)];
    // most cases should get further than to the first new column
    boolean freeze = mode == SchemaContract.Mode.FREEZE && r.nextInt(4) > 0;
    return freeze ? SchemaContract.Mode.EVOLVE : mode;
  }

  private static void same(Landed want, Landed got, String what) {
    assertThat(got.failure).as(what).isEqualTo(want.failure);
    if (want.failure != null) {
      return;
    }
    assertThat(got.columns()).as(what).isEqualTo(want.columns());
    assertThat(tables(got)).as(what).isEqualTo(tables(want));
    assertThat(got.chains(Map.of(), false)).as(what).isEqualTo(want.chains(Map.of(), false));
    assertThat(rejects(got)).as(what).isEqualTo(rejects(want));
  }

  /** With all hints; by name, for dlt's rules say nothing of their order. */
  private static List<TableSchema> tables(Landed l) {
    return l.schema.tables().stream().sorted(Comparator.comparing(TableSchema::name)).toList();
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
      Order next = Orders.after(order, schema, cursor, i + 1);
      Normalized n;
      try {
        n = Normalizer.run(next, List.of(page), dir.resolve("p"), Progress.NONE);
      } catch (MillraceException e) {
        // records count from the segment's first
        landed.failure = e.getMessage().replaceFirst(" of record \\d+", "");
        return landed;
      }
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
