package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.schema.SchemaContract;
import io.millrace.source.Incremental;
import io.millrace.source.Limits;
import io.millrace.source.TableHints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NormalizerTest {
  @TempDir Path dir;

  private final Landed landed = new Landed();

  private Normalized run(Order order, RawPage... pages) throws IOException {
    Path file = dir.resolve("p" + order.segment().seq());
    Normalized n = Normalizer.run(order, List.of(pages), file, Progress.NONE);
    landed.add(file);
    return n;
  }

  private static RawPage lines(String... lines) {
    return page(RawPage.Format.JSONL, String.join("\n", lines));
  }

  private static RawPage page(RawPage.Format format, String text, String... selector) {
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    return new RawPage(format, List.of(selector), "f.json", 0, () -> new ByteArrayInputStream(b));
  }

  /** The table's rows without our own columns. */
  private List<String> data(String table) {
    return landed.rows.getOrDefault(table, List.of()).stream()
        .map(
            r ->
                r.entrySet().stream()
                    .filter(e -> !e.getKey().startsWith("_mr_") && !e.getKey().startsWith("_dlt_"))
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(" ")))
        .toList();
  }

  @Test
  void rejectsABadLineAloneAndSaysWhereItIs() throws IOException {
    Normalized n = run(Orders.plain("t", "_mr"), lines("{\"a\":1}", "{\"a\":01}", "", "{\"a\":2}"));
    assertThat(data("t")).containsExactly("a=1", "a=2");
    assertThat(n.records()).isEqualTo(3);
    assertThat(n.rejected()).isEqualTo(1);
    assertThat(landed.rows.get("_mr_rejects"))
        .containsExactly(
            Map.of(
                "asset", "golden.t",
                "table_name", "t",
                "path", "f.json at byte 14",
                "reason", "a number that begins with 0",
                "record", "{\"a\":01}"));
  }

  @Test
  void rejectsRecordsOverALimitAndGoesOn() throws IOException {
    Limits limits = new Limits(null, null, 300_000L, 3);
    Order order = Orders.of("t", "_mr", TableHints.NONE, null, limits);
    String huge = "{\"a\":\"" + "x".repeat(400_000) + "\"}";
    String deep = "{\"a\":[[[[1]]]]}";
    run(order, lines("{\"a\":1}", huge, deep, "{\"a\":2}"));
    run(
        Orders.after(order, landed.schema, null, 2),
        page(RawPage.Format.JSON, "[{\"a\":3}," + huge + "," + deep + ",{\"a\":4}]"));
    assertThat(data("t")).containsExactly("a=1", "a=2", "a=3", "a=4");
    assertThat(landed.rows.get("_mr_rejects").stream().map(r -> r.get("reason")))
        .containsExactly(
            "is longer than 300000 bytes",
            "is nested deeper than 3",
            "is longer than 300000 bytes",
            "is nested deeper than 3");
  }

  @Test
  void findsTheRecordsOfADocument() throws IOException {
    String doc =
        "{\"meta\":{\"x\":[1,{\"data\":9}]},\"data\":{\"n\":1,\"items\":[{\"a\":1},null,{\"a\":2},7]},\"z\":[]} ";
    run(Orders.plain("t", "_mr"), page(RawPage.Format.JSON, doc, "data", "items"));
    assertThat(data("t")).containsExactly("a=1", "a=2", "value=7");
  }

  @Test
  void takesANullAmongTheRecordsOfADocumentForAnEmptyOneAsDltDoes() throws IOException {
    run(
        Orders.plain("t", "_dlt"),
        page(RawPage.Format.JSON, "{\"data\":[null,{\"a\":1}]}", "data"));
    assertThat(data("t")).containsExactly("", "a=1");
  }

  @Test
  void takesAnyOtherValueAsOneRecordAndNothingForNothing() throws IOException {
    Order o = Orders.plain("t", "_mr");
    run(o, page(RawPage.Format.JSON, "{\"data\":{\"a\":1}}", "data"));
    run(
        Orders.after(o, landed.schema, null, 2),
        page(RawPage.Format.JSON, "{\"data\":null}", "data"));
    run(
        Orders.after(o, landed.schema, null, 3),
        page(RawPage.Format.JSON, "{\"other\":[1]}", "data"));
    run(Orders.after(o, landed.schema, null, 4), page(RawPage.Format.JSON, "{}", "data"));
    run(Orders.after(o, landed.schema, null, 5), page(RawPage.Format.JSON, "[1]", "data"));
    assertThat(data("t")).containsExactly("a=1");
  }

  @Test
  void refusesWhatFollowsADocument() {
    assertThatThrownBy(
            () ->
                run(
                    Orders.plain("t", "_mr"),
                    page(RawPage.Format.JSON, "{\"d\":[{\"a\":1}]} x", "d")))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.failure()).isEqualTo(Failure.RESPONSE_INVALID))
        .hasMessage(
            "Cannot read records: something follows the document: f.json at byte 16 (ask the source for valid JSON; NaN and Infinity are not)");
    assertThat(dir.resolve("p1")).doesNotExist();
  }

  @Test
  void readsRecordsOfAnySizeAcrossTheWindowsEnd() throws IOException {
    Random r = new Random(5);
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int n = r.nextInt(r.nextInt(10) == 0 ? 600_000 : 2_000);
      records.add(
          "{\"i\":"
              + i
              + ",\"s\":\""
              + "é".repeat(n / 2)
              + "\\n\",\"l\":["
              + i
              + ",{\"k\":"
              + i
              + "}]}");
    }
    Order o = Orders.plain("t", "_mr");
    run(o, lines(records.toArray(new String[0])));
    List<String> whole = data("t");
    List<String> children = data("t__l");
    assertThat(whole).hasSize(300);
    assertThat(children).hasSize(600);
    landed.rows.clear();
    run(
        o,
        page(
            RawPage.Format.JSON,
            "{\"x\":{\"y\":[" + String.join(" , ", records) + "]}}",
            "x",
            "y"));
    assertThat(data("t")).isEqualTo(whole);
    assertThat(data("t__l")).isEqualTo(children);
  }

  @Test
  void keepsCollidingKeysApartWhateverTheSegments() throws IOException {
    String[] records = {
      "{\"aB\":1}",
      "{\"a_b\":2,\"aB\":3}",
      "{\"x\":{\"y\":1},\"x__y\":2}",
      "{\"lst\":[1],\"Lst\":[2]}"
    };
    Order o = Orders.plain("t", "_mr");
    run(o, lines(records));
    List<String> whole = data("t");
    assertThat(whole.get(0)).isEqualTo("a_b=1");
    assertThat(whole.get(1)).matches("a_b=3 a_b__\\w{6}=2");
    assertThat(whole.get(2)).matches("x__y=2 x__y__\\w{6}=1");
    assertThat(landed.rows.keySet()).hasSize(3).contains("t__lst");
    List<Map<String, List<String>>> first = List.of(landed.columns());
    landed.rows.clear();
    JsonNode cursor = null;
    landed.schema = o.schema();
    for (int i = 0; i < records.length; i++) {
      cursor = run(Orders.after(o, landed.schema, cursor, i + 1), lines(records[i])).cursor();
    }
    assertThat(data("t")).isEqualTo(whole);
    assertThat(List.of(landed.columns())).isEqualTo(first);
  }

  @Test
  void keepsWholeNumbersBeyond64BitsExact() throws IOException {
    run(
        Orders.plain("t", "_mr"),
        lines("{\"a\":1,\"b\":18446744073709551616}", "{\"a\":18446744073709551616,\"b\":1}"));
    assertThat(data("t"))
        .containsExactly("a=1 b=18446744073709551616", "a__v_wei=18446744073709551616 b=1");
  }

  @Test
  void refusesAFrozenColumnByItsPath() throws IOException {
    TableHints hints =
        new TableHints(
            null,
            null,
            null,
            null,
            null,
            new SchemaContract(null, SchemaContract.Mode.FREEZE, null),
            null,
            null);
    Order o = Orders.of("t", "_mr", hints, null, Limits.DEFAULT);
    Normalized n = run(o, lines("{\"id\":1,\"l\":[{\"x\":1}]}", "{\"b\":1}"));
    Order next = Orders.after(o, n.schema(), n.cursor(), 2);
    run(next, lines("{\"c\":1}"));
    assertThat(data("t")).as("a table new in the run may grow in all its segments").contains("c=1");
    Order later = Orders.after(o, landed.schema, null, 3);
    assertThatThrownBy(() -> run(later, lines("{\"id\":1}", "{\"l\":[{\"x\":1},{\"y\":1}]}")))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.failure()).isEqualTo(Failure.CONTRACT_FROZEN))
        .hasMessage(
            "Cannot add column y to table t__l: the schema contract freezes columns: $.l[1] of"
                + " record 2 (allow it with schema_contract columns: evolve)");
  }

  @Test
  void rejectsARecordWithoutItsPrimaryKey() throws IOException {
    TableHints hints = new TableHints(null, null, List.of("id"), null, null, null, null, null);
    Order o = Orders.of("t", "_mr", hints, null, Limits.DEFAULT);
    Normalized n = run(o, lines("{\"a\":1}", "{\"id\":1}", "{\"id\":null}", "{\"id\":2,\"a\":3}"));
    assertThat(data("t")).containsExactly("id=1", "a=3 id=2");
    assertThat(n.rejected()).isEqualTo(2);
    assertThat(landed.rows.get("_mr_rejects").get(0).get("reason"))
        .isEqualTo("has no value that fits id, which must have one (f.json at byte 0)");
    assertThat(landed.rows.get("_mr_rejects").get(1).get("reason"))
        .asString()
        .endsWith(" (f.json at byte 17)");
  }

  @Test
  void movesTheCursorOnlyByWhatItSaw() throws IOException {
    Incremental inc =
        new Incremental(
            "n",
            IntNode.valueOf(10),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    TableHints hints = new TableHints(null, null, List.of("id"), null, null, null, null, null);
    Order o = Orders.of("t", "_mr", hints, inc, Limits.DEFAULT);
    Normalized a =
        run(o, lines("{\"id\":1,\"n\":20}", "{\"id\":2,\"n\":9}", "{\"id\":3,\"n\":10}"));
    Normalized b =
        run(
            Orders.after(o, a.schema(), a.cursor(), 2),
            lines("{\"id\":4,\"n\":15}", "{\"id\":5,\"n\":20}"));
    assertThat(data("t")).containsExactly("id=1 n=20", "id=3 n=10", "id=4 n=15", "id=5 n=20");
    assertThat(b.cursor().get("window_start").asInt()).isEqualTo(10);
    assertThat(b.cursor().get("running_max").asInt()).isEqualTo(20);
    assertThat(b.cursor().get("keys")).hasSize(2);
    var next = JsonNodeFactory.instance.objectNode();
    next.set("window_start", b.cursor().get("running_max"));
    next.set("start_keys", b.cursor().get("keys"));
    landed.rows.clear();
    run(
        Orders.after(o, b.schema(), next, 3),
        lines("{\"id\":1,\"n\":20}", "{\"id\":6,\"n\":20}", "{\"id\":7,\"n\":19}"));
    assertThat(data("t")).containsExactly("id=6 n=20");
  }

  @Test
  void writesTheSameBytesForTheSamePages() throws IOException {
    RawPage a = lines("{\"a\":1,\"l\":[1,{\"b\":\"x\"}]}", "{\"a\":\"t\",\"c\":{\"d\":1.5}}");
    run(Orders.plain("t", "_mr"), a);
    byte[] first = Files.readAllBytes(dir.resolve("p1"));
    run(Orders.plain("t", "_mr"), a);
    assertThat(Files.readAllBytes(dir.resolve("p1"))).isEqualTo(first);
  }

  @Test
  void replacesUnpairedSurrogatesAndLeavesOutNul() throws IOException {
    run(Orders.plain("t", "_mr"), lines("{\"a\":\"x\\ud800y\",\"b\":\"x\\u0000y\",\"c\":1e400}"));
    assertThat(data("t")).containsExactly("a=x\uFFFDy b=xy");
    assertThat(landed.rows.get("_mr_rejects"))
        .singleElement()
        .satisfies(
            reject ->
                assertThat(reject)
                    .containsEntry("path", "$.c")
                    .containsEntry("reason", "beyond what a double holds: c (f.json at byte 0)")
                    .containsEntry("record", "1e400"));
  }

  @Test
  void aFileThatEndsInTheMiddleOfARecordIsNotRead() {
    assertThatThrownBy(
            () -> run(Orders.plain("t", "_mr"), lines("{\"id\":1}\n{\"id\":2,\"a\":\"cut of")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("Cannot read the last line: it ends in the middle of a record: ")
        .hasMessageEndingWith(
            "(wait until the file is complete and run again; or, if it never will be, end it with"
                + " a line feed: then the line is rejected and the rest is loaded)");
  }

  @Test
  void aRecordThatIsCutIsRejectedOnceALineFeedEndsIt() throws IOException {
    run(Orders.plain("t", "_mr"), lines("{\"id\":1}\n{\"id\":2,\"a\":\"cut of\n"));
    assertThat(data("t")).containsExactly("id=1");
    assertThat(landed.rows.get("_mr_rejects")).hasSize(1);
  }

  @Test
  void linksAnElementThatBringsItsOwnId() throws IOException {
    run(Orders.plain("t", "_mr"), lines("{\"l\":[{\"_mr_id\":\"own\",\"v\":1}]}"));
    assertThat(landed.rows.get("t__l").get(0))
        .containsEntry("_mr_id", "own")
        .containsEntry("_mr_parent_id", landed.rows.get("t").get(0).get("_mr_id"))
        .containsEntry("_mr_list_idx", "0");
  }

  /** Ids that follow from numbers and ids of records in one batch, in any order. */
  @Test
  void givesOtherRowsTheSameIdsWhenSomeBringTheirOwn() throws IOException {
    String plain = "{\"v\":%d,\"l\":[{\"w\":1},{\"w\":2}]}";
    String own =
        "{\"_mr_id\":\"own %1$d\",\"v\":%1$d,\"l\":[{\"w\":1},{\"_mr_id\":\"two %1$d\",\"w\":2}]}";
    Order order = Orders.plain("t", "_mr");
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      records.add(plain.formatted(i));
    }
    run(order, lines(records.toArray(String[]::new)));
    List<Map<String, Object>> roots = List.copyOf(landed.rows.remove("t"));
    List<Map<String, Object>> children = List.copyOf(landed.rows.remove("t__l"));
    for (int i : List.of(4, 5, 9)) {
      records.set(i, own.formatted(i));
    }
    run(order, lines(records.toArray(String[]::new)));
    for (int i = 0; i < 12; i++) {
      boolean mine = List.of(4, 5, 9).contains(i);
      Object id = mine ? "own " + i : roots.get(i).get("_mr_id");
      assertThat(landed.rows.get("t").get(i)).containsEntry("_mr_id", id);
      for (int k = 2 * i; k < 2 * i + 2; k++) {
        Object child = mine && k % 2 == 1 ? "two " + i : children.get(k).get("_mr_id");
        assertThat(landed.rows.get("t__l").get(k))
            .containsEntry("_mr_id", child)
            .containsEntry("_mr_parent_id", id);
      }
    }
  }

  @Test
  void givesAnIdToARecordThatBringsTheIdOfAnother() throws IOException {
    String two = "{\"_mr_id\":\"own\",\"k\":%d,\"l\":[%d]}";
    Normalized n =
        run(
            Orders.plain("t", "_mr"),
            lines(
                two.formatted(1, 10),
                two.formatted(2, 20),
                "{\"_mr_id\":\"other\",\"k\":3,\"l\":[{\"_mr_id\":\"own\",\"v\":30}]}"));

    List<Object> ids = landed.rows.get("t").stream().map(r -> r.get("_mr_id")).toList();
    assertThat(ids).doesNotHaveDuplicates().startsWith("own").endsWith("other");
    assertThat(landed.rows.get("t__l").stream().map(r -> r.get("_mr_parent_id")))
        .as("each child hangs on its own parent")
        .containsExactlyElementsOf(ids);
    assertThat(landed.rows.get("t__l").get(2))
        .as("an id is one of a table")
        .containsEntry("_mr_id", "own");
    assertThat(n.notes()).isEqualTo(Map.of("shared_ids", 1L));
    run(
        Orders.after(Orders.plain("t", "_mr"), n.schema(), n.cursor(), 2),
        lines(two.formatted(1, 11)));
    assertThat(landed.rows.get("t").get(3))
        .as("in another segment it is the record again")
        .containsEntry("_mr_id", "own");
  }

  @Test
  void givesAnIdToAChildThatBringsTheIdOfAnother() throws IOException {
    run(
        Orders.plain("t", "_mr"),
        lines("{\"l\":[{\"_mr_id\":\"own\",\"m\":[1]},{\"_mr_id\":\"own\",\"m\":[2]}]}"));
    List<Object> ids = landed.rows.get("t__l").stream().map(r -> r.get("_mr_id")).toList();
    assertThat(ids).doesNotHaveDuplicates().startsWith("own");
    assertThat(landed.rows.get("t__l__m").stream().map(r -> r.get("_mr_parent_id")))
        .containsExactlyElementsOf(ids);
  }

  @Test
  void takesEveryOwnIdAsDltDoes() throws IOException {
    String two = "{\"_dlt_id\":\"own\",\"k\":%d}";
    Normalized n = run(Orders.plain("t", "_dlt"), lines(two.formatted(1), two.formatted(2)));
    assertThat(landed.rows.get("t").stream().map(r -> r.get("_dlt_id")))
        .containsExactly("own", "own");
    assertThat(n.notes()).isEmpty();
  }

  @Test
  void remembersABoundedNumberOfOwnIds() {
    OwnIds ids = new OwnIds();
    for (int i = 0; i < OwnIds.MAX; i++) {
      byte[] id = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
      assertThat(ids.first("t", id)).as("id %s", i).isTrue();
    }
    assertThat(ids.first("t", "7".getBytes(StandardCharsets.US_ASCII))).isFalse();
    assertThat(ids.first("t", "new".getBytes(StandardCharsets.US_ASCII))).isFalse();
  }
}
