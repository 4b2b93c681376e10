package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be loaded is kept, with where it was and why. */
class RejectsTest {
  @TempDir Path dir;

  private Runs contract(String contract) throws IOException {
    Runs r = Runs.of(dir, "", "", "schema_contract: " + contract);
    Runs first = Runs.of(dir, "", "", "");
    first.segment("{\"id\":1,\"o\":{\"x\":1},\"l\":[{\"v\":1}]}");
    return r.from(first);
  }

  @Test
  void keepsAnElementOfATableThatMayNotBeMade() throws IOException {
    Runs r =
        contract("{tables: discard_row}")
            .everyWay(
                "{\"id\":2,\"n\":{\"m\":[1,{\"a\":\"\\u00e9\\n\",\"b\":[[2],null,{}]},[3],null]}}",
                "{\"id\":3,\"l\":[{\"v\":2,\"w\":[true]}]}");
    assertThat(r.data("t")).containsExactly("id=2", "id=3");
    String why = " | schema contract: new table (discard_row) | ";
    assertThat(r.rejects())
        .containsExactly(
            "$.n.m[0]" + why + "1",
            "$.n.m[1]" + why + "{\"a\":\"é\\n\",\"b\":[[2],null,{}]}",
            "$.n.m[2]" + why + "[3]",
            "$.n.m[3]" + why + "null",
            "$.l[0].w[0]" + why + "true");
  }

  @Test
  void keepsARowThatTheContractLeavesOut() throws IOException {
    Runs r =
        contract("{columns: discard_row}")
            .everyWay(
                "{\"id\":2,\"new\":1}",
                "{\"id\":3,\"l\":[{\"v\":2},{\"v\":3,\"y\":{\"z\":0}}]}",
                "{\"id\":4,\"new\":null}");
    assertThat(r.data("t")).containsExactly("id=3", "id=4");
    assertThat(r.data("t__l")).containsExactly("v=2");
    assertThat(r.rejects())
        .containsExactly(
            "$ | schema contract: column new (discard_row) | {\"id\":2,\"new\":1}",
            "$.l[1] | schema contract: column y__z (discard_row) | {\"v\":3,\"y\":{\"z\":0}}");
  }

  @Test
  void makesTheOtherColumnsOfARowThatIsLeftOutAsDltDoes() throws IOException {
    String contract = "schema_contract: {data_type: discard_row}";
    String[] lines = {"{\"id\":\"two\",\"new\":1,\"last\":\"x\"}", "{\"id\":3,\"last\":\"y\"}"};
    for (String compat : List.of("none", "dlt")) {
      String top = "schema: {compat: " + compat + "}";
      Runs r =
          Runs.of(dir, top, "", contract)
              .from(Runs.of(dir, top, "", "").segment("{\"id\":1}"))
              .everyWay(lines);
      assertThat(r.columns("t"))
          .as(compat)
          .containsExactly(
              compat.equals("dlt")
                  ? new String[] {"id", "new", "last"}
                  : new String[] {"id", "last"});
      assertThat(r.data("t")).containsExactly("id=3 last=y");
      assertThat(r.rejects())
          .containsExactly("$ | schema contract: column id__v_text (discard_row) | " + lines[0]);
    }
  }

  @Test
  void takesADeclaredColumnWithoutATypeForNewOnlyAsDltDoes() throws IOException {
    String hints = "schema_contract: {columns: discard_value}, columns: {n: {unique: true}}";
    for (String compat : List.of("none", "dlt")) {
      String top = "schema: {compat: " + compat + "}";
      Runs r =
          Runs.of(dir, top, "", hints)
              .from(Runs.of(dir, top, "", hints).segment("{\"id\":1}"))
              .everyWay("{\"id\":2,\"n\":1}");
      assertThat(r.data("t")).containsExactly(compat.equals("dlt") ? "id=2" : "id=2 n=1");
    }
  }

  @Test
  void keepsAValueThatTheContractLeavesOut() throws IOException {
    Runs r =
        contract("{columns: discard_value, data_type: discard_value}")
            .everyWay(
                "{\"id\":\"two\",\"o\":{\"New Key\":\"q\",\"x\":true}}",
                "{\"id\":3,\"l\":[{\"v\":[1]},{\"v\":2.5}]}");
    assertThat(r.data("t")).containsExactly("", "id=3");
    assertThat(r.rejects())
        .containsExactly(
            "$.id | schema contract: column id__v_text (discard_value) | \"two\"",
            "$.o.New Key | schema contract: column o__new_key (discard_value) | \"q\"",
            "$.o.x | schema contract: column o__x__v_bool (discard_value) | true",
            "$.l[1].v | schema contract: column v__v_double (discard_value) | 2.5");
  }

  @Test
  void bendsNoNumberIntoWhatItsColumnIs() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "")
            .everyWay(
                "{\"id\":1,\"b\":true,\"d\":0.5}",
                "{\"id\":2,\"b\":42,\"d\":9007199254740993}",
                "{\"id\":3,\"b\":1,\"d\":9007199254740992}",
                "{\"id\":4,\"b\":0.5,\"d\":123456789012345678901234567890}");
    assertThat(r.data("t"))
        .containsExactly(
            "b=true d=0.5 id=1",
            "b__v_bigint=42 d__v_bigint=9007199254740993 id=2",
            "b=true d=9.007199254740992E15 id=3",
            "b__v_double=0.5 d__v_wei=123456789012345678901234567890 id=4");
    assertThat(r.rejects()).isEmpty();
  }

  @Test
  void keepsNumbersThatNothingHoldsAndRowsWithoutWhatTheyMustHave() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "nested_hints: [{path: [l], columns: {n: {nullable: false}}}]")
            .everyWay(
                "{\"id\":1,\"o\":{\"big\":-1e999},\"l\":[{\"n\":1},{\"m\":{\"k\":[1]}},{\"n\":1e400}]}",
                "{\"id\":2,\"s\":[1e400,2]}");
    assertThat(r.data("t__l")).containsExactly("n=1");
    assertThat(r.data("t__s")).containsExactly("", "value=2");
    assertThat(r.rejects())
        .containsExactly(
            "$.o.big | beyond what a double holds: o__big | -1e999",
            "$.l[1] | has no value that fits n, which must have one | {\"m\":{\"k\":[1]}}",
            "$.l[2].n | beyond what a double holds: n | 1e400",
            "$.l[2] | has no value that fits n, which must have one | {\"n\":1e400}",
            "$.s[0] | beyond what a double holds: value | 1e400");
  }

  @Test
  void rejectsALineThatIsNoJsonAndGoesOn() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "")
            .everyWay(
                "{\"a\":1}",
                "{\"a\":NaN}",
                "{\"a\":-Infinity}",
                "{\"a\":1} x",
                "[1,]",
                "{\"a\":2}");
    assertThat(r.data("t")).containsExactly("a=1", "a=2");
    assertThat(r.rejects()).hasSize(4);
    assertThat(r.rejects().get(0)).isEqualTo("f at byte 13 | not a value | {\"a\":NaN}");
  }

  @Test
  void countsWhatItReadsByAPolicy() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "")
            .everyWay(
                "{\"a\":\"x\\ud800y\",\"b\":\"\\u0000\",\"c\":1,\"c\":2}",
                "{\"a\":\"\\udc00\\ud83d\\ude00\",\"o\":{\"d\":[1],\"d\":[2,3]}}");
    assertThat(r.data("t")).containsExactly("a=x\uFFFDy b= c=2", "a=\uFFFD\uD83D\uDE00");
    assertThat(r.data("t__o__d")).containsExactly("value=2", "value=3");
    assertThat(r.note("duplicate_keys")).isEqualTo(2);
    assertThat(r.note("unpaired_surrogates")).isEqualTo(2);
    assertThat(r.note("nul_characters")).isEqualTo(1);
  }

  @Test
  void countsATextWithNulOnceHoweverItsRowIsMade() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "columns: {j: {data_type: json}}")
            .everyWay(
                "{\"id\":1,\"a\":1,\"j\":{\"k\":1}}",
                "{\"id\":2,\"a\":\"x\\u0000y\",\"j\":{\"k\":1,\"k\":2}}",
                "{\"id\":3,\"a\":1,\"b\":\"\\u0000\",\"j\":{\"k\":1}}",
                "{\"id\":4,\"a\":1,\"b\":\"\\u0000\",\"j\":[{\"k\":1,\"k\":2,\"k\":3}]}");
    assertThat(r.note("nul_characters")).isEqualTo(3);
    assertThat(r.note("duplicate_keys")).as("inside of a JSON column too").isEqualTo(3);
  }

  @Test
  void keepsWhatIsTooManyDigitsForADecimal() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "columns: {d: {data_type: decimal, precision: 12, scale: 2}}")
            .everyWay(
                "{\"d\":12345678901234567890}",
                "{\"d\":1234567890.125}",
                "{\"d\":1e30}",
                "{\"d\":\"nan\"}",
                "{\"d\":" + "9".repeat(60) + "}");
    assertThat(r.data("t"))
        .containsExactly(
            "d__v_wei=12345678901234567890",
            "d=1234567890.13",
            "d__v_double=1.0E30",
            "d__v_text=nan",
            "d__v_text=" + "9".repeat(60));
  }
}
