package io.millrace.activities.extract.rest;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every paginator with its keys as a person writes them, against a server not written here. */
class PaginatorsTest {
  @RegisterExtension
  static final WireMockExtension API =
      WireMockExtension.newInstance().options(wireMockConfig().dynamicPort()).build();

  @TempDir Path folder;

  @Test
  void headerCursorGoesBackAsAParameter() throws IOException {
    page(null, null, "[1]", "X-Next", "a b");
    page("after", "a b", "[2]", "X-Next", "c");
    page("after", "c", "[3]");
    assertThat(read("paginator: {type: header_cursor, cursor_key: X-Next, cursor_param: after}"))
        .containsExactly("[1]", "[2]", "[3]");
    API.resetAll();
    page(null, null, "[1]", "next", "a");
    page("cursor", "a", "[2]");
    assertThat(read("paginator: header_cursor")).as("dlt's defaults").hasSize(2);
  }

  @Test
  void headerLinkTakesAnotherRel() throws IOException {
    page(null, null, "[1]", "Link", "</orders?p=2>; rel=\"More\", </orders?p=9>; rel=next");
    page("p", "2", "[2]");
    assertThat(read("paginator: {type: header_link, links_next_key: more}")).hasSize(2);
  }

  @Test
  void jsonResponseIsTheOldNameOfJsonLink() throws IOException {
    page(null, null, "{\"data\":[1],\"paging\":{\"next\":\"orders?p=2\"}}");
    page("p", "2", "{\"data\":[2],\"paging\":{\"next\":\"" + API.url("/orders?p=3") + "\"}}");
    page("p", "3", "{\"data\":[3],\"paging\":{}}");
    assertThat(read("paginator: {type: json_response, next_url_path: paging.next}")).hasSize(3);
    assertThat(asked()).containsExactly("/orders", "/orders?p=2", "/orders?p=3");
  }

  @Test
  void graphQlCursorGoesIntoTheNestedVariables() throws IOException {
    API.stubFor(
        post(urlPathEqualTo("/orders"))
            .withRequestBody(matchingJsonPath("$.variables[?(@.after == 'c1')]"))
            .willReturn(okJson(graph(2, "c2", false)))
            .atPriority(1));
    API.stubFor(post(urlPathEqualTo("/orders")).willReturn(okJson(graph(1, "c1", true))));
    assertThat(
            read(
                """
                method: POST
                json: {query: "query q {{ orders }}", variables: {first: 1, after: null}}
                data_selector: data.orders.nodes
                paginator:
                  type: cursor
                  cursor_path: data.orders.pageInfo.endCursor
                  cursor_body_path: variables.after
                  has_more_path: data.orders.pageInfo.hasNextPage
                """))
        .hasSize(2);
    assertThat(API.getAllServeEvents().get(0).getRequest().getBodyAsString())
        .isEqualTo(
            "{\"query\":\"query q { orders }\",\"variables\":{\"first\":1,\"after\":\"c1\"}}");
  }

  private static String graph(int id, String cursor, boolean more) {
    return "{\"data\":{\"orders\":{\"nodes\":[{\"id\":%d}],\"pageInfo\":{\"endCursor\":\"%s\",\"hasNextPage\":%s}}}}"
        .formatted(id, cursor, more);
  }

  @Test
  void offsetAndLimitGoIntoTheBody() throws IOException {
    API.stubFor(
        post(urlPathEqualTo("/orders"))
            .withRequestBody(matchingJsonPath("$.page[?(@.from == 2)]"))
            .willReturn(okJson("{\"data\":[3],\"hits\":{\"total\":3}}"))
            .atPriority(1));
    API.stubFor(
        post(urlPathEqualTo("/orders"))
            .willReturn(okJson("{\"data\":[1,2],\"hits\":{\"total\":3}}")));
    String paging =
        "{type: offset, limit: 2, offset_body_path: page.from, limit_body_path: page.size,"
            + " total_path: hits.total}";
    assertThat(read("method: POST\npaginator: " + paging)).hasSize(2);
    assertThat(bodies())
        .containsExactly(
            "{\"page\":{\"from\":0,\"size\":2}}", "{\"page\":{\"from\":2,\"size\":2}}");
  }

  @Test
  void cursorGoesIntoAFormToo() throws IOException {
    API.stubFor(
        post(urlPathEqualTo("/orders"))
            .willReturn(okJson("{\"data\":[1],\"cursors\":{\"next\":\"c 1\"}}")));
    API.stubFor(
        post(urlPathEqualTo("/orders"))
            .withFormParam("after", equalTo("c 1"))
            .willReturn(okJson("{\"data\":[2]}")));
    String form = "method: POST\ndata: {size: 5}\n";
    assertThat(read(form + "paginator: {type: cursor, cursor_body_path: after}")).hasSize(2);
    assertThat(bodies()).containsExactly("size=5", "size=5&after=c+1");
  }

  @Test
  void countsFromWhereItIsToldUnderTheNamesItIsTold() throws IOException {
    API.stubFor(get(urlPathEqualTo("/orders")).willReturn(okJson("{\"data\":[]}")));
    read("paginator: {type: offset, limit: 5, offset: 10, offset_param: skip, limit_param: top}");
    read("paginator: {type: page_number, base_page: 1, page: 3, page_param: p}");
    assertThat(asked()).containsExactlyInAnyOrder("/orders?skip=10&top=5", "/orders?p=3");
  }

  @Test
  void pageNumberGoesIntoTheBody() throws IOException {
    API.stubFor(
        post(urlPathEqualTo("/orders")).willReturn(okJson("{\"data\":[1],\"more\":\"no\"}")));
    read(
        "method: POST\npaginator: {type: page_number, base_page: 1, page_body_path: p.n,"
            + " total_path: null, has_more_path: more}");
    assertThat(bodies()).containsExactly("{\"p\":{\"n\":1}}");
  }

  @Test
  void totalOfPagesOrOfRowsEndsBothKindsOfCounting() throws IOException {
    rows(25, 10, "offset", "{\"data\":%s,\"count\":3}");
    String offset = "paginator: {type: offset, limit: 10, total_path: count, total_is: pages}";
    assertThat(read(offset)).hasSize(3);
    assertThat(asked()).as("no request beyond the last page").hasSize(3);
    API.resetAll();
    rows(25, 10, "page", "{\"data\":%s,\"count\":25}");
    String page = "paginator: {type: page_number, total_path: count, total_is: rows}";
    assertThat(read(page)).hasSize(3);
    assertThat(asked()).hasSize(3);
  }

  @Test
  void totalOfPagesLosesNothingWhenTheServerCapsThePage() throws IOException {
    rows(25, 10, "offset", "{\"data\":%s,\"count\":3}");
    String asksForMore = "paginator: {type: offset, limit: 50, total_path: count, total_is: pages}";
    assertThat(read(asksForMore).stream().filter(body -> !body.contains("[]"))).hasSize(3);
  }

  @Test
  void totalIsNeverWhatNobodyCounted() throws IOException {
    rows(25, 10, "offset", "{\"data\":%s,\"total\":-1}");
    assertThat(read("paginator: {type: offset, limit: 10}")).hasSize(4);
  }

  @Test
  void maximumEndsBothKindsOfCounting() throws IOException {
    rows(100, 10, "offset", "{\"data\":%s}");
    assertThat(read("paginator: {type: offset, limit: 10, total_path: null, maximum_offset: 20}"))
        .hasSize(2);
    API.resetAll();
    rows(100, 10, "page", "{\"data\":%s}");
    assertThat(read("paginator: {type: page_number, total_path: null, maximum_page: 3}"))
        .hasSize(3);
  }

  @Test
  void emptyPageIsNotTheEndWhenItNeedNotBe() throws IOException {
    page("page", "0", "{\"data\":[1],\"total\":3}");
    page("page", "1", "{\"data\":[],\"total\":3}");
    page("page", "2", "{\"data\":[3],\"total\":3}");
    String paging = "paginator: {type: page_number, stop_after_empty_page: false}";
    assertThat(read(paging)).hasSize(3);
    API.resetAll();
    page(null, null, "{\"data\":[],\"cursors\":{\"next\":\"a\"}}");
    page("cursor", "a", "{\"data\":[2]}");
    assertThat(read("paginator: cursor")).as("a cursor's default").hasSize(2);
  }

  @Test
  void emptyPageThatPromisesMoreIsNotTakenForTheEnd() {
    page("offset", "0", "{\"data\":[1],\"more\":true}");
    page("offset", "1", "{\"data\":[],\"more\":true}");
    String paging = "{type: offset, limit: 1, total_path: null, has_more_path: more%s}";
    fails(
        "paginator: " + paging.formatted(""),
        Failure.RESPONSE_INVALID,
        "the page is empty and yet says that there is more",
        "stop_after_empty_page: true to end here, false to go on",
        "page 2 of " + API.url("/orders?offset=1&limit=1"));
    assertThat(
            catching(() -> read("paginator: " + paging.formatted(", stop_after_empty_page: true"))))
        .as("said: dlt's rule")
        .isNull();
  }

  @Test
  void declaredStatusEndsThePagesButNeverTheFirst() throws IOException {
    page("page", "0", "[1]");
    page("page", "1", "[2]");
    API.stubFor(
        get(urlPathEqualTo("/orders"))
            .withQueryParam("page", equalTo("2"))
            .willReturn(status(404).withBody("no such page")));
    String paging = "paginator: {type: page_number, total_path: null%s}";
    assertThat(read(paging.formatted(", end_status: 404"))).containsExactly("[1]", "[2]");
    assertThat(read(paging.formatted(", end_status: [400, 404]"))).hasSize(2);
    fails(paging.formatted(""), Failure.SOURCE_REFUSED, "page 3", "status 404");
    API.resetAll();
    API.stubFor(any(anyUrl()).willReturn(status(404)));
    fails(paging.formatted(", end_status: 404"), Failure.SOURCE_REFUSED, "page 1", "status 404");
  }

  @Test
  void severalCursorsGoBackTogether() throws IOException {
    page(null, null, "{\"data\":[1],\"paging\":{\"id\":7,\"at\":\"2026-01-01\"}}");
    API.stubFor(
        get(urlPathEqualTo("/orders"))
            .withQueryParam("after_id", equalTo("7"))
            .withQueryParam("after_time", equalTo("2026-01-01"))
            .willReturn(okJson("{\"data\":[2],\"paging\":{\"id\":null}}"))
            .atPriority(1));
    assertThat(
            read(
                """
                paginator:
                  type: cursor
                  cursor_params: {after_id: paging.id, after_time: paging.at}
                """))
        .hasSize(2);
  }

  @Test
  void eachFieldOfAContinueGoesBackUnderItsName() throws IOException {
    page(null, null, "{\"data\":[1],\"continue\":{\"gapcontinue\":\"B\",\"continue\":\"gap||\"}}");
    page("gapcontinue", "B", "{\"data\":[2],\"continue\":{\"plcontinue\":\"x|0\",\"n\":3}}");
    page("plcontinue", "x|0", "{\"data\":[3],\"batchcomplete\":true}");
    String paging = "paginator: {type: cursor, cursor_path: continue, cursor_param: \"*\"}";
    assertThat(read(paging)).hasSize(3);
    assertThat(asked())
        .containsExactly(
            "/orders", "/orders?continue=gap%7C%7C&gapcontinue=B", "/orders?n=3&plcontinue=x%7C0");
  }

  @Test
  void positionHoldsSeveralCursorsAcrossSegments() throws IOException {
    page(null, null, "{\"data\":[1],\"continue\":{\"a\":\"B\",\"c\":\"d\"}}");
    page("a", "B", "{\"data\":[2]}");
    YamlSource source =
        source("paginator: {type: cursor, cursor_path: continue, cursor_param: \"*\"}");
    assertThat(source.segmentsOf(1).all()).hasSize(2);
    assertThat(asked()).containsExactly("/orders", "/orders?a=B&c=d");
  }

  @Test
  void detectsACursorFieldLast() throws IOException {
    page(null, null, "{\"data\":[1],\"meta\":{\"next_cursor\":\"abc\"}}");
    page("cursor", "abc", "{\"data\":[2],\"meta\":{\"next_cursor\":null}}");
    assertThat(read("")).hasSize(2);
  }

  @Test
  void circlesAreNamedWithPageAndMaskedAddress() throws IOException {
    for (List<String> circle : List.of(List.of("a", "a"), List.of("a", "b", "a"))) {
      API.resetAll();
      page(null, null, "{\"data\":[0],\"next\":\"a\"}");
      for (int i = 0; i + 1 < circle.size(); i++) {
        page("cursor", circle.get(i), "{\"data\":[],\"next\":\"" + circle.get(i + 1) + "\"}");
      }
      fails(
          "paginator: {type: cursor, cursor_path: next}\nparams: {api_key: hunter2}",
          Failure.POLICY_REFUSED,
          "Cannot read on after page " + circle.size() + " of ",
          "api_key=***",
          "the way to the next page was taken already: a",
          "the server leads in a circle: check the `paginator`");
    }
    API.resetAll();
    page(null, null, "{\"data\":[0],\"continue\":{\"x\":\"1\"}}");
    page("x", "1", "{\"data\":[1],\"continue\":{\"x\":\"1\"}}");
    fails(
        "paginator: {type: cursor, cursor_path: continue, cursor_param: \"*\"}",
        Failure.POLICY_REFUSED,
        "taken already: {x=1}");
  }

  @Test
  void linkToThePageItselfIsNamed() {
    page(null, null, "{\"data\":[1],\"next\":\"" + API.url("/orders") + "\"}");
    fails("", Failure.POLICY_REFUSED, "taken already: " + API.url("/orders"));
    API.resetAll();
    page(null, null, "[1]", "Link", "</orders>; rel=next");
    fails("paginator: header_link", Failure.POLICY_REFUSED, "after page 1", "leads in a circle");
  }

  @Test
  void parameterThatTheServerIgnoresIsNamed() {
    page(null, null, "{\"data\":[1,2]}");
    fails(
        "paginator: {type: page_number, page_param: seite}",
        Failure.POLICY_REFUSED,
        "after page 2",
        "the page has the same records as the one before",
        "its parameter");
  }

  @Test
  void lastPageThatComesForEverIsNamed() {
    page("page", "0", "{\"data\":[{\"id\":1},{\"id\":2}]}");
    for (String beyond : List.of("1", "2", "3")) {
      page("page", beyond, "{\"data\":[{\"id\":3}]}");
    }
    fails(
        "paginator: {type: page_number, total_path: null}",
        Failure.POLICY_REFUSED,
        "Cannot read on after page 3 of ",
        "the page has the same records as the one before");
  }

  @Test
  void pagesThatCountFromOneAreToldOf() {
    page(null, null, "{\"data\":[{\"id\":1}],\"total_pages\":3}");
    for (String paging : List.of("", "paginator: {type: page_number, total_path: total_pages}")) {
      fails(paging, Failure.POLICY_REFUSED, "after page 2", "counted from 1", "say `base_page: 1`");
    }
  }

  @Test
  void repeatedRecordsAreNamedWhateverIsBesideThem() {
    page("page", "0", "{\"request\":\"a1\",\"data\":[{\"id\":1}]}");
    page("page", "1", "{\"request\":\"b2\",\"data\":[{\"id\":1}]}");
    fails("paginator: page_number", Failure.POLICY_REFUSED, "after page 2", "the same records");
  }

  @Test
  void pathsOfAPaginatorMayHaveFilters() throws IOException {
    String links = "{\"entry\":[%d],\"link\":[{\"relation\":\"self\",\"url\":\"/x\"}%s]}";
    String next = ",{\"relation\":\"next\",\"url\":\"/orders?p=2\"}";
    page(null, null, links.formatted(1, next));
    page("p", "2", links.formatted(2, ""));
    String paging =
        "paginator: {type: json_link, next_url_path: \"link[?relation == 'next'].url\"}";
    assertThat(read("data_selector: entry\n" + paging)).hasSize(2);
    assertThat(read("data_selector: \"entry[*]\"\n" + paging)).hasSize(2);
    assertThat(asked()).contains("/orders?p=2");
  }

  // ---- the server

  @Test
  void onePageThatTellsOfMoreIsNotedWhereNobodySaidThatOneIsAll() throws IOException {
    page(null, null, "{\"data\":[{\"id\":1},{\"id\":2}],\"meta\":{\"total\":250}}");
    Map<String, Long> more = Map.of("more_told", 250L, "more_told_came", 2L);
    assertThat(notes("")).isEqualTo(more);
    assertThat(notes("data_selector: data")).isEqualTo(more);
    assertThat(notes("paginator: single_page")).as("somebody said so").isEmpty();
    assertThat(notes("data_selector: \"data[?id > 1]\"")).as("some are left out").isEmpty();
    assertThat(notes("data_selector: $")).as("it is one record").isEmpty();
    page(null, null, "{\"data\":[1,2],\"page_count\":5}");
    assertThat(notes("")).isEqualTo(Map.of("more_pages_told", 4L));
    page(null, null, "{\"data\":[1,2],\"has_more\":true}");
    assertThat(notes("")).isEqualTo(Map.of("more_pages_told", 1L));
    page(null, null, "{\"data\":[1,2],\"total\":2}");
    assertThat(notes("")).isEmpty();
    page(null, null, "{\"total\":250,\"id\":1}");
    assertThat(notes("")).as("it is one record").isEmpty();
  }

  @Test
  void headersTellOfMoreAsWell() throws IOException {
    Map<String, Long> more = Map.of("more_told", 250L, "more_told_came", 2L);
    for (String header : List.of("X-Total-Count", "X-Total", "x-wp-total", "Total-Records")) {
      page(null, null, "[1,2]", header, "250");
      assertThat(notes("")).as(header).isEqualTo(more);
    }
    page(null, null, "[1,2]", "Content-Range", "0-1/250");
    assertThat(notes("")).isEqualTo(more);
    page(null, null, "a\n1\n2\n", "X-Total-Count", "250");
    assertThat(notes("response_format: csv")).as("whatever the body is").isEqualTo(more);
    page(null, null, "[1,2]", "X-WP-TotalPages", "5");
    assertThat(notes("")).isEqualTo(Map.of("more_pages_told", 4L));
    page(null, null, "[1,2]", "X-Total-Count", "2");
    assertThat(notes("")).isEmpty();
    for (String header : List.of("X-Cache-Hits", "X-Hits", "X-Count", "X-Total-Time")) {
      page(null, null, "[1,2]", header, "250");
      assertThat(notes("")).as(header).isEmpty();
    }
    page(null, null, "[1,2]", "Content-Range", "bytes 0-1/250");
    assertThat(notes("")).isEmpty();
  }

  @Test
  void aTotalIsNotNotedWhereALinkLeadsOn() throws IOException {
    page(null, null, "{\"data\":[1,2],\"total\":3,\"next\":\"/orders?p=2\"}");
    page("p", "2", "{\"data\":[3],\"total\":3}");
    assertThat(notes("")).isEmpty();
  }

  @Test
  void anEmptyPageBeforeTheTotalIsTheEndAndNoted() throws IOException {
    rows(20, 10, "offset", "{\"data\":%s,\"total\":50}");
    assertThat(notes("paginator: {type: offset, limit: 10}"))
        .isEqualTo(Map.of("missing_records", 30L));
    API.resetAll();
    rows(20, 10, "offset", "{\"data\":%s,\"total\":20}");
    assertThat(notes("paginator: {type: offset, limit: 10}")).isEmpty();
    API.resetAll();
    rows(20, 10, "offset", "{\"data\":%s,\"total\":\"many\"}");
    assertThat(notes("paginator: {type: offset, limit: 10, total_path: null}")).isEmpty();
    API.resetAll();
    rows(20, 10, "page", "{\"data\":%s,\"pages\":5}");
    assertThat(notes("paginator: {type: page_number, total_path: pages}"))
        .as("three, of which one came and is empty")
        .isEqualTo(Map.of("missing_pages", 2L));
    API.resetAll();
    rows(20, 10, "page", "{\"data\":%s,\"total\":23}");
    assertThat(notes("paginator: {type: page_number, total_path: total, total_is: rows}"))
        .isEqualTo(Map.of("missing_records", 3L));
  }

  @Test
  void errorsBesideTheRecordsAreNoted() throws IOException {
    String partial = "{\"data\":{\"nodes\":[1]},\"errors\":[{\"message\":\"node 2 is hidden\"}]}";
    page(null, null, partial);
    assertThat(notes("data_selector: data.nodes")).isEqualTo(Map.of("answers_with_errors", 1L));
    assertThat(notes("data_selector: \"data.nodes[?@ > 0]\"")).hasSize(1);
    assertThat(notes("data_selector: errors")).as("they are the records").isEmpty();
    page(null, null, "{\"data\":{\"nodes\":[1]},\"errors\":[]}");
    assertThat(notes("data_selector: data.nodes")).isEmpty();
    page(null, null, "{\"data\":[{\"errors\":[1]}]}");
    assertThat(notes("")).as("that of a record").isEmpty();
  }

  private Map<String, Long> notes(String endpoint) throws IOException {
    return source(endpoint).fetch(null).fetched().notes();
  }

  private void page(String param, String value, String body, String... header) {
    MappingBuilder stub = get(urlPathEqualTo("/orders"));
    if (param != null) {
      stub = stub.withQueryParam(param, equalTo(value)).atPriority(1);
    }
    var answer = okJson(body);
    API.stubFor(
        stub.willReturn(header.length == 0 ? answer : answer.withHeader(header[0], header[1])));
  }

  /** So many rows in pages of a size, whatever is asked for. */
  private void rows(int rows, int size, String param, String body) {
    boolean offset = param.equals("offset");
    for (int page = 0; page * size < rows + size; page++) {
      List<Integer> ids = new ArrayList<>();
      for (int id = page * size; id < Math.min(rows, (page + 1) * size); id++) {
        ids.add(id);
      }
      page(param, String.valueOf(offset ? Math.min(rows, page * size) : page), body.formatted(ids));
    }
    API.stubFor(
        get(urlPathEqualTo("/orders")).withQueryParam(param, absent()).willReturn(status(500)));
  }

  private static List<String> asked() {
    List<String> asked = new ArrayList<>();
    API.getAllServeEvents().forEach(event -> asked.add(event.getRequest().getUrl()));
    Collections.reverse(asked);
    return asked;
  }

  private static List<String> bodies() {
    List<ServeEvent> events = new ArrayList<>(API.getAllServeEvents());
    Collections.reverse(events);
    return events.stream().map(event -> event.getRequest().getBodyAsString()).toList();
  }

  private YamlSource source(String endpoint) {
    return YamlSource.of(folder, API.baseUrl(), "", endpoint);
  }

  private List<String> read(String endpoint) throws IOException {
    return source(endpoint).bodies();
  }

  private void fails(String endpoint, Failure failure, String... parts) {
    MillraceException thrown = catching(() -> read(endpoint));
    assertThat(thrown).as("it should fail").isNotNull();
    assertThat(thrown.failure()).as(thrown.getMessage()).isEqualTo(failure);
    assertThat(thrown).hasMessageContainingAll(parts);
  }

  private interface Reading {
    Object read() throws IOException;
  }

  private static MillraceException catching(Reading reading) {
    try {
      reading.read();
      return null;
    } catch (MillraceException e) {
      return e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
