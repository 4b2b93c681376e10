package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonPathTest {
  @Test
  void pathsAreReadBackFromTheirText() {
    for (String text :
        List.of("$", "a", "a.b", "a[3].b", "['a.b'].c", "['x y']", "[\"it's\"]", "a['b']")) {
      JsonPath path = JsonPath.parse("x", text);
      assertThat(JsonPath.parse("x", path.toString())).as(text).isEqualTo(path);
    }
    assertThat(JsonPath.parse("x", "$.a.b[*]")).isEqualTo(JsonPath.of(List.of("a", "b")));
    assertThat(JsonPath.parse("x", "'a b'.c")).isEqualTo(JsonPath.of(List.of("a b", "c")));
  }

  @Test
  void refusesPathsThatAreNotSimple() {
    for (String text :
        List.of("a..b", "a[*].b", "a[?(@.x)]", "*", "a.*", "a,b", "$..a", ".a", "a.", "$a")) {
      assertThatExceptionOfType(MillraceException.class)
          .as(text)
          .isThrownBy(() -> JsonPath.parse("data_selector", text))
          .matches(e -> e.failure() == Failure.CONFIG_INVALID)
          .withMessageContaining("Cannot use data_selector")
          .withMessageContaining(text);
    }
  }
}
