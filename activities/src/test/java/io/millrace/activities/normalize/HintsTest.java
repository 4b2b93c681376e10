package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the user says about tables and columns, and settings of the normalizer. */
class HintsTest {
  @TempDir Path dir;

  private Runs resource(String keys) {
    return Runs.of(dir, "", "", keys);
  }

  private static Column column(Runs r, String table, String name) {
    return r.schema().table(table).orElseThrow().column(name).orElseThrow();
  }

  @Test
  void makesColumnsOfNullsWhenAsked() throws IOException {
    String[] lines = {
      "{\"id\":1,\"a\":null,\"o\":{\"b\":null},\"l\":[null]}",
      "{\"id\":null,\"a\":5,\"when\":null,\"o\":{\"b\":{\"c\":1}}}"
    };
    Runs without = resource("").everyWay(lines);
    assertThat(without.columns("t")).containsExactly("id", "a", "o__b__c");
    Runs with =
        Runs.of(dir, "schema: {null_columns: text, preferred_types: {when: timestamp}}", "", "")
            .everyWay(lines);
    assertThat(with.columns("t")).containsExactly("id", "a", "o__b", "when", "o__b__c");
    assertThat(with.columns("t__l")).containsExactly("value");
    assertThat(with.columns().get("t").toString()).contains("when TIMESTAMP WITH TIME ZONE");
    assertThat(with.data("t")).containsExactly("id=1", "a=5 o__b__c=1");
    assertThat(with.data("t__l")).containsExactly("");
  }

  @Test
  void makesNoColumnOfANullThatTheContractOrTheCapForbids() throws IOException {
    Runs first = resource("").segment("{\"id\":1}");
    Runs frozen =
        Runs.of(dir, "schema: {null_columns: text}", "", "schema_contract: {columns: freeze}")
            .from(first)
            .everyWay("{\"id\":2,\"a\":null}");
    assertThat(frozen.columns("t")).containsExactly("id");
    Runs full =
        Runs.of(dir, "schema: {null_columns: text}", "limits: {columns_per_table: 1}", "")
            .everyWay("{\"id\":2,\"a\":null}");
    assertThat(full.columns("t")).containsExactly("id");
  }

  @Test
  void limitsNestingOnAllThreeLevels() throws IOException {
    String line = "{\"a\":{\"b\":{\"c\":1}},\"l\":[{\"d\":{\"e\":1}}],\"m\":[{\"d\":{\"e\":1}}]}";
    assertThat(Runs.of(dir, "", "max_table_nesting: 1", "").everyWay(line).columns("t"))
        .containsExactly("a__b");
    assertThat(
            Runs.of(dir, "", "max_table_nesting: 0", "max_table_nesting: 2")
                .everyWay(line)
                .columns("t"))
        .containsExactly("a__b__c");
    Runs nested =
        Runs.of(
                dir,
                "",
                "max_table_nesting: 1",
                "nested_hints: [{path: [l], max_table_nesting: 3}]")
            .everyWay(line);
    assertThat(nested.data("t__l")).containsExactly("d__e=1");
    assertThat(nested.data("t__m")).containsExactly("d=json:{\"e\":1}");
    assertThat(nested.schema().table("t__l").orElseThrow().hints().get("x-normalizer"))
        .asString()
        .contains("max_nesting=3");
  }

  @Test
  void appliesTheContractOfTheNearestLevel() throws IOException {
    Runs first =
        resource("").segment("{\"id\":1,\"l\":[{\"a\":1,\"k\":[{\"b\":1}]}],\"m\":[{\"a\":1}]}");
    String line =
        "{\"id\":2,\"x\":1,\"l\":[{\"a\":1,\"y\":2,\"k\":[{\"b\":1,\"z\":3}]}],\"m\":[{\"a\":1,\"w\":4}]}";
    Runs r =
        Runs.of(
                dir,
                "",
                "schema_contract: {columns: discard_row}",
                "schema_contract: {columns: discard_value}, nested_hints: [{path: [l], schema_contract: evolve}]")
            .from(first)
            .everyWay(line);
    assertThat(r.data("t")).containsExactly("id=2");
    assertThat(r.data("t__l")).containsExactly("a=1 y=2");
    assertThat(r.data("t__l__k")).containsExactly("b=1 z=3");
    assertThat(r.data("t__m")).containsExactly("a=1");
    Runs source =
        Runs.of(dir, "", "schema_contract: {columns: discard_row}", "").from(first).everyWay(line);
    assertThat(source.data("t")).as("the source's holds where no other is").isEmpty();
    assertThat(source.rejects()).hasSize(1);
  }

  @Test
  void letsAListsTableGrowWithItsFirstRowAloneAsDltDoes() throws IOException {
    String contract = "schema_contract: {columns: discard_value}";
    String[] lines = {"{\"id\":1,\"l\":[{\"x\":1}]}", "{\"a\":2,\"l\":[{\"x\":2,\"y\":3}]}"};
    Runs dlt = Runs.of(dir, "schema: {compat: dlt}", "", contract).everyWay(lines);
    assertThat(dlt.columns("t")).as("a root grows in its whole run").containsExactly("id", "a");
    assertThat(dlt.columns("t__l")).containsExactly("x");
    String spoken = contract + ", nested_hints: [{path: [l], columns: {z: {data_type: text}}}]";
    Runs hinted = Runs.of(dir, "schema: {compat: dlt}", "", spoken).everyWay(lines);
    assertThat(hinted.columns("t__l")).as("with hints").containsExactly("z", "x", "y");
    assertThat(Runs.of(dir, "", "", contract).everyWay(lines).columns("t__l"))
        .as("without compat no value of the first run is left out")
        .containsExactly("x", "y");
  }

  @Test
  void storesAContractAsItWasSaid() throws IOException {
    String line = "{\"id\":1}";
    for (String said : List.of("evolve", "{tables=evolve, columns=freeze}")) {
      String yaml = "schema_contract: " + said.replace("=", ": ");
      assertThat(contract(Runs.of(dir, "", "", yaml).segment(line))).isEqualTo(said);
      Runs before = Runs.of(dir, "", yaml, "").segment(line);
      assertThat(contract(before)).as("a source's is among the settings").isEqualTo("null");
      assertThat(contract(Runs.of(dir, "", yaml, "").from(before).segment(line))).isEqualTo("null");
      Runs free = Runs.of(dir, "", "", "").segment(line);
      assertThat(contract(Runs.of(dir, "", yaml, "").from(free).segment(line)))
          .as("one that comes later is written to the tables")
          .isEqualTo(said);
    }
  }

  private static String contract(Runs r) {
    return String.valueOf(r.schema().table("t").orElseThrow().hints().get("schema_contract"));
  }

  @Test
  void storesTheStrategyOfAMergeWhereItIsSaid() throws IOException {
    Map<String, String> said =
        Map.of(
            "merge", "null",
            "{disposition: merge}", "null",
            "{disposition: merge, deduplicated: true}", "null",
            "{disposition: merge, strategy: delete-insert}", "delete-insert",
            "{disposition: merge, strategy: upsert}", "upsert");
    for (Map.Entry<String, String> e : said.entrySet()) {
      Runs r = resource("primary_key: id, write_disposition: " + e.getKey()).everyWay("{\"id\":1}");
      Object strategy = r.schema().table("t").orElseThrow().hints().get("x-merge-strategy");
      assertThat(String.valueOf(strategy)).as(e.getKey()).isEqualTo(e.getValue());
    }
  }

  @Test
  void freezesTablesColumnsAndTypes() throws IOException {
    Runs first = resource("").segment("{\"id\":1}");
    String[][] cases = {
      {
        "tables",
        "{\"id\":2,\"l\":[1]}",
        "Cannot add table t__l: the schema contract freezes tables"
      },
      {
        "columns",
        "{\"id\":2,\"a\":1}",
        "Cannot add column a to table t: the schema contract freezes columns"
      },
      {
        "data_type",
        "{\"id\":\"x\"}",
        "Cannot add column id__v_text to table t: the schema contract freezes data types"
      }
    };
    for (String[] c : cases) {
      Runs r = resource("schema_contract: {" + c[0] + ": freeze}").from(first);
      assertThatThrownBy(() -> r.segment(c[1]))
          .isInstanceOfSatisfying(
              MillraceException.class,
              e -> assertThat(e.failure()).isEqualTo(Failure.CONTRACT_FROZEN))
          .hasMessageStartingWith(c[2]);
      assertThat(r.again().segment("{\"id\":3,\"a\":null,\"l\":[]}").data("t"))
          .containsExactly("id=3");
    }
  }

  @Test
  void keepsHintsOfColumnsInTheSchema() throws IOException {
    Runs r =
        resource(
                "columns: {del: {hard_delete: true}, at: {dedup_sort: desc, data_type: timestamp,"
                    + " timezone: false, precision: 3}, u: {unique: true}, amount: {data_type: decimal, precision: 10, scale: 3}}, primary_key: id,"
                    + " merge_key: day, write_disposition: merge")
            .everyWay(
                "{\"id\":1,\"day\":\"x\",\"del\":true,\"u\":1,\"at\":\"2024-01-02T03:04:05.678+01:00\",\"amount\":1.0005}");
    assertThat(column(r, "t", "del").hints()).containsEntry("hard_delete", true);
    assertThat(column(r, "t", "at").hints()).containsEntry("dedup_sort", "desc");
    assertThat(column(r, "t", "u").hints()).containsEntry("unique", true);
    assertThat(column(r, "t", "id").hints()).containsEntry("primary_key", true);
    assertThat(column(r, "t", "day").hints()).containsEntry("merge_key", true);
    assertThat(r.columns("t")).containsExactly("at", "amount", "id", "day", "del", "u");
    assertThat(r.data("t").get(0)).contains("at=2024-01-02T02:04:05.678000 ", "amount=1.001 ");
  }

  @Test
  void marksTheVersionByWhichUnchangedRowsAreSkipped() throws IOException {
    String skip =
        "primary_key: id, write_disposition: {disposition: merge, strategy: %s, skip_unchanged_rows: %s,"
            + " row_version_column_name: rowVer, deduplicated: true}";
    for (String strategy : List.of("upsert", "cdc")) {
      Runs r = resource(skip.formatted(strategy, true)).everyWay("{\"id\":1,\"rowVer\":2}");
      assertThat(column(r, "t", "row_ver").hints()).containsEntry("x-row-version", true);
      assertThat(column(r, "t", "row_ver").acceptsNull()).isFalse();
    }
    Runs r = resource(skip.formatted("upsert", false)).everyWay("{\"id\":1,\"rowVer\":2}");
    assertThat(column(r, "t", "row_ver").hints())
        .as("all is compared")
        .doesNotContainKey("x-row-version");
  }

  @Test
  void prefersTypesByNameAndByPattern() throws IOException {
    Runs r =
        Runs.of(
                dir,
                "schema: {preferred_types: {zip: text, \"re:_at$\": timestamp, raw: json, \"re:^n\": double}}",
                "",
                "")
            .everyWay(
                "{\"zip\":12345,\"made_at\":1700000000,\"raw\":{\"a\":[1]},\"n\":1,\"o\":{\"zip\":7}}",
                "{\"zip\":{\"a\":1},\"raw\":[2]}");
    assertThat(r.columns().get("t").toString())
        .contains("zip VARCHAR", "made_at TIMESTAMP WITH TIME ZONE", "raw JSON", "n DOUBLE");
    assertThat(r.data("t"))
        .containsExactly(
            "made_at=2023-11-14T22:13:20.000000Z n=1.0 o__zip=7 raw=json:{\"a\":[1]} zip=12345",
            "raw=json:[2] zip__a=1");
  }

  @Test
  void givesTheIdOfTheRootToNewListsOnceItDidSo() throws IOException {
    Runs first =
        resource("primary_key: id, write_disposition: merge").segment("{\"id\":1,\"l\":[1]}");
    for (String then : List.of("append", "replace")) {
      Runs r = resource("write_disposition: " + then).from(first).everyWay("{\"id\":2,\"m\":[2]}");
      assertThat(r.schema().table("t__m").orElseThrow().column("_mr_root_id")).as(then).isPresent();
    }
    Runs never = resource("").segment("{\"id\":1,\"l\":[1]}");
    assertThat(never.schema().table("t__l").orElseThrow().column("_mr_root_id")).isEmpty();
  }

  @Test
  void prefersTheFirstTypeThatIsSaidForAName() throws IOException {
    String[] types = {"\"re:^zip\": double", "zip: text"};
    for (int first = 0; first < 2; first++) {
      String said = types[first] + ", " + types[1 - first];
      Runs r = Runs.of(dir, "schema: {preferred_types: {" + said + "}}", "", "");
      assertThat(r.everyWay("{\"zip\":1}").columns().get("t").toString())
          .contains(first == 0 ? "zip DOUBLE" : "zip VARCHAR");
    }
  }

  @Test
  void storesWhatHintsSayOfATableWhenARecordComesForItInCompat() throws IOException {
    String hints =
        "columns: {a: {data_type: text}}, incremental: {cursor_path: n, initial_value: 5}";
    for (String compat : List.of("none", "dlt")) {
      Runs none = Runs.of(dir, "schema: {compat: " + compat + "}", "", hints);
      assertThat(none.segment("{\"n\":1}").schema().table("t").isPresent())
          .as(compat)
          .isEqualTo(compat.equals("none"));
      assertThat(none.segment("{\"n\":7}").schema().table("t").isPresent()).as(compat).isTrue();
    }
  }

  @Test
  void prefersTypesByKeysAsTheyAreInTheData() throws IOException {
    String types = "preferred_types: {zipCode: text, Home__Zip Code: text, re:^zipCode: double}";
    String line = "{\"zipCode\":1,\"home\":{\"zipCode\":2}}";
    Runs r = Runs.of(dir, "schema: {" + types + "}", "", "").everyWay(line);
    assertThat(r.columns().get("t").toString())
        .contains("zip_code VARCHAR", "home__zip_code VARCHAR");
    assertThat(r.schema().settings().at("/settings/preferred_types").toString())
        .isEqualTo(
            "{\"zip_code\":\"text\",\"home__zip_code\":\"text\",\"re:^zipCode\":\"double\"}");
    Runs dlt = Runs.of(dir, "schema: {" + types + ", compat: dlt}", "", "").everyWay(line);
    assertThat(dlt.columns().get("t").toString())
        .as("a space makes it a pattern to dlt")
        .contains("zip_code VARCHAR", "home__zip_code BIGINT");
  }

  @Test
  void prefersNoTypesForOurOwnColumns() throws IOException {
    for (String compat : List.of("none", "dlt")) {
      String types = "preferred_types: {_mr_list_idx: json, _mr_id: bigint}";
      Runs r = Runs.of(dir, "schema: {" + types + ", compat: " + compat + "}", "", "");
      r.segment("{\"l\":[{\"_mr_list_idx\":[1]},{\"_mr_list_idx\":[2]}]}");
      assertThat(r.data("t__l___mr_list_idx")).as(compat).containsExactly("value=1", "value=2");
    }
  }

  @Test
  void detectsWhatItIsToldToDetect() throws IOException {
    Map<String, String> seen =
        Map.of(
            "[]", "VARCHAR VARCHAR VARCHAR BIGINT DECIMAL(38,0)",
            "[iso_timestamp]",
                "TIMESTAMP WITH TIME ZONE TIMESTAMP WITH TIME ZONE VARCHAR BIGINT DECIMAL(38,0)",
            "[rfc3339_timestamp]", "TIMESTAMP WITH TIME ZONE VARCHAR VARCHAR BIGINT DECIMAL(38,0)",
            "[iso_date, timestamp]", "VARCHAR VARCHAR DATE TIMESTAMP WITH TIME ZONE DECIMAL(38,0)",
            "[large_integer, wei_to_double]", "VARCHAR VARCHAR VARCHAR BIGINT DECIMAL(38,0)",
            "[wei_to_double]", "VARCHAR VARCHAR VARCHAR BIGINT DOUBLE");
    for (Map.Entry<String, String> e : seen.entrySet()) {
      Runs r =
          Runs.of(dir, "schema: {detections: " + e.getKey() + "}", "", "")
              .everyWay(
                  "{\"a\":\"2024-01-02T03:04:05+02:00\",\"b\":\"2024 10:30\",\"c\":\"2024-01-02\",\"d\":1700000000,\"e\":18446744073709551616}");
      assertThat(String.join(" ", r.columns().get("t").subList(0, 5)).replaceAll("\\b[a-e] ", ""))
          .as(e.getKey())
          .isEqualTo(e.getValue());
    }
  }

  @Test
  void keepsEveryDigitOfADecimal() throws IOException {
    String[] lines = {"{\"d\":123456789.123456789}", "{\"d\":0.1234567894999999999}"};
    String column = "columns: {d: {data_type: decimal}}";
    assertThat(resource(column).everyWay(lines).data("t"))
        .containsExactly("d=123456789.123456789", "d=0.123456789");
    assertThat(Runs.of(dir, "system_prefix: _dlt", "", column).segment(lines).data("t").get(0))
        .as("dlt goes through a double")
        .isEqualTo("d=123456789.123456790");
  }

  @Test
  void givesANameToTheFirstListThatIsLoaded() throws IOException {
    Runs r =
        resource("incremental: {cursor_path: n, initial_value: 5}")
            .everyWay(
                "{\"n\":1,\"Lst\":[1]}",
                "{\"n\":6,\"lst\":[2]}",
                "{\"n\":7,\"Lst\":[3],\"lst\":[4]}");
    assertThat(r.columns().keySet()).contains("t__lst of t").hasSize(3);
    assertThat(r.data("t__lst")).containsExactly("value=2", "value=4");
  }

  @Test
  void callsKeysWithoutANameEmpty() throws IOException {
    Runs r =
        resource("")
            .everyWay(
                "{\"\":1}", "{\"a\":{\"__\":2}}", "{\"b\":{\" \":[3]}}", "{\"\\t\":{\"c\":4}}");
    assertThat(r.data("t")).containsExactly("_empty=1", "a___empty=2", "", "_empty__c=4");
    assertThat(r.data("t__b___empty")).containsExactly("value=3");
  }

  @Test
  void leavesKeysWithoutANameOutInCompat() throws IOException {
    Runs r =
        Runs.of(dir, "schema: {compat: dlt}", "", "")
            .everyWay(
                "{\"a\":{\"__\":1,\"\":2},\"__\":{\"b\":3,\"l\":[4]}}",
                "{\"a\":{\"\":[5]}}",
                "{\"l\":[{\"c\":6,\"\":[7]}],\"\":[8]}");
    assertThat(r.data("t")).containsExactly("a=1 a___empty=2 b=3", "", "");
    assertThat(r.data("t__a")).containsExactly("value=5");
    assertThat(r.data("t__l")).containsExactly("value=4", "c=6", "value=7");
    assertThat(r.data("t___empty")).as("dlt fails").containsExactly("value=8");
  }

  @Test
  void takesAllListsThatMeetWhereAKeyHasNoNameInCompat() throws IOException {
    Runs r =
        Runs.of(dir, "schema: {compat: dlt}", "", "")
            .everyWay(
                "{\"aB\":{\"\":[1]},\"a_b\":[\"x\"]}",
                "{\"c\":{\"__\":{\"d\":[2]},\"d\":[3]},\"e\":{\"d\":[4]},\"E\":{\"d\":[5]}}");
    assertThat(r.data("t__a_b")).containsExactly("value=x", "value=1");
    assertThat(r.data("t__c__d")).containsExactly("value=3", "value=2");
    assertThat(r.data("t__e__d")).as("one key to dlt").containsExactly("value=4");
  }

  @Test
  void takesAKeyInThePathOfNestedHintsAsOneComponentInCompat() throws IOException {
    String hints =
        "nested_hints: [{path: [o__l], columns: {a: {data_type: bigint}}},"
            + " {path: [o, m], columns: {a: {data_type: bigint}}}]";
    String line = "{\"o\":{\"l\":[{\"a\":\"1\"}],\"m\":[{\"a\":\"1\"}]}}";
    Runs own = resource(hints).everyWay(line);
    assertThat(column(own, "t__o__l", "a").type()).isEqualTo(DataType.BIGINT);
    Runs dlt = Runs.of(dir, "schema: {compat: dlt}", "", hints).everyWay(line);
    assertThat(column(dlt, "t__o__l", "a").type()).isEqualTo(DataType.TEXT);
    assertThat(column(dlt, "t__o__m", "a").type()).isEqualTo(DataType.BIGINT);
  }

  @Test
  void takesATextThatIsJsonsNullForNothingInCompat() throws IOException {
    String[] lines = {"{\"id\":1,\"j\":\"null\"}", "{\"id\":2,\"j\":\"[null]\"}"};
    String json = "columns: {j: {data_type: json}}";
    assertThat(resource(json).everyWay(lines).data("t"))
        .containsExactly("id=1 j=json:null", "id=2 j=json:[null]");
    assertThat(Runs.of(dir, "schema: {compat: dlt}", "", json).everyWay(lines).data("t"))
        .containsExactly("id=1", "id=2 j=json:[null]");
  }

  @Test
  void makesARowOfANullInAPageInCompat() throws IOException {
    String[] lines = {"[null,{\"a\":1}]", "null"};
    assertThat(resource("").everyWay(lines).data("t")).containsExactly("a=1");
    assertThat(Runs.of(dir, "schema: {compat: dlt}", "", "").everyWay(lines).data("t"))
        .containsExactly("", "a=1");
  }

  @Test
  void keepsNamesApartThatDifferOnlyInCaseWhereTheDestinationFoldsIt() throws IOException {
    String[] lines = {
      "{\"id\":1,\"l\":[1]}", "{\"ID\":2,\"id\":3,\"L\":[2],\"l\":[3]}", "{\"ID\":4,\"L\":[5]}"
    };
    for (String naming : new String[] {"direct", "duck_case", "sql_cs_v1"}) {
      Runs r = Runs.of(dir, "schema: {naming: " + naming + "}", "", "").everyWay(lines);
      assertThat(r.data("t").get(0)).isEqualTo("id=1");
      assertThat(r.data("t").get(1)).matches("ID(▶|__?)\\w{6}=2 id=3");
      assertThat(r.data("t").get(2)).matches("ID(▶|__?)\\w{6}=4");
      assertThat(r.columns()).hasSize(3);
      assertThat(r.note("names_apart")).isEqualTo(2);
    }
  }

  @Test
  void appliesEveryNamingConvention() throws IOException {
    String line =
        "{\"camelCase\":1,\"With Space\":1,\"a__b\":1,\"1st\":1,\"quo\\\"te\":1,\"tail_\":1,\"\":1,\"Obj\":{\"In-ner\":1},\"Li st\":[{\"X\":\"a\"},{\"X\":1}],\"x'y\":1}";
    Map<String, String> expected =
        Map.of(
            "snake_case",
                "camel_case with_space a__b _1st quo_te tailx _empty x_y obj__in_ner / t__li_st: x",
            "sql_cs_v1",
                "camelCase With_Space a__b _1st quo_te tail _empty x_y Obj__In_ner / t__Li_st: X",
            "sql_ci_v1",
                "camelcase with_space a__b _1st quo_te tail _empty x_y obj__in_ner / t__li_st: x",
            "duck_case",
                "camelCase With Space a__b 1st quo_te tail_ _empty x'y Obj__In-ner / t__Li st: X",
            "direct",
                "camelCase With Space a__b 1st quo_te tail_ _empty x_y Obj▶In-ner / t▶Li st: X");
    for (Map.Entry<String, String> e : expected.entrySet()) {
      Runs r = Runs.of(dir, "schema: {naming: " + e.getKey() + "}", "", "").everyWay(line);
      String list = e.getValue().replaceAll(".* / |: .*", "");
      assertThat(String.join(" ", r.columns("t")) + " / " + list + ": " + r.columns(list).get(0))
          .as(e.getKey())
          .isEqualTo(e.getValue());
      assertThat(r.data(list)).hasSize(2);
    }
  }
}
