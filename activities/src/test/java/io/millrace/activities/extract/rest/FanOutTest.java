package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.source.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages that are asked for before their turn: the same result as one after the other. */
class FanOutTest {
  private static final String PAGES = "paginator: {type: page_number, total_path: pages}";
  private static final String OFFSET = "paginator: {type: offset, limit: 10}";

  @TempDir Path folder;
  private final MockWebServer server = new MockWebServer();
  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void pagesAreAskedForAtTheSameTimeAndWrittenInOrder() throws IOException {
    CyclicBarrier three = new CyclicBarrier(3);
    serve(
        n -> {
          if (n > 0) {
            await(three); // nobody is answered before three are there
          }
          return page(n, 7);
        });
    FetchedSegment segment = source("concurrency: 3", PAGES).fetch(null);
    assertThat(segment.bodies()).containsExactlyElementsOf(bodies(0, 7));
    assertThat(segment.fetched().done()).isTrue();
    assertThat(segment.fetched().requests()).isEqualTo(7);
    assertThat(server.getRequestCount()).isEqualTo(7);
    assertThat(most).as("requests at the same time").hasValue(3);
  }

  @Test
  void positionsAreThoseOfOnePageAfterTheOther() throws IOException {
    serve(n -> page(n, 9));
    for (int pages = 1; pages <= 4; pages++) {
      List<String> serial = positions(source("concurrency: 1", PAGES).segmentsOf(pages));
      List<String> wide = positions(source("concurrency: 4", PAGES).segmentsOf(pages));
      assertThat(wide).as(pages + " pages a segment").isEqualTo(serial);
    }
  }

  private static List<String> positions(YamlSource source) throws IOException {
    List<String> all = new ArrayList<>();
    for (FetchedSegment segment : source.all()) {
      all.add(segment.fetched().position() + " " + segment.bodies());
    }
    return all;
  }

  @Test
  void nothingIsAskedForThatTheSegmentCannotTake() throws IOException {
    serve(n -> page(n, 100));
    YamlSource source = source("concurrency: 8", PAGES);
    assertThat(source.segmentsOf(3).fetch(null).bodies()).hasSize(3);
    assertThat(server.getRequestCount()).as("by pages").isEqualTo(3);
    source.segmentsOf(new Resource.SegmentBounds(100L, null, null));
    int size = page(0, 100).length();
    int fit = (100 + size - 1) / size;
    assertThat(source.fetch(null).bodies()).hasSize(fit);
    assertThat(server.getRequestCount()).as("by bytes").isEqualTo(3 + fit);
    source.segmentsOf(Resource.SegmentBounds.DEFAULT).pagesLeft = 2L;
    assertThat(source.fetch(null).bodies()).hasSize(2);
    assertThat(server.getRequestCount()).as("by the run's limit").isEqualTo(5 + fit);
    source = source("concurrency: 8\nlimits: {pages: 5}", PAGES);
    assertThat(failure(source).failure()).isEqualTo(Failure.POLICY_REFUSED);
    assertThat(server.getRequestCount()).as("by the source's limit").isEqualTo(10 + fit);
  }

  @Test
  void totalThatChangesIsFollowedOnePageAfterTheOther() throws IOException {
    AtomicInteger after = new AtomicInteger();
    serve(
        n -> {
          after.set(n >= 2 ? now.get() : 0);
          return page(n, n < 2 ? 6 : 9);
        });
    FetchedSegment segment = source("concurrency: 3", PAGES).fetch(null);
    assertThat(segment.bodies()).hasSize(9);
    assertThat(IntStream.range(0, 9).allMatch(n -> segment.bodies().get(n).contains("[" + n + "]")))
        .as("each once and in order: %s", segment.bodies())
        .isTrue();
    assertThat(after).as("at the end one at a time").hasValue(1);
    serve(n -> page(n, n < 2 ? 9 : 4));
    assertThat(source("concurrency: 3", PAGES).fetch(null).bodies()).as("it shrinks").hasSize(4);
  }

  @Test
  void pageSizesThatChangeLoseAndDoubleNothing() throws IOException {
    int[] sizes = {7, 7, 3, 10, 1, 5, 10};
    AtomicInteger answers = new AtomicInteger();
    serve(
        from -> {
          int size = from < 14 ? 7 : sizes[answers.getAndIncrement() % sizes.length];
          List<Integer> rows = IntStream.range(from, Math.min(60, from + size)).boxed().toList();
          return "{\"data\":" + rows + ",\"total\":60}";
        });
    List<Integer> all = new ArrayList<>();
    for (String body : source("concurrency: 4", OFFSET).bodies()) {
      for (String id : body.replaceAll("^.*\\[|].*$", "").split(", ")) {
        all.add(Integer.valueOf(id));
      }
    }
    assertThat(all).containsExactlyElementsOf(IntStream.range(0, 60).boxed().toList());
  }

  @Test
  void failureIsThatOfTheFirstPageThatFails() {
    server.setDispatcher(
        dispatcher(
            n ->
                n == 4
                    ? new MockResponse.Builder().code(403).body("no").build()
                    : n > 4
                        ? new MockResponse.Builder().code(401).build()
                        : new MockResponse.Builder().body(page(n, 9)).build()));
    MillraceException failed = failure(source("concurrency: 4", PAGES));
    assertThat(failed.failure()).isEqualTo(Failure.SOURCE_REFUSED);
    assertThat(failed).hasMessageContaining("page 5 of ").hasMessageContaining("status 403");
  }

  @Test
  void longWaitEndsTheFetchBeforeThePageThatMustWait() throws IOException {
    AtomicInteger limited = new AtomicInteger();
    server.setDispatcher(
        dispatcher(
            n ->
                n == 3 && limited.getAndIncrement() == 0
                    ? new MockResponse.Builder().code(429).addHeader("Retry-After", "3600").build()
                    : new MockResponse.Builder().body(page(n, 6)).build()));
    YamlSource source = source("concurrency: 4", PAGES);
    FetchedSegment first = source.fetch(null);
    assertThat(first.bodies()).containsExactly(page(0, 6), page(1, 6), page(2, 6));
    assertThat(first.fetched().waitMillis()).isEqualTo(3_600_000);
    assertThat(first.fetched().done()).isFalse();
    JsonNode position = first.fetched().position();
    assertThat(position.at("/pages").asInt()).isEqualTo(3);
    assertThat(source.fetch(position).fetched().waitMillis()).as("the host said so").isPositive();
    source.woken = true;
    FetchedSegment rest = source.fetch(position);
    assertThat(rest.bodies()).hasSize(3);
    assertThat(rest.fetched().done()).isTrue();
  }

  @Test
  void endThatComesEarlierThanPromisedIsTheEnd() throws IOException {
    serve(n -> n < 3 ? page(n, 9) : "{\"data\":[],\"pages\":9}");
    FetchedSegment segment = source("concurrency: 4", PAGES).fetch(null);
    assertThat(segment.fetched().done()).isTrue();
    assertThat(segment.bodies().get(3)).contains("[]");
    assertThat(segment.bodies()).hasSize(4);
  }

  @RepeatedTest(10)
  void paceHoldsForAllOfThem() throws IOException {
    serve(n -> page(n, 8));
    FetchedSegment segment =
        source("concurrency: 8\nrate_limit: {requests: 4, per: 1h}", PAGES).fetch(null);
    assertThat(server.getRequestCount()).isEqualTo(4);
    assertThat(segment.fetched().waitMillis()).isPositive();
    assertThat(segment.bodies())
        .as("the first pages got the places")
        .containsExactlyElementsOf(bodies(0, 8).subList(0, 4));
    assertThat(segment.fetched().position().at("/pages").asInt()).isEqualTo(4);
  }

  @Test
  void cookieOfTheFirstPageGoesWithThoseThatAreAskedForAhead() throws IOException {
    Dispatcher pages = dispatcher(n -> new MockResponse.Builder().body(page(n, 6)).build());
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
            MockResponse page = pages.dispatch(request);
            if ("0".equals(request.getUrl().queryParameter("page"))) {
              return page.newBuilder().addHeader("Set-Cookie", "session=s1; Path=/").build();
            }
            return "session=s1".equals(request.getHeaders().get("Cookie"))
                ? page
                : new MockResponse.Builder().code(403).build();
          }
        });
    assertThat(source("concurrency: 4", PAGES).fetch(null).bodies()).hasSize(6);
  }

  // ---- the server

  private interface Answering {
    String page(int number);
  }

  private static String page(int number, int pages) {
    return "{\"data\":[" + number + "],\"pages\":" + pages + "}";
  }

  private static List<String> bodies(int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> page(n, to)).toList();
  }

  private void serve(Answering answering) {
    server.setDispatcher(
        dispatcher(n -> new MockResponse.Builder().body(answering.page(n)).build()));
  }

  private Dispatcher dispatcher(java.util.function.IntFunction<MockResponse> answering) {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        String page = request.getUrl().queryParameter("page");
        String offset = request.getUrl().queryParameter("offset");
        most.accumulateAndGet(now.incrementAndGet(), Math::max);
        try {
          return answering.apply(Integer.parseInt(page == null ? offset : page));
        } finally {
          now.decrementAndGet();
        }
      }
    };
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private YamlSource source(String client, String endpoint) {
    return YamlSource.of(folder, server.url("/").toString(), client, endpoint);
  }

  private static MillraceException failure(YamlSource source) {
    try {
      source.bodies();
      throw new AssertionError("it should fail");
    } catch (MillraceException e) {
      return e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
