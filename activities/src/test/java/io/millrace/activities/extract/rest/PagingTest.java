package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;

class PagingTest {
  @Test
  void singlePageEndsAfterOneRequest() {
    assertThat(Paging.next(new Paginator.SinglePage(), Step.PLAIN, page("[1]"))).isEmpty();
  }

  @Test
  void jsonLinkFollowsUntilItIsMissingNullOrEmpty() {
    Paginator paginator = new Paginator.JsonLink("paging.next");
    assertThat(next(paginator, "{\"paging\":{\"next\":\"/b?page=2\"}}"))
        .contains(Step.url("/b?page=2"));
    assertThat(next(paginator, "{\"paging\":{\"next\":null}}")).isEmpty();
    assertThat(next(paginator, "{\"paging\":{\"next\":\"\"}}")).isEmpty();
    assertThat(next(paginator, "{\"paging\":{}}")).isEmpty();
    assertThat(next(paginator, "[]")).isEmpty();
    assertInvalid(paginator, "{\"paging\":{\"next\":{}}}", "it is not a text: paging.next");
  }

  @Test
  void headerLinkTakesItsRel() {
    PageView page =
        new PageView(1, 1, Map.of(), Headers.of("Link", "</p2>; rel=next, </p3>; rel=more"));
    assertThat(Paging.next(new Paginator.HeaderLink(null), Step.PLAIN, page))
        .contains(Step.url("/p2"));
    assertThat(Paging.next(new Paginator.HeaderLink("more"), Step.PLAIN, page))
        .contains(Step.url("/p3"));
    assertThat(Paging.next(new Paginator.HeaderLink("last"), Step.PLAIN, page)).isEmpty();
  }

  @Test
  void cursorEndsWhenItIsMissingOrFalsy() {
    Paginator paginator = new Paginator.Cursor(null, null, null, null, null);
    assertThat(next(paginator, "{\"cursors\":{\"next\":\"abc\"}}")).contains(Step.cursor("abc"));
    assertThat(next(paginator, "{\"cursors\":{\"next\":12345678901234567890}}"))
        .contains(Step.cursor("12345678901234567890"));
    for (String falsy : List.of("null", "\"\"", "0", "false")) {
      assertThat(next(paginator, "{\"cursors\":{\"next\":" + falsy + "}}")).as(falsy).isEmpty();
    }
    assertThat(next(paginator, "{}")).isEmpty();
  }

  @Test
  void cursorStopsAfterEmptyPageOnlyWhenAsked() {
    String empty = "{\"data\":[],\"next\":\"abc\"}";
    assertThat(next(new Paginator.Cursor("next", null, null, false, null), empty)).isPresent();
    assertThat(next(new Paginator.Cursor("next", null, null, true, null), empty)).isEmpty();
  }

  @Test
  void hasMoreFlagEndsOrIsRefusedWhenMissing() {
    Paginator paginator = new Paginator.Cursor("next", null, null, null, "more");
    assertThat(next(paginator, "{\"next\":\"a\",\"more\":true}")).isPresent();
    assertThat(next(paginator, "{\"next\":\"a\",\"more\":\"false\"}")).isEmpty();
    assertInvalid(
        paginator, "{\"next\":\"a\"}", "it is missing: more (check the paginator's has_more_path)");
    assertInvalid(
        paginator, "{\"next\":\"a\",\"more\":\"maybe\"}", "it is not true or false: maybe");
  }

  @Test
  void offsetStepsByWhatCame() {
    Paginator paginator = offset(100, null, null, null);
    assertThat(Paging.first(paginator)).isEqualTo(Step.number(0));
    assertThat(next(paginator, "{\"data\":[1,2,3],\"total\":10}"))
        .as("the server caps the page at 3")
        .contains(Step.number(3));
  }

  @Test
  void offsetEndsAtTotalMaximumEmptyPageOrHasMore() {
    String three = "{\"data\":[1,2,3],\"total\":%s,\"more\":%s}";
    assertThat(next(offset(3, null, null, null), three.formatted("3", "true"))).isEmpty();
    assertThat(next(offset(3, null, null, null), three.formatted("\"4\"", "true"))).isPresent();
    assertThat(next(offset(3, "", 3L, null), three.formatted("null", "true"))).isEmpty();
    assertThat(next(offset(3, "", 4L, null), three.formatted("null", "true"))).isPresent();
    assertThat(next(offset(3, null, null, "more"), three.formatted("99", "false"))).isEmpty();
    assertThat(next(offset(3, null, null, "more"), three.formatted("3", "true")))
        .as("has_more does not revive an exhausted range")
        .isEmpty();
    assertThat(next(offset(3, null, null, null), "{\"data\":[],\"total\":99}")).isEmpty();
  }

  @Test
  void missingOrNullTotalIsToleratedWhenAnEmptyPageIsTheEnd() {
    assertThat(next(offset(1, null, null, null), "{\"data\":[1],\"total\":null}")).isPresent();
    assertThat(next(offset(1, null, null, null), "[1]")).isPresent();
    Paginator endless =
        new Paginator.Offset(1, 0, null, null, null, null, "total", null, false, null);
    assertInvalid(endless, "{\"data\":[]}", "nothing else says where to stop: total");
    assertInvalid(
        offset(1, null, null, null),
        "{\"data\":[1],\"total\":\"many\"}",
        "not a whole number: many");
  }

  @Test
  void emptyPageMayBeInTheMiddle() {
    Paginator paginator =
        new Paginator.Offset(10, 0, null, null, null, null, null, null, false, null);
    assertThat(next(paginator, "{\"data\":[],\"total\":99}")).contains(Step.number(10));
  }

  @Test
  void pageNumberCountsFromItsBaseToTheTotalOfPages() {
    Paginator fromOne = new Paginator.PageNumber(1, null, null, null, null, null, null, null);
    assertThat(Paging.first(fromOne)).isEqualTo(Step.number(1));
    PageView two = page("{\"data\":[1],\"total\":2}");
    assertThat(Paging.next(fromOne, Step.number(1), two)).contains(Step.number(2));
    assertThat(Paging.next(fromOne, Step.number(2), two)).isEmpty();
    Paginator fromZero = new Paginator.PageNumber(null, null, null, null, null, 5L, null, null);
    assertThat(Paging.next(fromZero, Step.number(1), two)).isEmpty();
    assertThat(Paging.next(fromZero, Step.number(0), two)).contains(Step.number(1));
    assertThat(Paging.next(fromZero, Step.number(4), page("[1]"))).as("maximum_page").isEmpty();
    assertThat(Paging.first(new Paginator.PageNumber(1, 7, null, null, null, null, null, null)))
        .isEqualTo(Step.number(7));
  }

  @Test
  void detectsPaginatorsInOrder() throws IOException {
    assertThat(detect("{\"next\":\"http://x/2\",\"pages\":3}", Map.of("next", "/2")).type())
        .isEqualTo("header_link");
    assertThat(
            detect("{\"paging\":{\"next\":{\"href\":\"/2\"}},\"pages\":3,\"data\":[]}", Map.of()))
        .isEqualTo(new Detection("json_link", "paging.next.href", null));
    assertThat(detect("{\"nextPage\":\"x\",\"meta\":{\"total_pages\":3},\"data\":[]}", Map.of()))
        .isEqualTo(new Detection("page_number", "meta.total_pages", 0));
    assertThat(detect("{\"page\":1,\"pages\":3,\"data\":[]}", Map.of()))
        .isEqualTo(new Detection("page_number", "pages", 1));
    assertThat(detect("{\"next_cursor\":\"x\",\"data\":[]}", Map.of()))
        .isEqualTo(new Detection("cursor", "next_cursor", null));
    assertThat(detect("{\"a.b\":{\"@next\":1,\"next\":\"c\"},\"data\":[]}", Map.of()).paginator())
        .isEqualTo(new Paginator.Cursor("['a.b'].next", null, null, null, null));
    assertThat(detect("{\"value\":[],\"@odata.nextLink\":\"http://x/2\"}", Map.of()))
        .as("dlt ends there")
        .isEqualTo(new Detection("json_link", "['@odata.nextLink']", null));
    assertThat(detect("{\"title\":\"book\",\"pages\":300}", Map.of()).type())
        .as("a thing that has pages is not a list")
        .isEqualTo("single_page");
    assertThat(detect("[{\"next\":\"/2\"}]", Map.of()).type()).isEqualTo("single_page");
  }

  @Test
  void parsesLinkHeaders() {
    assertThat(
            Links.parse(
                List.of(
                    "<https://x/a?b=1,2>; rel=\"next\", </c>; title=\"a, b\"; rel=last",
                    "<d>; rel=\"prev first\"")))
        .isEqualTo(Map.of("next", "https://x/a?b=1,2", "last", "/c", "prev", "d", "first", "d"));
    assertThat(Links.parse(List.of("<a>; REL=Next"))).containsExactly(Map.entry("next", "a"));
    assertThat(Links.parse(List.of("nonsense", "<x>", ""))).isEmpty();
  }

  private static Paginator.Offset offset(Integer limit, String total, Long maximum, String more) {
    return new Paginator.Offset(limit, null, null, null, null, null, total, maximum, null, more);
  }

  private static Detection detect(String json, Map<String, String> links) throws IOException {
    JsonScan scan = new JsonScan(null, List.of(), true);
    return Detection.of(scan.read(json.getBytes(StandardCharsets.UTF_8)), links);
  }

  private static Optional<Step> next(Paginator paginator, String json) {
    return Paging.next(
        paginator, Paging.first(paginator), page(json, Paging.paths(Paging.written(paginator))));
  }

  private static PageView page(String json) {
    return page(json, List.of(JsonPath.parse("x", "total")));
  }

  private static PageView page(String json, List<JsonPath> paths) {
    try {
      JsonScan scan = new JsonScan(null, paths, false).read(json.getBytes(StandardCharsets.UTF_8));
      long records = scan.records().records();
      return new PageView(records, records, scan.values(), Headers.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertInvalid(Paginator paginator, String json, String message) {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> next(paginator, json))
        .matches(e -> e.failure() == Failure.RESPONSE_INVALID)
        .withMessageContaining(message);
  }
}
