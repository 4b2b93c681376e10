package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects whose keys are data. */
class MapRowsTest {
  @TempDir Path dir;

  private Runs map(String hint) {
    return Runs.of(dir, "", "", "nested_hints: [{path: [rates], " + hint + "}]");
  }

  @Test
  void makesARowOfEachEntry() throws IOException {
    Runs r =
        map("map: true")
            .everyWay(
                "{\"id\":1,\"rates\":{\"usd\":1,\"eur\":2}}",
                "{\"id\":2,\"rates\":{}}",
                "{\"id\":3,\"rates\":null}",
                "{\"id\":4}",
                "{\"id\":5,\"rates\":{\"us\\u0064\":3,\"\":null}}");
    assertThat(r.data("t")).containsExactly("id=1", "id=2", "id=3", "id=4", "id=5");
    assertThat(r.data("t__rates"))
        .containsExactly("key=usd value=1", "key=eur value=2", "key=usd value=3", "key=");
    assertThat(r.columns().keySet()).containsExactly("t", "t__rates of t");
    Map<String, Object> first = r.landed.rows.get("t").get(0);
    assertThat(r.landed.rows.get("t__rates").get(1))
        .as("entries hang from their record, in their order")
        .containsEntry("_mr_parent_id", first.get("_mr_id"))
        .containsEntry("_mr_list_idx", "1");
  }

  @Test
  void flattensEntriesThatAreObjectsAndMakesTablesOfTheirLists() throws IOException {
    Runs r =
        map("map: {key: day}, columns: {day: {data_type: date}}")
            .everyWay(
                "{\"rates\":{\"2024-01-01\":{\"open\":{\"at\":1},\"trades\":[5,6]},\"2024-01-02\":{\"open\":{\"at\":2}}}}",
                "{\"rates\":{\"2024-01-03\":[7,8],\"someday\":true}}");
    assertThat(r.data("t__rates"))
        .containsExactly(
            "day=2024-01-01 open__at=1",
            "day=2024-01-02 open__at=2",
            "day=2024-01-03",
            "day__v_text=someday value=true");
    assertThat(r.data("t__rates__trades")).containsExactly("value=5", "value=6");
    assertThat(r.data("t__rates__value")).containsExactly("value=7", "value=8");
  }

  @Test
  void readsMapsInMapsAndInObjects() throws IOException {
    Runs r =
        Runs.of(
                dir,
                "",
                "",
                "nested_hints: [{path: [a, rates], map: {key: day}}, {path: [a, rates, value], map: {key: unit, value: rate}}]")
            .everyWay(
                "{\"a\":{\"rates\":{\"d1\":{\"usd\":1,\"eur\":2.5},\"d2\":{\"usd\":3}},\"b\":1}}");
    assertThat(r.data("t")).containsExactly("a__b=1");
    assertThat(r.data("t__a__rates")).containsExactly("day=d1", "day=d2");
    assertThat(r.data("t__a__rates__value"))
        .containsExactly("rate=1 unit=usd", "rate__v_double=2.5 unit=eur", "rate=3 unit=usd");
    assertThat(r.schema().table("t__a__rates").orElseThrow().parent())
        .as("the path names no tables between")
        .isEqualTo("t");
  }

  @Test
  void keepsTheKeyApartFromAColumnOfThatName() throws IOException {
    Runs r =
        map("map: true")
            .everyWay(
                "{\"rates\":{\"usd\":{\"key\":7,\"value\":8}}}",
                "{\"rates\":{\"eur\":{\"key\":9}}}");
    assertThat(r.data("t__rates").get(0)).matches("key=usd key__\\w{6}=7 value=8");
    assertThat(r.data("t__rates").get(1)).matches("key=eur key__\\w{6}=9");
    assertThat(r.note("names_apart")).isPositive();
  }

  @Test
  void takesTheLastOfEntriesWithOneKey() throws IOException {
    Runs r =
        map("map: true")
            .everyWay(
                "{\"rates\":{\"a\":{\"x\":1,\"l\":[1]},\"b\":2,\"a\":{\"x\":3,\"l\":[4,5]},\"c\":{\"d\":{\"e\":6}},\"b\":7},\"z\":1}");
    assertThat(r.data("t")).containsExactly("z=1");
    assertThat(r.data("t__rates")).containsExactly("key=a x=3", "d__e=6 key=c", "key=b value=7");
    assertThat(r.data("t__rates__l")).containsExactly("value=4", "value=5");
    assertThat(r.note("duplicate_keys")).isEqualTo(2);
  }

  @Test
  void carriesRootIdsUnderMergeAndMayHaveAKeyOfItsOwn() throws IOException {
    Runs r =
        Runs.of(
                dir,
                "",
                "",
                "primary_key: id, write_disposition: merge, nested_hints: [{path: [rates], map: true}]")
            .everyWay("{\"id\":1,\"rates\":{\"usd\":{\"l\":[1]}}}");
    Object root = r.landed.rows.get("t").get(0).get("_mr_id");
    assertThat(r.landed.rows.get("t__rates").get(0)).containsEntry("_mr_root_id", root);
    assertThat(r.landed.rows.get("t__rates__l").get(0)).containsEntry("_mr_root_id", root);
    Runs cut =
        map("map: {key: unit}, primary_key: unit, write_disposition: merge")
            .everyWay("{\"rates\":{\"usd\":1,\"eur\":2}}");
    assertThat(cut.data("t__rates")).containsExactly("unit=usd value=1", "unit=eur value=2");
    assertThat(cut.schema().table("t__rates").orElseThrow().parent()).isNull();
  }

  @Test
  void takesAnythingElseAtThatPlaceAsUsual() throws IOException {
    Runs r =
        map("map: true")
            .everyWay(
                "{\"rates\":{\"usd\":1}}", "{\"rates\":[{\"a\":1},2]}", "{\"rates\":\"none\"}");
    assertThat(r.data("t__rates")).containsExactly("key=usd value=1", "a=1", "value=2");
    assertThat(r.data("t")).containsExactly("", "", "rates=none");
  }

  @Test
  void keepsItAsJsonWhereNestingEnds() throws IOException {
    Runs r =
        Runs.of(dir, "", "", "max_table_nesting: 0, nested_hints: [{path: [rates], map: true}]")
            .everyWay("{\"rates\":{\"usd\":1}}");
    assertThat(r.data("t")).containsExactly("rates=json:{\"usd\":1}");
    assertThat(r.landed.rows.keySet()).isEqualTo(Set.of("t"));
  }
}
