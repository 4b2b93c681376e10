package io.millrace.activities.extract.rest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.millrace.activities.extract.Told;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class JsonScanTest {
  @Test
  void findsRecordsUnderDltsNamesElseTheShallowestList() throws IOException {
    assertThat(found("{\"tags\":[1],\"data\":[1,2]}").path()).containsExactly("data");
    assertThat(found("{\"tags\":[1],\"a\":{\"b\":{\"items\":[1]}}}").path())
        .containsExactly("a", "b", "items");
    assertThat(found("{\"a\":{\"b\":{\"c\":{\"items\":[1]}}},\"x\":{\"y\":[1]}}").path())
        .as("not deeper than three")
        .containsExactly("x", "y");
    assertThat(found("{\"meta\":{\"x\":[1]},\"users\":[1]}").path()).containsExactly("users");
    assertThat(found("[1,2]").path()).isEmpty();
    assertThat(found("{\"a\":1}"))
        .isEqualTo(new JsonScan.Found(List.of(), JsonScan.Kind.ONE, 1, 0, 7));
    assertThat(found("[[1],{\"items\":[1,2,3]}]").records()).isEqualTo(2);
  }

  @Test
  void saysWhereTheRecordsAre() throws IOException {
    String json = "{\"at\":\"\u00e9\", \"data\" : [ {\"a\": [1] } ],\"x\":1}";
    for (JsonScan.Found found : List.of(found(json), at("data", json))) {
      byte[] part = java.util.Arrays.copyOfRange(bytes(json), (int) found.from(), (int) found.to());
      assertThat(new String(part, StandardCharsets.UTF_8)).isEqualTo("[ {\"a\": [1] } ]");
    }
  }

  @Test
  void countsRecordsAtTheSelector() throws IOException {
    assertThat(at("data.rows", "{\"data\":{\"rows\":[{},[],1,null]}}").records()).isEqualTo(4);
    assertThat(at("$.data[*]", "{\"data\":[]}").kind()).isEqualTo(JsonScan.Kind.LIST);
    assertThat(at("data", "{\"data\":{\"a\":[1]}}").kind()).isEqualTo(JsonScan.Kind.ONE);
    assertThat(at("data", "{\"data\":null}").kind()).isEqualTo(JsonScan.Kind.NULL);
    assertThat(at("$", "{\"data\":[1,2]}").records()).isEqualTo(1);
    assertThat(at("data", "{\"error\":\"x\"}")).isNull();
    assertThat(at("data.rows", "{\"data\":[{\"rows\":[1]}]}")).isNull();
  }

  @Test
  void takesANumberOfMillionsOfDigitsForAText() throws IOException {
    String digits = "7".repeat(5_000_000);
    JsonPath next = JsonPath.parse("x", "next");
    JsonScan scan = new JsonScan(JsonPath.parse("x", "data"), List.of(next), false);
    CompletableFuture<Void> read =
        CompletableFuture.runAsync(
            () -> {
              try {
                scan.read(bytes("{\"next\":" + digits + ",\"data\":[]}"));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            task -> new Thread(task).start());
    assertThat(read).as("a number is as quadratic as its digits").succeedsWithin(10, SECONDS);
    assertThat(scan.values().get(next.toString()).isTextual()).isTrue();
  }

  @Test
  void readsValuesAtPathsBesideTheRecords() throws IOException {
    JsonPath link = JsonPath.parse("x", "links[1].href");
    JsonPath odd = JsonPath.parse("x", "['@odata.next']");
    JsonScan scan = new JsonScan(JsonPath.parse("x", "data"), List.of(link, odd), false);
    scan.read(
        bytes(
            "{\"data\":[{\"links\":[1,{\"href\":2}]}],\"links\":[{},{\"href\":\"u\"}],\"@odata.next\":7}"));
    assertThat(scan.values().get(link.toString()).asText()).isEqualTo("u");
    assertThat(scan.values().get(odd.toString()).asLong()).isEqualTo(7);
  }

  @Test
  void noticesThatMoreIsToldOfThanCame() throws IOException {
    assertThat(told("{\"total\":250,\"items\":[1,2]}")).isEqualTo("total: 250");
    assertThat(told("{\"count\":2,\"meta\":{\"total_count\":\"9\"},\"items\":[1,2]}"))
        .isEqualTo("meta.total_count: 9");
    assertThat(told("{\"response\":{\"numFound\":9,\"docs\":[1,2]}}"))
        .isEqualTo("response.numFound: 9");
    assertThat(told("{\"page_count\":5,\"has_more\":true,\"items\":[1,2]}"))
        .isEqualTo("page_count: 5");
    assertThat(told("{\"items\":[1,2],\"pagination\":{\"hasMore\":true}}"))
        .isEqualTo("pagination.hasMore: true");
    assertThat(told("{\"items\":[],\"count\":3}")).isEqualTo("count: 3");
    assertThat(told("{\"meta\":{\"pagination\":{\"total\":9}},\"items\":[1,2]}"))
        .isEqualTo("meta.pagination.total: 9");
    assertThat(told("{\"data\":{\"orders\":{\"nodes\":[1],\"pageInfo\":{\"hasNextPage\":true}}}}"))
        .isEqualTo("data.orders.pageInfo.hasNextPage: true");
    assertThat(told("{\"id\":\"list-7\",\"total\":9,\"offset\":0,\"items\":[1,2]}"))
        .as("a list may have an id")
        .isEqualTo("total: 9");
    assertThat(told("{\"id\":\"list-7\",\"total_count\":9,\"items\":[1,2]}"))
        .as("nobody calls money so")
        .isEqualTo("total_count: 9");
  }

  @Test
  void takesASumOfAnOrderForNoTotalOfRecords() throws IOException {
    for (String order :
        List.of(
            "{\"id\":7,\"total\":250,\"items\":[1,2]}",
            "{\"items\":[1,2],\"total\":250,\"currency\":\"EUR\"}",
            "{\"data\":{\"_id\":7,\"total\":250,\"items\":[1,2]}}",
            "{\"subtotal_price\":\"240\",\"total\":\"250\",\"items\":[1,2]}",
            "{\"total\":250.00,\"items\":[1,2]}",
            "{\"total\":\"250.00\",\"items\":[1,2]}")) {
      assertThat(told(order)).as(order).isEqualTo("null");
    }
  }

  @Test
  void takesNothingElseForATotalOfRecords() throws IOException {
    for (String quiet :
        List.of(
            "{\"total\":2,\"items\":[1,2]}",
            "{\"total\":-1,\"items\":[1,2]}",
            "{\"total\":12.5,\"items\":[1,2]}",
            "{\"total\":\"12 EUR\",\"items\":[1,2]}",
            "{\"total\":null,\"has_more\":false,\"items\":[1,2]}",
            "{\"has_more\":\"true\",\"page_count\":1,\"items\":[1,2]}",
            "{\"items\":[{\"total\":250,\"has_more\":true},{\"count\":9}]}",
            "{\"order\":{\"total\":250},\"items\":[1,2]}",
            "{\"a\":{\"meta\":{\"total\":250}},\"items\":[1,2]}",
            "{\"a\":{\"b\":{\"total\":250}},\"items\":[1,2]}",
            "[{\"total\":250}]")) {
      assertThat(told(quiet)).as(quiet).isEqualTo("null");
    }
  }

  private static String told(String json) throws IOException {
    JsonScan scan = new JsonScan(null, List.of(), true).read(bytes(json));
    return String.valueOf(Told.most(scan.told(scan.records())));
  }

  @Test
  void tellsTheEndTooEarlyFromOtherDamage() {
    for (String text : List.of("", " ", "{", "[1,", "{\"a\":\"b", "[1", "{\"a\":{\"b\":[1")) {
      assertThatExceptionOfType(JsonEOFException.class).as(text).isThrownBy(() -> found(text));
    }
    for (String text : List.of("<html>", "[1]x", "{} {}", "{\"a\" 1}", "nul1")) {
      assertThatExceptionOfType(JsonParseException.class).as(text).isThrownBy(() -> found(text));
    }
  }

  @Test
  void depthAndLengthsAreNotItsConcern() throws IOException {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(found("{\"data\":[" + deep + "]}").records()).isEqualTo(1);
    String objects = "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000);
    assertThat(found(objects).records()).isEqualTo(1);
    assertThat(found("{\"data\":[\"" + "x".repeat(30_000_000) + "\"]}").records()).isEqualTo(1);
    assertThat(found("[" + "9".repeat(5_000) + "]").records()).isEqualTo(1);
  }

  private static JsonScan.Found found(String json) throws IOException {
    return new JsonScan(null, List.of(), true).read(bytes(json)).records();
  }

  private static JsonScan.Found at(String selector, String json) throws IOException {
    return new JsonScan(JsonPath.parse("data_selector", selector), List.of(), false)
        .read(bytes(json))
        .records();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
