package io.millrace.asset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {
  // a -> b -> c -> d in shop; files.e alone; shop.off is not selected and stands between b and x
  private static final AssetGraph GRAPH =
      AssetGraph.of(
          List.of(
              asset("shop.a", "rest_api", true, "core", List.of("slow", "fin")),
              asset("shop.b", "rest_api", true, "core", List.of("fin"), "shop.a"),
              asset("shop.c", "rest_api", true, null, List.of(), "shop.b"),
              asset("shop.d", "rest_api", true, null, List.of("slow"), "shop.c"),
              asset("shop.off", "rest_api", false, null, List.of("slow"), "shop.b"),
              asset("shop.x", "rest_api", true, null, List.of(), "shop.off"),
              asset("files.e", "filesystem", true, null, List.of()),
              asset("files.My Table, (1+2)", "filesystem", true, null, List.of()),
              asset("daily", "model", true, null, List.of(), "shop.a")));

  private static Asset asset(
      String key, String kind, boolean selected, String group, List<String> tags, String... up) {
    List<AssetKey> upstream = Stream.of(up).map(AssetKey::parse).toList();
    return new Asset(AssetKey.parse(key), kind, tags, group, upstream, selected);
  }

  private static String select(String select) {
    return String.join(" ", AssetGraphTest.names(Selection.parse(select).resolve(GRAPH)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop.a                     | shop.a",
        "shop.*                     | shop.a shop.b shop.c shop.d shop.x",
        "daily                      | daily",
        "shop.off                   | shop.off",
        "shop.of*                   | ''",
        "+shop.c                    | shop.a shop.b shop.c",
        "shop.c+                    | shop.c shop.d",
        "1+shop.c                   | shop.b shop.c",
        "1+shop.c+1                 | shop.b shop.c shop.d",
        "2+shop.c+0                 | shop.a shop.b shop.c",
        "+shop.x                    | shop.a shop.b shop.x",
        "+shop.c+                   | shop.a shop.b shop.c shop.d",
        "shop.d, shop.a             | shop.a shop.d",
        "shop.d or shop.a           | shop.a shop.d",
        "tag:fin                    | shop.a shop.b",
        "tag:slow and tag:fin       | shop.a",
        "shop.* and not tag:slow    | shop.b shop.c shop.x",
        "not (shop.* or daily)      | 'files.My Table, (1+2) files.e'",
        "group:core                 | shop.a shop.b",
        "source:files and files.e   | files.e",
        "kind:model                 | daily",
        "tag:fin+1                  | shop.a daily shop.b shop.c",
        "shop.a or shop.b and daily | shop.a",
        "(shop.a or daily) AND daily| daily",
        "shop.a and daily           | ''",
        "not not shop.a             | shop.a",
        "\"files.My Table, (1+2)\"  | 'files.My Table, (1+2)'",
        "files.*e*                  | 'files.My Table, (1+2) files.e'",
      })
  void selects(String select, String assets) {
    assertThat(select(select)).isEqualTo(assets);
  }

  @Test
  void selectsEverythingSelectedWhenNothingIsSaid() {
    assertThat(select(null))
        .isEqualTo("files.My Table, (1+2) files.e shop.a daily shop.b shop.c shop.d shop.x");
    assertThat(select(" ")).isEqualTo(select("*"));
  }

  @Test
  void takesTheExcludedAway() {
    assertThat(AssetGraphTest.names(Selection.resolve(GRAPH, "shop.*", "shop.b+")))
        .containsExactly("shop.a");
    assertThat(AssetGraphTest.names(Selection.resolve(GRAPH, "tag:fin", null)))
        .containsExactly("shop.a", "shop.b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop.ab | Cannot select shop.ab: no such asset (did you mean shop.a?)",
        "shop | Cannot select shop: no such asset (did you mean shop.*?)",
        "shp.* | Cannot select shp.*: no asset matches (did you mean shop.*?)",
        "tag:fun | Cannot select tag:fun: no such tag (did you mean fin?)",
        "group:cor | Cannot select group:cor: no such group (did you mean core?)",
        "tags:fin | Cannot select tags:fin: no such attribute: tags (did you mean tag?)",
        "kind:rest_apy | Cannot select kind:rest_apy: no such kind (did you mean rest_api?)",
        "status:failed | Cannot select status:failed: status: is not available yet in this version (name assets)",
        "shop.a shop.b | Cannot select \"shop.a shop.b\": expected and, or or a comma at character 8 (for example: shop.* and not tag:slow)",
        "(shop.a | Cannot select \"(shop.a\": a ( has no ) behind it at character 8 (for example: shop.* and not tag:slow)",
        "shop.a) | Cannot select \"shop.a)\": a ) has no ( before it at character 7 (for example: shop.* and not tag:slow)",
        "shop.a and | Cannot select \"shop.a and\": something is missing at its end at character 11 (for example: shop.* and not tag:slow)",
        "shop.a+shop.b | Cannot select \"shop.a+shop.b\": expected a number of steps, or a blank at character 8 (for example: shop.* and not tag:slow)",
        "+ | Cannot select \"+\": expected a name at character 1 (for example: shop.* and not tag:slow)",
        ", | Cannot select \",\": expected a name at character 1 (for example: shop.* and not tag:slow)",
      })
  void refuses(String select, String message) {
    assertThatThrownBy(() -> Selection.parse(select).resolve(GRAPH))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.failure()).isEqualTo(Failure.CONFIG_INVALID))
        .hasMessage(message);
  }

  @Test
  void refusesWhatNobodyTypes() {
    assertThatThrownBy(() -> Selection.parse("(".repeat(5000)))
        .hasMessageContaining("it is nested deeper than 100");
    assertThatThrownBy(() -> Selection.parse("not ".repeat(2000)))
        .hasMessageContaining("it is nested deeper than 100");
    assertThatThrownBy(() -> Selection.parse("x".repeat(20_000)))
        .hasMessage("Cannot select that: it is longer than 10000 (use tags or groups)");
    assertThatThrownBy(() -> Selection.parse("\"x")).hasMessageContaining("a quote is not closed");
  }
}
