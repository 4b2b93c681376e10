package io.millrace.activities.extract.rest;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Wire;
import io.millrace.source.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the keys of an endpoint put on the wire, from the YAML to another program's journal. */
class RequestKeysTest {
  @TempDir Path folder;
  private final WireMockServer server =
      new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));

  @BeforeEach
  void start() {
    server.start();
    server.stubFor(any(anyUrl()).willReturn(okJson("[]")));
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void sendsParamsAsPythonsRequestsDoes() throws IOException {
    fetch(
        """
        {path: "x?fixed=1", params: {text: "a b&c", many: [1, two, null], yes: true, no: false,
          none: null, quoted: "true"}}
        """,
        null);
    assertThat(only().getUrl())
        .isEqualTo("/v1/x?fixed=1&text=a%20b%26c&many=1&many=two&yes=True&no=False&quoted=true");
  }

  @Test
  void sendsAJsonBodyWhosePlaceholdersKeepTheirTypes() throws IOException {
    for (String method : List.of("POST", "PUT", "PATCH")) {
      fetch(
          """
          {method: %s, json: {since: "{incremental.start_value}", text: "from {incremental.start_value}",
            list: ["{incremental.last_value}", "{{x}}", true, null], n: 1.50, key: "${env:KEY}"},
           incremental: {cursor_path: id, initial_value: 7}}
          """
              .formatted(method),
          null);
      LoggedRequest request = only();
      assertThat(request.getMethod().getName()).isEqualTo(method);
      assertThat(request.getHeader("Content-Type")).isEqualTo("application/json");
      assertThat(request.getBodyAsString())
          .isEqualTo(
              "{\"since\":7,\"text\":\"from 7\",\"list\":[7,\"{x}\",true,null],\"n\":1.50,\"key\":\"a secret key\"}");
    }
  }

  @Test
  void sendsAMapAsAForm() throws IOException {
    fetch(
        """
        {method: POST, data: {a: "x y&z=é", many: [1, 2, null], none: null, yes: true,
          since: "{incremental.start_value}"}, incremental: {cursor_path: id, initial_value: 7}}
        """,
        null);
    LoggedRequest request = only();
    assertThat(request.getHeader("Content-Type")).startsWith("application/x-www-form-urlencoded");
    assertThat(request.getBodyAsString())
        .isEqualTo("a=x+y%26z%3D%C3%A9&many=1&many=2&yes=True&since=7");
  }

  @Test
  void sendsATextAsItIs() throws IOException {
    fetch(
        """
        {method: POST, data: "<q since='{incremental.start_value}'>{{é}}</q>",
         headers: {content-type: text/xml}, incremental: {cursor_path: id, initial_value: 7}}
        """,
        null);
    assertThat(only().getHeader("Content-Type")).isEqualTo("text/xml");
    assertThat(requests.get(0).getBodyAsString()).isEqualTo("<q since='7'>{é}</q>");
  }

  @Test
  void theTypeOfABodyThatTheUserNamesIsKept() throws IOException {
    fetch("{method: POST, json: {a: 1}, headers: {Content-Type: application/vnd.api+json}}", null);
    assertThat(only().getHeader("Content-Type")).isEqualTo("application/vnd.api+json");
  }

  @Test
  void fillsHeadersAndPathFromTheCursor() throws IOException {
    fetch(
        """
        {path: "since/{incremental.start_value}/all", headers: {X-Since: "<{incremental.last_value}>",
          X-End: "{incremental.end_value}"},
         incremental: {cursor_path: at, initial_value: "2026-01-01T00:00:00Z",
           convert: {datetime: "yyyy-MM-dd HH:mm", timezone: Europe/Paris}}}
        """,
        "\"2026-02-03T04:05:06Z\"");
    assertThat(only().getUrl()).isEqualTo("/v1/since/2026-02-03%2005%3A05/all");
    assertThat(requests.get(0).getHeader("X-Since")).isEqualTo("<2026-02-03 05:05>");
    assertThat(requests.get(0).containsHeader("X-End")).isFalse();
  }

  @Test
  void sendsBothEndsOfTheWindowInTheirParams() throws IOException {
    fetch(
        """
        {params: {since: {type: incremental, cursor_path: at, initial_value: "2026-01-01",
          end_value: "2026-02-01", end_param: until, lag: 3}}}
        """,
        "\"2026-01-20\"");
    assertThat(only().getUrl())
        .as("a backfill begins at its initial value, whatever is stored")
        .isEqualTo("/v1/r?since=2026-01-01&until=2026-02-01");
  }

  @Test
  void stopsEarlyWhenOrderedPagesHaveLeftTheWindow() throws IOException {
    server.resetAll();
    for (int page = 1; page <= 5; page++) {
      int newest = 100 - 10 * page;
      server.stubFor(
          com.github.tomakehurst.wiremock.client.WireMock.get(
                  com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo("/v1/r"))
              .withQueryParam(
                  "page", com.github.tomakehurst.wiremock.client.WireMock.equalTo("" + page))
              .willReturn(
                  okJson(
                      "{\"items\":[{\"m\":{\"at\":%d}},{\"m\":{\"at\":%d}},{\"m\":{}}]}"
                          .formatted(newest, newest - 5))));
    }
    String desc =
        """
        {paginator: {type: page_number, base_page: 1, total_path: null, maximum_page: 6},
         incremental: {cursor_path: m.at, row_order: desc, last_value_func: max, lag: 2}}
        """;
    assertThat(fetch(desc, "75").pages()).as("90 85, 80 75, 70 65").hasSize(3);
    assertThat(fetch(desc, "77").pages()).as("the lag reaches back to 75").hasSize(3);
    assertThat(fetch(desc, null).pages()).as("no start to leave").hasSize(5);
    assertThat(fetch(desc.replace("desc", "asc"), "75").pages()).as("no end to leave").hasSize(5);
    String asc =
        """
        {paginator: {type: page_number, base_page: 1, total_path: null, maximum_page: 6},
         incremental: {cursor_path: m.at, row_order: %s, last_value_func: %s,
           initial_value: %d, end_value: %d}}
        """;
    assertThat(fetch(asc.formatted("desc", "min", 100, 75), null).pages())
        .as("a cursor that moves down meets its end at 75, which is outside")
        .hasSize(2);
    assertThat(fetch(asc.formatted("desc", "max", 60, 200), null).pages())
        .as("90 … 60 55")
        .hasSize(4);
  }

  /** A page that ends the reading may hold nothing back that the normalizer would keep. */
  @Test
  void leavesTheWindowWhereTheNormalizerDoes() throws IOException {
    server.resetAll();
    String[] pages = {"12:00:00+00:00", "11:00:00+02:00", "10:30:00+00:00", "09:00:00+00:00"};
    for (int page = 1; page <= pages.length; page++) {
      server.stubFor(
          com.github.tomakehurst.wiremock.client.WireMock.get(
                  com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo("/v1/r"))
              .withQueryParam(
                  "page", com.github.tomakehurst.wiremock.client.WireMock.equalTo("" + page))
              .willReturn(okJson("[{\"at\":\"2026-01-01T%s\"}]".formatted(pages[page - 1]))));
    }
    String desc =
        """
        {paginator: {type: page_number, base_page: 1, total_path: null, maximum_page: 5},
         incremental: {cursor_path: at, row_order: desc}}
        """;
    String start = "\"2026-01-01T10:00:00+00:00\"";
    assertThat(fetch(desc, start).pages()).as("a moment before the start").hasSize(2);
    schema = "{compat: dlt}";
    assertThat(fetch(desc, start).pages()).as("a text behind it").hasSize(4);
    schema = "{}";
    steps = "[{map: {at: \"'2026-01-01T11:00:00+00:00'\"}}]";
    assertThat(fetch(desc, start).pages()).as("what came is not what is judged").hasSize(4);
    steps = "[{filter: \"at != null\"}, {exclude: [b]}, {rename: {c: d}}, {select: [at]}]";
    assertThat(fetch(desc, start).pages()).as("these leave it as it is").hasSize(2);
  }

  private String schema = "{}";
  private String steps = "[]";

  private List<LoggedRequest> requests = List.of();

  private LoggedRequest only() {
    List<ServeEvent> served = new ArrayList<>(server.getAllServeEvents());
    Collections.reverse(served);
    requests = served.stream().map(ServeEvent::getRequest).toList();
    assertThat(requests).hasSize(1);
    server.resetRequests();
    return requests.get(0);
  }

  private FetchedSegment fetch(String endpoint, String windowStart) throws IOException {
    Project project =
        ProjectFile.read(
                """
                project: p
                schema: %s
                sources:
                  s:
                    type: rest_api
                    client: {base_url: "%s/v1/", paginator: single_page}
                    resources:
                      - {name: r, processing_steps: %s, endpoint: %s}
                """
                    .formatted(schema, server.baseUrl(), steps, endpoint.strip()),
                "millrace.yaml")
            .orThrow();
    Resource resource = project.sources().get(0).resources().get(0);
    JsonNode start = windowStart == null ? null : Wire.mapper().readTree(windowStart);
    return FetchedSegment.fetch(
        folder.resolve("staging"),
        new RestExtractor(new EnvSecrets(Map.of("KEY", "a secret key"), folder)),
        position ->
            new Extractor.Order(
                project,
                project.sources().get(0),
                resource,
                start,
                position,
                Resource.SegmentBounds.DEFAULT,
                null,
                false),
        null,
        Progress.NONE);
  }
}
