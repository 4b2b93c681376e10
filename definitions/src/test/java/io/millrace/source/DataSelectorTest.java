package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DataSelectorTest {
  @Test
  void namesNeedNoTree() {
    for (String text : List.of("data", "$.data.rows", "data[*]", "$", "a['b c']")) {
      assertThat(DataSelector.parse("x", text).simple()).as(text).isNotNull();
    }
  }

  @Test
  void dltsDialectBecomesTheLibrarys() {
    Map.of(
            "groups[*].rows", "$['groups'][*]['rows']",
            "$.a[0].b", "$['a'][0]['b']",
            "..rows", "$..['rows']",
            "a..b", "$['a']..['b']",
            "a.*.b", "$['a'][*]['b']",
            "$.'a b'[1:3]", "$['a b'][1:3]",
            "items[?status == 'open']", "$['items'][?(@.status == 'open')]",
            "items[?(@.a.b >= 1 & c = \"x y\")]", "$['items'][?((@.a.b >= 1 && @.c == \"x y\"))]",
            "items[?name =~ 'A.*']", "$['items'][?(@.name =~ /A.*/)]",
            "items[?paid]", "$['items'][?(@.paid)]")
        .forEach(
            (text, expression) ->
                assertThat(DataSelector.parse("x", text).expression()).isEqualTo(expression));
  }

  @Test
  void beginningIsWhatMustBeThere() {
    Map.of(
            "data.items[?a == 1]", "data.items",
            "data[*].rows", "data",
            "..rows", "$",
            "a[0].b", "a")
        .forEach(
            (text, beginning) ->
                assertThat(DataSelector.parse("x", text).beginning().toString())
                    .isEqualTo(beginning));
  }

  @Test
  void whatIsNoPathIsNone() {
    for (String text : List.of("a[", "a[?", "a[?]", "a[*", "`parent`", "a|b", "a[::2]", "..")) {
      assertThat(DataSelector.read(text)).as(text).isEmpty();
    }
  }
}
