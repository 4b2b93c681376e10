package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schema.Column;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which key or list a name belongs to when several would get it. */
class NamesTest {
  @TempDir Path dir;

  private Runs resource(String keys) {
    return Runs.of(dir, "", "", keys);
  }

  private static Map<String, Object> hints(Runs r, String column) {
    return r.schema().table("t").orElseThrow().columns().stream()
        .filter(c -> c.name().equals(column))
        .map(Column::hints)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void givesADeclaredColumnToTheFirstKeyWhoseValueIsLoaded() throws IOException {
    Runs r =
        resource("primary_key: id, columns: {user_id: {data_type: bigint}}")
            .everyWay(
                "{\"id\":1,\"User-Id\":null}",
                "{\"id\":null,\"user_id\":1}",
                "{\"id\":2,\"userId\":3}",
                "{\"id\":4,\"user_id\":5,\"userId\":6}");
    assertThat(r.data("t"))
        .containsExactly("id=1", "id=2 user_id=3", "id=4 user_id=6 user_id__3dpjsg=5");
    assertThat(hints(r, "user_id")).containsEntry("x-key", "/userId");
    assertThat(r.note("names_apart")).isEqualTo(1);
  }

  @Test
  void keepsAKeyBesideAColumnThatEveryTableHas() throws IOException {
    Runs r =
        resource("primary_key: xmax")
            .beside("xmin", "xmax")
            .everyWay("{\"xmin\":1,\"box\":{\"xmin\":2},\"xmax\":3,\"xmin_\":4}");
    assertThat(r.columns("t")).containsExactly("xmin_", "xmax_", "xminx", "box__xmin");
    assertThat(hints(r, "xmax_")).containsEntry("primary_key", true);
    assertThat(r.data("t")).containsExactly("box__xmin=2 xmax_=3 xmin_=1 xminx=4");
  }

  @Test
  void givesADeclaredColumnAlsoToAKeyWhoseValueGoesToItsVariant() throws IOException {
    Runs r =
        resource("columns: {a_b: {data_type: bigint}}")
            .everyWay("{\"aB\":\"x\"}", "{\"a_b\":1}", "{\"aB\":2}");
    assertThat(r.columns("t")).hasSize(3).startsWith("a_b", "a_b__v_text");
    assertThat(r.data("t")).hasSize(3).contains("a_b__v_text=x", "a_b=2");
  }

  @Test
  void leavesADeclaredColumnToOthersOnceAKeyHasItsOwn() throws IOException {
    Runs r =
        resource("schema_contract: {data_type: discard_value}, columns: {a_b: {data_type: bigint}}")
            .everyWay(
                "{\"a/b\":\"x\",\"a_b\":1}", "{\"a_b\":\"y\",\"a b\":2}", "{\"a b\":3,\"a_b\":4}");
    String own = r.columns("t").get(1);
    assertThat(r.columns("t")).containsExactly("a_b", own);
    assertThat(r.data("t")).containsExactly(own + "=1", "a_b=2", "a_b=3 " + own + "=4");
    assertThat(r.rejects()).as("a/b of the first record, a_b of the second").hasSize(2);
  }

  @Test
  void letsTheLastOfAVariantAndAKeyOfItsNameMakeTheColumnAsDltDoes() throws IOException {
    String columns = "columns: {a: {data_type: bigint}, a__v_text: {}}";
    Runs key = Runs.of(dir, "schema: {compat: dlt}", "", columns);
    key.segment("{\"a\":\"x\",\"a__v_text\":5}");
    assertThat(key.data("t")).containsExactly("a__v_text=5");
    assertThat(key.columns().get("t")).contains("a__v_text BIGINT");
    assertThat(hints(key, "a__v_text")).doesNotContainKey("variant");
    Runs variant = Runs.of(dir, "schema: {compat: dlt}", "", columns);
    variant.segment("{\"a__v_text\":5,\"a\":\"x\"}");
    assertThat(variant.data("t")).containsExactly("a__v_text=x");
    assertThat(hints(variant, "a__v_text")).containsEntry("variant", true);
  }

  @Test
  void keepsAListAsOneValueOnceARowBeforeItInTheRecordMadeItsColumnJson() throws IOException {
    for (String compat : List.of("none", "dlt")) {
      Runs r = Runs.of(dir, "schema: {compat: " + compat + "}", "", "max_table_nesting: 2");
      r.segment(
          "{\"k\":[[],{\"list\":[1.50,[{\"x\":\"\\u00e9\"}]],\"y\":2}]}",
          "{\"k\":[{\"list\":[3]}]}");
      assertThat(r.columns().keySet()).as(compat).containsExactly("t", "t__k of t");
      assertThat(r.data("t__k").toString())
          .as(compat)
          .matches(
              "\\[list=json:\\[], list=json:\\[1.50?,\\[\\{\"x\":\"é\"}]] y=2, list=json:\\[3]]");
    }
  }

  @Test
  void keepsTheColumnOfAKeyWhenWhatTookItsNameWasNotLoaded() throws IOException {
    Runs r =
        resource("columns: {a: {data_type: bigint}}, schema_contract: {data_type: discard_value}")
            .everyWay("{\"a\":\"x\",\"a__v_text\":\"y\"}", "{\"a__v_text\":\"z\"}");
    assertThat(r.data("t")).hasSize(2).allMatch(row -> row.matches("a__v_text__.{6}=[yz]"));
  }

  @Test
  void remembersInTheSchemaThatADeclaredColumnIsFree() throws IOException {
    Runs first = resource("columns: {a_b: {data_type: bigint}}").segment("{\"c\":1}");
    assertThat(hints(first, "a_b")).containsEntry("x-key", "");
    Runs later = first.from(first).segment("{\"aB\":1}");
    assertThat(later.data("t")).containsExactly("a_b=1");
    Runs last = later.from(later).segment("{\"a_b\":2,\"aB\":3}");
    assertThat(last.data("t")).singleElement().asString().startsWith("a_b=3 a_b__");
    assertThat(resource("columns: {a_b: {data_type: bigint}}").segment("{\"a_b\":1}").schema())
        .as("a name that tells its key needs no note")
        .satisfies(s -> assertThat(s.table("t").orElseThrow().columns().get(0).hints()).isEmpty());
  }

  @Test
  void keepsAnObjectInADeclaredColumnOfJsonWhateverItsKeyIsCalled() throws IOException {
    Runs r =
        resource("columns: {pay_load: {data_type: json}}")
            .everyWay("{\"payLoad\":{\"a\":1}}", "{\"payLoad\":{\"b\":[2]}}");
    assertThat(r.data("t")).containsExactly("pay_load=json:{\"a\":1}", "pay_load=json:{\"b\":[2]}");
  }

  @Test
  void takesNoNameForWhatIsNotLoaded() throws IOException {
    Runs r =
        resource("")
            .everyWay(
                "{\"a b\":[{\"x\":1}], oops",
                "{\"a.b\":[1],\"a.b\":2}",
                "{\"a_b\":[3]}",
                "{\"a b\":[4]}");
    assertThat(r.data("t__a_b")).containsExactly("value=3");
    assertThat(r.landed.rows.keySet()).filteredOn(t -> t.startsWith("t__a_b__")).hasSize(1);
  }

  @Test
  void findsAnotherNameWhenTheOneApartIsTakenToo() throws IOException {
    Runs r = resource("").everyWay("{\"a_b\":1,\"aB\":2}", "{\"a_b\":3}");
    String apart = r.columns("t").get(1);
    String[] lines = {"{\"a_b\":1,\"" + apart + "\":2,\"aB\":3}", "{\"aB\":4,\"" + apart + "\":5}"};
    Runs both = resource("").everyWay(lines);
    assertThat(both.columns("t")).hasSize(3).startsWith("a_b", apart);
    assertThat(both.data("t").get(1)).contains(apart + "=5").contains("=4");
  }

  @Test
  void appliesNestedHintsToListsOfAnyName() throws IOException {
    String hint = "{data_type: text}}}";
    for (String compat : List.of("none", "dlt")) {
      Runs r =
          Runs.of(
              dir,
              "schema: {max_identifier_length: 16, compat: " + compat + "}",
              "",
              "nested_hints: [{path: [aaaaaaaaaa, bbbbbbbbbb, cccccccccc], columns: {v: "
                  + hint
                  + ", {path: [\" \", x], columns: {v: "
                  + hint
                  + "]");
      r.segment(
          "{\"aaaaaaaaaa\":{\"bbbbbbbbbb\":{\"cccccccccc\":[{\"v\":1}]}},\"\":{\"x\":[{\"v\":2}]}}");
      assertThat(r.columns().keySet()).as(compat).hasSize(3);
      assertThat(r.columns().values())
          .as(compat)
          .filteredOn(c -> c.contains("v VARCHAR"))
          .hasSize(2);
    }
  }

  @Test
  void appliesNestedHintsToListsWhoseNamesDifferInCaseOnly() throws IOException {
    Runs r =
        Runs.of(
                dir,
                "schema: {naming: sql_cs_v1}",
                "",
                "nested_hints: [{path: [A], columns: {v: {data_type: text}}}]")
            .segment("{\"a\":[{\"v\":1}]}");
    assertThat(r.columns().values()).anyMatch(c -> c.contains("v VARCHAR"));
  }

  @Test
  void appliesNestedHintsToAListThatIsCalledAsAColumnOfTheDestination() throws IOException {
    Runs r =
        resource("nested_hints: [{path: [ctid], columns: {v: {data_type: text}}}]")
            .beside("ctid")
            .everyWay("{\"ctid\":[{\"v\":1}]}", "{\"ctid\":2}");
    assertThat(r.columns().get("t__ctid of t")).contains("v VARCHAR");
    assertThat(r.columns("t")).containsExactly("ctid_");
  }

  @Test
  void appliesNestedHintsToEveryListOfThatName() throws IOException {
    Runs r =
        resource("nested_hints: [{path: [lst], columns: {v: {data_type: text}}}]")
            .everyWay("{\"lst\":[{\"v\":1}],\"Lst\":[{\"v\":2}]}", "{\"LST\":[]}");
    assertThat(r.data("t__lst")).containsExactly("v=1");
    String other =
        r.landed.rows.keySet().stream().filter(t -> t.startsWith("t__lst__")).findFirst().get();
    assertThat(r.landed.columns().get(other + " of t")).contains("v VARCHAR");
  }
}
