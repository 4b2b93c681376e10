package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.project.Text;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that fail or slow us down, over many pages; time passes only where we wait. */
@Timeout(60)
class StormTest {
  @TempDir Path folder;
  private final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));
  private final MockWebServer server = new MockWebServer();
  private RestExtractor extractor;
  private int pages = 10;
  private Integer attempts;
  private boolean woken;
  private Client.Backoff backoff;
  private List<Client.RateLimit> rate = List.of();
  private List<Endpoint.ResponseAction> actions = List.of();
  private final List<Long> requests = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server.start();
    extractor = new RestExtractor(new EnvSecrets(Map.of(), folder), time, time);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** What the server answers to a page's n-th request of all; {@code null} is the page. */
  private void answers(BiFunction<Integer, Integer, MockResponse.Builder> answer) {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            synchronized (requests) {
              requests.add(time.millis());
              int page = Integer.parseInt(request.getUrl().queryParameter("page"));
              MockResponse.Builder other = answer.apply(page, requests.size());
              return (other == null ? page(page) : other).build();
            }
          }
        });
  }

  private MockResponse.Builder page(int page) {
    return new MockResponse.Builder().body(page >= pages ? "[]" : "[{\"id\":" + page + "}]");
  }

  private static MockResponse.Builder status(int status) {
    return new MockResponse.Builder().code(status);
  }

  @Test
  void thirtyPercentOf429WithoutRetryAfterCostTheBackOff() throws Exception {
    pages = 100;
    Random random = new Random(2);
    answers((page, n) -> random.nextInt(10) < 3 ? status(429) : null);
    assertThat(fetchAll()).isEqualTo(pages);
    int refused = requests.size() - pages - 1;
    assertThat(refused).isGreaterThan(25);
    // 1 s each, 2 s for the second in a row, …: in the mean 1/(1 - 2 x 0.3) of the first
    assertThat(time.paused).isLessThan(refused * 1_000L * 2);
  }

  @Test
  void retryAfterZeroIsTriedAgainAtOnceButNotForEver() throws Exception {
    answers((page, n) -> page == 3 && n < 6 ? status(429).addHeader("Retry-After", "0") : null);
    assertThat(fetchAll()).isEqualTo(10);
    assertThat(time.paused).isLessThan(1_000);
  }

  @Test
  void slidingWindowAtTheServerIsNeverFullerThanTold() throws Exception {
    pages = 100;
    rate = List.of(new Client.RateLimit(20, Duration.ofSeconds(2)));
    answers((page, n) -> null);
    assertThat(fetchAll()).isEqualTo(pages);
    for (int i = 0; i + 20 < requests.size(); i++) {
      assertThat(requests.get(i + 20) - requests.get(i)).isGreaterThanOrEqualTo(2_000);
    }
    assertThat(time.paused).as("1.2 x the ideal 10 s").isLessThan(12_000);
  }

  @Test
  void whatTheServerSaysIsLeftIsKeptTo() throws Exception {
    pages = 35;
    answers(
        (page, n) ->
            page(page)
                .addHeader("RateLimit", "limit=10, remaining=" + (9 - (n - 1) % 10) + ", reset=7"));
    assertThat(fetchAll()).isEqualTo(pages);
    assertThat(requests.get(10) - requests.get(9)).isEqualTo(7_000);
    assertThat(requests.get(20) - requests.get(19)).isEqualTo(7_000);
  }

  @Test
  void longResetIsHandedBackAfterThePageThatSaidSo() throws Exception {
    answers(
        (page, n) ->
            page(page)
                .addHeader("X-RateLimit-Remaining", n == 1 ? "0" : "99")
                .addHeader("X-RateLimit-Reset", "" + (time.millis() / 1000 + 2_400)));
    Extractor.Fetched first = fetch(null).fetched();
    assertThat(first.waitMillis()).isEqualTo(2_400_000);
    assertThat(first.waitReason()).isEqualTo("localhost has nothing left until it resets");
    assertThat(requests).hasSize(1);
    assertThat(fetch(first.position()).fetched().waitMillis()).isEqualTo(2_400_000);
    assertThat(requests).as("nothing is sent before its time").hasSize(1);
    woken = true;
    assertThat(fetch(first.position()).fetched().done()).as("unless somebody wants it").isTrue();
  }

  @Test
  void deadHostIsLeftAloneAndProbed() throws Exception {
    boolean[] dead = {true};
    answers((page, n) -> dead[0] ? status(503) : null);
    attempts = 30;
    backoff = new Client.Backoff(null, Duration.ofSeconds(1));
    Extractor.Fetched open = fetch(null).fetched();
    assertThat(open.waitMillis()).isGreaterThan(30_000);
    assertThat(open.waitReason())
        .isEqualTo(
            "the circuit of localhost is open, because nearly all of its answers fail: status 503");
    assertThat(requests).hasSize(10);
    assertThat(fetch(null).fetched().waitMillis()).as("so do others").isGreaterThan(30_000);
    assertThat(requests).hasSize(10);

    time.millis(open.waitMillis());
    Extractor.Fetched again = fetch(open.position()).fetched();
    assertThat(requests).as("two tried it").hasSize(12);
    assertThat(again.waitMillis()).as("and it waits longer").isGreaterThan(open.waitMillis());

    woken = true;
    dead[0] = false;
    Extractor.Fetched healed = fetch(again.position()).fetched();
    assertThat(healed.done()).isTrue();
  }

  @Test
  void hostThatStaysDeadIsToldOfInTheEnd() throws Exception {
    answers((page, n) -> status(503));
    JsonNode position = null;
    for (int i = 0; i < 3; i++) {
      JsonNode from = position;
      assertThatExceptionOfType(MillraceException.class)
          .isThrownBy(() -> all(from))
          .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.SOURCE_UNREACHABLE))
          .withMessageContaining("503");
    }
    assertThat(requests.size()).as("15 without a circuit").isLessThan(15);
  }

  @Test
  void retriesHaveABudget() {
    Retries retries = new Retries(time);
    int spent = 0;
    while (retries.spend()) {
      spent++;
    }
    assertThat(spent).isEqualTo(20);
    retries.earn();
    assertThat(retries.spend()).isTrue();
    assertThat(retries.spend()).isFalse();
    time.millis(60_000);
    for (int i = 0; i < 20; i++) {
      assertThat(retries.spend()).as("it grows back").isTrue();
    }
    assertThat(retries.spend()).isFalse();
  }

  @Test
  void actionsSayWhatAnAnswerMeans() throws Exception {
    actions =
        List.of(
            new Endpoint.ResponseAction(200, "\"busy\"", "wait", Duration.ofSeconds(7), null),
            new Endpoint.ResponseAction(200, "\"flaky\"", "retry", Duration.ofSeconds(2), null),
            new Endpoint.ResponseAction(200, "\"long\"", "wait", Duration.ofHours(1), null),
            new Endpoint.ResponseAction(200, "\"soon\"", "wait"),
            new Endpoint.ResponseAction(410, null, "skip_parent"),
            new Endpoint.ResponseAction(200, "\"broken\"", "fail", null, "their index is broken"));
    String[] bodies = {"busy", "flaky", null, "long"};
    answers((page, n) -> n > 4 || bodies[n - 1] == null ? null : body(bodies[n - 1]));
    Extractor.Fetched fetched = fetch(null).fetched();
    assertThat(requests.get(1) - requests.get(0)).isEqualTo(7_000);
    assertThat(requests.get(2) - requests.get(1)).isEqualTo(2_000);
    assertThat(fetched.waitMillis()).isEqualTo(3_600_000);
    time.millis(3_600_000);
    assertThat(fetch(fetched.position()).fetched().done()).isTrue();

    answers((page, n) -> body("soon"));
    assertThat(fetch(null).fetched().waitMillis()).as("a minute").isEqualTo(60_000);
    time.millis(60_000);

    answers((page, n) -> status(410));
    Extractor.Fetched skipped = fetch(null).fetched();
    assertThat(skipped.done()).isTrue();
    assertThat(skipped.notes()).isEqualTo(Map.of("skipped_parents", 1L));

    answers((page, n) -> body("broken"));
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> fetch(null))
        .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.SOURCE_REFUSED))
        .withMessageContaining("their index is broken: status 200: ");
  }

  @Test
  void actionThatAlwaysSaysRetryEndsAfterTheTries() {
    actions = List.of(new Endpoint.ResponseAction(null, "flaky", "retry"));
    answers((page, n) -> body("flaky"));
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> fetch(null))
        .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.SOURCE_UNREACHABLE));
    assertThat(requests).hasSize(5);
  }

  private static MockResponse.Builder body(String word) {
    return new MockResponse.Builder().body("{\"state\":\"" + word + "\"}");
  }

  private void all(JsonNode from) throws IOException {
    JsonNode position = from;
    for (int i = 0; i < 20; i++) {
      Extractor.Fetched fetched = fetch(position).fetched();
      assertThat(fetched.done()).isFalse();
      position = fetched.position();
      time.millis(fetched.waitMillis());
    }
  }

  /** Pages that came with records; waits are waited out as a workflow does. */
  private int fetchAll() throws IOException {
    JsonNode position = null;
    int bodies = 0;
    while (true) {
      FetchedSegment segment = fetch(position);
      bodies += (int) segment.bodies().stream().filter(b -> !b.equals("[]")).count();
      time.millis(segment.fetched().waitMillis());
      if (segment.fetched().done()) {
        return bodies;
      }
      position = segment.fetched().position();
    }
  }

  private FetchedSegment fetch(JsonNode position) throws IOException {
    return FetchedSegment.fetch(
        folder.resolve("staging"), extractor, this::order, position, Progress.NONE);
  }

  private Extractor.Order order(JsonNode position) {
    Client client =
        new Client(
            new Text(server.url("/v1").toString()),
            null,
            null,
            new Paginator.PageNumber(null, null, null, null, null, null, null, null),
            rate,
            null,
            new Client.Retry(attempts, null, backoff),
            null,
            null,
            null);
    Endpoint endpoint =
        new Endpoint(new Text("orders"), null, null, null, null, null, null, null, actions, null);
    Resource resource =
        new Resource(
            "orders", endpoint, null, null, null, null, true, null, null, null, null, null);
    Source source = new Source.RestApi("shop", client, null, List.of(resource));
    return new Extractor.Order(
        null,
        source,
        resource,
        null,
        position,
        Resource.SegmentBounds.DEFAULT,
        null,
        false,
        woken,
        null,
        Map.of());
  }
}
