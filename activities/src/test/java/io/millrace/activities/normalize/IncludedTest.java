package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What children get of their parents, and what they read of them. */
class IncludedTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1}|{\"a\":1,\"p\":7}",
        "{}|{\"p\":7}",
        "{ \t }|{ \t \"p\":7}",
        "{\"a\":{} }|{\"a\":{} ,\"p\":7}",
        "{\"ü\":\"}\"}|{\"ü\":\"}\",\"p\":7}"
      })
  void membersComeLast(String record, String whole) {
    byte[] page = ("xx" + record + "yy").getBytes(StandardCharsets.UTF_8);
    byte[] out = Included.in(page, 2, page.length - 2, "\"p\":7".getBytes(StandardCharsets.UTF_8));
    int length = out.length - Window.SLACK;
    assertThat(new String(out, 0, length, StandardCharsets.UTF_8)).isEqualTo(whole);
    for (int i = length; i < out.length; i++) {
      assertThat(out[i]).isZero();
    }
  }

  @Test
  void readsFieldsAsTheSourceSentThem() {
    assertThat(
            read(
                "{\"id\" : 1.50, \"c\":{\"x\":[1, {\"y\":\"\\u00e9\\\"\"}],\"n\":null}, \"big\":123456789012345678901234567890,"
                    + "\"id\": 2e0 ,\"t\":true}",
                "id",
                "c.x[1].y",
                "c",
                "c.n",
                "big",
                "t",
                "$.t",
                "no",
                "c.x.y"))
        .isEqualTo(
            Map.of(
                "id", "2e0",
                "c.x[1].y", "\"\\u00e9\\\"\"",
                "c", "{\"x\":[1, {\"y\":\"\\u00e9\\\"\"}],\"n\":null}",
                "c.n", "null",
                "big", "123456789012345678901234567890",
                "t", "true",
                "$.t", "true"));
    assertThat(read("[1]", "id")).isEmpty();
    assertThat(read("7", "id")).isEmpty();
  }

  private static Map<String, String> read(String record, String... paths) {
    byte[] bytes = ("  " + record + ",").getBytes(StandardCharsets.UTF_8);
    return new ParentFields(List.of(paths)).read(bytes, 2, bytes.length - 1);
  }
}
