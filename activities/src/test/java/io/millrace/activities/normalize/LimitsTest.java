package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a record may not exceed, and what becomes of those that do. */
class LimitsTest {
  @TempDir Path dir;

  private Runs limits(String limits, String resource) {
    return Runs.of(dir, "", "limits: {" + limits + "}", resource);
  }

  @Test
  void putsValuesWithoutAColumnIntoOneOfJson() throws IOException {
    Runs r =
        limits("columns_per_table: 3", "")
            .everyWay(
                "{\"id\":1,\"a\":{\"b\":1}}",
                "{\"id\":2,\"a\":{\"b\":2,\"c\":\"x\",\"d\":{\"e\":[1,{\"f\":null}],\"g\":true}},\"h\":1.5}",
                "{\"id\":3,\"i\\n\":null,\"j\":\"q\\u0041\"}",
                "{\"id\":\"four\",\"k\":{}}",
                "{\"id\":5,\"l\":[{\"m\":1}]}");
    assertThat(r.columns("t")).containsExactly("id", "a__b", "h", "_mr_overflow");
    assertThat(r.data("t"))
        .containsExactly(
            "a__b=1 id=1",
            "_mr_overflow=json:{\"a\":{\"c\":\"x\",\"d\":{\"g\":true}}} a__b=2 h=1.5 id=2",
            "_mr_overflow=json:{\"j\":\"qA\"} id=3",
            "_mr_overflow=json:{\"id\":\"four\"}",
            "id=5");
    assertThat(r.data("t__a__d__e")).as("lists are tables of their own").hasSize(2);
    assertThat(r.note("overflow")).isEqualTo(4);
    assertThat(r.rejects()).isEmpty();
  }

  @Test
  void neverExplodesWhenKeysAreData() throws IOException {
    Runs r = limits("columns_per_table: 50", "");
    for (int s = 0; s < 3; s++) {
      String[] lines = new String[1000];
      for (int i = 0; i < lines.length; i++) {
        lines[i] = "{\"id\":" + i + ",\"k" + s + "_" + i + "\":" + i + "}";
      }
      r.segment(lines);
    }
    assertThat(r.columns("t")).hasSize(51).endsWith("_mr_overflow");
    assertThat(r.data("t")).hasSize(3000);
    assertThat(r.data("t").get(2999)).isEqualTo("_mr_overflow=json:{\"k2_999\":999} id=999");
  }

  @Test
  void letsTheContractDecideOnColumnsThatAreTooMany() throws IOException {
    String[] lines = {"{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":4,\"c\":5}", "{\"a\":6,\"c\":null}"};
    Runs values =
        limits("columns_per_table: 2", "schema_contract: {columns: discard_value}").everyWay(lines);
    assertThat(values.data("t")).containsExactly("a=1 b=2", "a=4", "a=6");
    assertThat(values.rejects())
        .containsExactly(
            "$.c | schema contract: column c (discard_value) | 3",
            "$.c | schema contract: column c (discard_value) | 5");
    Runs rows =
        limits("columns_per_table: 2", "schema_contract: {columns: discard_row}").everyWay(lines);
    assertThat(rows.data("t"))
        .as("a row that is left out makes no columns")
        .containsExactly("a=4 c=5", "a=6");
    assertThat(rows.rejects()).hasSize(1);
    Runs frozen = limits("columns_per_table: 2", "schema_contract: {columns: freeze}");
    assertThatThrownBy(() -> frozen.segment(lines))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.failure()).isEqualTo(Failure.CONTRACT_FROZEN))
        .hasMessageStartingWith("Cannot add column c to table t: ");
  }

  @Test
  void countsNoColumnsThatHintsNameAndNoneOfOurs() throws IOException {
    Runs r =
        limits("columns_per_table: 1", "primary_key: id, columns: {x: {data_type: text}, y: {}}")
            .everyWay("{\"a\":1,\"id\":1,\"x\":1,\"y\":2,\"b\":3}");
    assertThat(r.columns("t")).containsExactly("x", "a", "id", "y", "_mr_overflow");
  }

  @Test
  void losesNothingToADataKeyCalledLikeTheOverflow() throws IOException {
    Runs r = Runs.of(dir, "", "", "").everyWay("{\"_mr_overflow\":5}", "{\"a\":1}");
    assertThat(r.data("t")).containsExactly("_mr_overflow=json:{\"_mr_overflow\":5}", "a=1");
  }

  @Test
  void countsDepthInsideValuesThatStayJson() throws IOException {
    String ok = "{\"id\":1,\"o\":{\"j\":{\"a\":1}}}";
    Runs r =
        limits("depth: 3", "columns: {id: {data_type: bigint}, o__j: {data_type: json}}")
            .everyWay(
                ok,
                ok,
                "{\"id\":2,\"o\":{\"j\":{\"a\":[1]}}}",
                ok,
                "{\"id\":3,\"o\":{\"j\":[[]]}}");
    assertThat(r.data("t"))
        .as("records of the same form, which go the short way")
        .containsOnly("id=1 o__j=json:{\"a\":1}")
        .hasSize(3);
    assertThat(r.rejects().stream().map(s -> s.replaceAll("^.*?\\| ", "")))
        .containsExactly(
            "is nested deeper than 3 | {\"id\":2,\"o\":{\"j\":{\"a\":[1]}}}",
            "is nested deeper than 3 | {\"id\":3,\"o\":{\"j\":[[]]}}");
  }

  @Test
  void hasNoCapWhereAllFollowsDlt() throws IOException {
    StringBuilder wide = new StringBuilder("{\"k\":0");
    for (int i = 0; i < 1600; i++) {
      wide.append(",\"k").append(i).append("\":1");
    }
    String line = wide.append('}').toString();
    assertThat(Runs.of(dir, "system_prefix: _dlt", "", "").segment(line).columns("t"))
        .hasSize(1601);
    assertThat(Runs.of(dir, "", "", "").segment(line).columns("t"))
        .hasSize(1501)
        .contains("_mr_overflow");
  }

  @Test
  void rejectsTheRecordThatNeedsATableTooMany() throws IOException {
    Runs r =
        limits("tables: 3", "")
            .everyWay(
                "{\"id\":1,\"a\":[1]}",
                "{\"id\":2,\"b\":[1],\"c\":[1]}",
                "{\"id\":3,\"c\":[1],\"d\":[]}",
                "{\"id\":4,\"b\":[1]}",
                "{\"id\":5,\"c\":[2],\"a\":[2]}");
    assertThat(r.data("t")).containsExactly("id=1", "id=3", "id=5");
    assertThat(r.rejects())
        .containsExactly(
            "$ | needs table t__c, and there are 3 already | {\"id\":2,\"b\":[1],\"c\":[1]}",
            "$ | needs table t__b, and there are 3 already | {\"id\":4,\"b\":[1]}");
  }

  @Test
  void countsTheTablesThatRecordsName() throws IOException {
    Runs r =
        limits("tables: 2", "table_name: \"{type}\"")
            .everyWay(
                "{\"type\":\"a\"}", "{\"type\":\"b\"}", "{\"type\":\"c\"}", "{\"type\":\"a\"}");
    assertThat(r.landed.rows.keySet()).containsExactlyInAnyOrder("a", "b", "_mr_rejects");
    assertThat(r.data("a")).hasSize(2);
  }

  @Test
  void rejectsTheRecordWithTooManyChildRows() throws IOException {
    Runs r =
        limits("child_rows: 4", "")
            .everyWay(
                "{\"id\":1,\"l\":[1,[2,3]]}",
                "{\"id\":2,\"l\":[1,2,3],\"m\":{\"n\":[1,2]}}",
                "{\"id\":3,\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}",
                "{\"id\":4,\"l\":[1,2],\"l\":[3,4,5]}");
    assertThat(r.data("t")).containsExactly("id=1", "a=1 b=2 c=3 d=4 e=5 id=3", "id=4");
    assertThat(r.rejects())
        .singleElement()
        .asString()
        .startsWith("$ | has more than 4 elements in its lists | {\"id\":2");
  }

  @Test
  void rejectsTheRecordWithTooLongAKeyOrNumber() throws IOException {
    Runs r =
        limits("key_bytes: 5, number_length: 25", "")
            .everyWay(
                "{\"id\":1,\"number\":1}",
                "{\"id\":2,\"x\":1234567890123456789012345}",
                "{\"id\":3,\"x\":12345678901234567890123456}",
                "{\"id\":4,\"x\":0.12345678901234567890123456}",
                "{\"id\":5,\"\\u00fc\\u00fc\\u00fc\":1}",
                "{\"id\":6,\"x\":1}");
    assertThat(r.data("t")).containsExactly("id=2 x=1234567890123456789012345", "id=6 x=1");
    assertThat(r.rejects().stream().map(s -> s.replaceAll("^.*?\\| | \\|.*", "")))
        .containsExactly(
            "has a key that is longer than 5 bytes",
            "has a number of more than 25 characters",
            "has a number of more than 25 characters",
            "has a key that is longer than 5 bytes");
  }

  @Test
  void rejectsDeepAndLongRecords() throws IOException {
    Runs r =
        limits("depth: 2, record_bytes: 30", "")
            .everyWay(
                "{\"id\":1,\"a\":{\"b\":1}}",
                "{\"id\":2,\"a\":{\"b\":{\"c\":1}}}",
                "{\"id\":3,\"a\":\"0123456789012345678901234567890\"}",
                "{\"id\":4}");
    assertThat(r.data("t")).containsExactly("a__b=1 id=1", "id=4");
    assertThat(r.rejects().stream().map(s -> s.replaceAll("^.*?\\| | \\|.*", "")))
        .containsExactly("is nested deeper than 2", "is longer than 30 bytes");
  }
}
