package io.millrace.activities.extract.rest;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.millrace.activities.extract.FetchedSegment;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** ETag and Last-Modified: asking whether there is anything to read. */
class UnchangedTest {
  @RegisterExtension
  static final WireMockExtension API =
      WireMockExtension.newInstance().options(wireMockConfig().dynamicPort()).build();

  private static final String MODIFIED = "Sat, 21 Nov 2026 10:00:00 GMT";

  @TempDir Path folder;

  @Test
  void unchangedResourceCostsOneAnswerWithoutABody() throws IOException {
    serve("[{\"id\":1}]", "ETag", "W/\"v1\"");
    API.stubFor(
        get(urlPathEqualTo("/orders"))
            .withHeader("If-None-Match", equalTo("W/\"v1\""))
            .willReturn(status(304))
            .atPriority(1));
    YamlSource source = source("");
    JsonNode known = known(source, null);
    for (int run = 0; run < 3; run++) {
      FetchedSegment again = source.fetch(known);
      assertThat(again.fetched().unchanged()).isTrue();
      assertThat(again.fetched().done()).isTrue();
      assertThat(again.fetched().requests()).isEqualTo(1);
      assertThat(again.pages()).isEmpty();
      known = again.fetched().position();
      assertThat(known).as("still known for the run after").isNotNull();
    }
  }

  @Test
  void changedResourceIsReadAndKnownAnew() throws IOException {
    serve("[{\"id\":1}]", "ETag", "\"v1\"");
    YamlSource source = source("");
    JsonNode known = known(source, null);
    serve("[{\"id\":1},{\"id\":2}]", "ETag", "\"v2\"");
    FetchedSegment changed = source.fetch(known);
    assertThat(changed.fetched().unchanged()).isFalse();
    assertThat(changed.bodies()).containsExactly("[{\"id\":1},{\"id\":2}]");
    source.fetch(changed.fetched().position());
    assertThat(last().getHeader("If-None-Match")).isEqualTo("\"v2\"");
  }

  @Test
  void lastModifiedIsAskedForToo() throws IOException {
    serve("{\"id\":1}", "Last-Modified", MODIFIED);
    YamlSource source = source("paginator: single_page");
    source.fetch(known(source, null));
    assertThat(last().getHeader("If-Modified-Since")).isEqualTo(MODIFIED);
    assertThat(last().containsHeader("If-None-Match")).isFalse();
  }

  @Test
  void nothingIsKnownOfWhatMayHaveASecondPage() throws IOException {
    serve("[1,2,3]", "ETag", "\"v1\"");
    assertThat(known(source("paginator: header_link"), null)).isNull();
    assertThat(known(source("paginator: header_cursor"), null)).isNull();
    assertThat(known(source("paginator: json_link"), null))
        .as("its link is in the body")
        .isNotNull();
    serve("[1,2,3,4,5,6,7,8,9,10]", "ETag", "\"v1\"");
    assertThat(known(source(""), null)).as("it may be a full page").isNull();
    assertThat(known(source("paginator: single_page"), null)).isNotNull();
    serve("{\"data\":[1],\"total\":2}", "ETag", "\"v1\"");
    assertThat(known(source(""), null)).as("it tells of more, and each run says so").isNull();
    serve("{\"data\":[1],\"next\":\"/orders?p=2\"}", "ETag", "\"v1\"");
    API.stubFor(
        get(urlPathEqualTo("/orders"))
            .withQueryParam("p", equalTo("2"))
            .willReturn(okJson("{\"data\":[2]}").withHeader("ETag", "\"v1\""))
            .atPriority(1));
    YamlSource paged = source("");
    FetchedSegment two = paged.fetch(null);
    assertThat(two.bodies()).hasSize(2);
    assertThat(two.fetched().position()).isNull();
    FetchedSegment first = paged.segmentsOf(1).fetch(null);
    assertThat(first.fetched().position().has("known")).as("in the middle").isFalse();
  }

  @Test
  void anotherQuestionIsAskedWithoutConditions() throws IOException {
    serve("[1,2,3]", "ETag", "\"v1\"");
    JsonNode known = known(source(""), null);
    source("").fetch(known);
    assertThat(last().containsHeader("If-None-Match")).isTrue();
    source("params: {state: open}").fetch(known);
    assertThat(last().containsHeader("If-None-Match")).as("other parameters").isFalse();
    source("data_selector: $").fetch(known);
    assertThat(last().containsHeader("If-None-Match")).as("read otherwise").isFalse();
    assertThat(known(source("method: POST"), null)).as("no read of HTTP's").isNull();
  }

  @Test
  void conditionsOfTheUsersOwnStay() throws IOException {
    serve("[1,2,3]", "ETag", "\"v1\"");
    YamlSource source = source("headers: {If-None-Match: \"mine\"}");
    source.fetch(known(source, null));
    assertThat(last().getHeader("If-None-Match")).isEqualTo("mine");
  }

  private static JsonNode known(YamlSource source, JsonNode before) throws IOException {
    FetchedSegment read = source.fetch(before);
    assertThat(read.fetched().done()).isTrue();
    assertThat(read.bodies()).hasSize(1);
    return read.fetched().position();
  }

  private static void serve(String body, String header, String value) {
    API.resetAll();
    API.stubFor(
        com.github.tomakehurst.wiremock.client.WireMock.any(urlPathEqualTo("/orders"))
            .willReturn(okJson(body).withHeader(header, value)));
  }

  private static Request last() {
    return API.getAllServeEvents().get(0).getRequest();
  }

  private YamlSource source(String endpoint) {
    return YamlSource.of(folder, API.baseUrl(), "", endpoint);
  }
}
