package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.source.Auth;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Incremental;
import io.millrace.source.Limits;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestExtractorTest {
  private static final String CANARY = "canary-7f3a9c/+=";

  @TempDir Path folder;
  private final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));
  private final MockWebServer server = new MockWebServer();
  private Secrets secrets;
  private RestExtractor extractor;

  // what a test says differently from the defaults
  private Paginator paginator;
  private Paginator endpointPaginator;
  private Auth auth;
  private String path = "orders";
  private String method = "GET";
  private String selector;
  private JsonNode json;
  private Incremental incremental;
  private JsonNode windowStart;
  private Map<String, Text> params = Map.of();
  private Map<String, Text> headers = Map.of();
  private List<Endpoint.ResponseAction> actions = List.of();
  private List<Client.RateLimit> rate = List.of();
  private List<String> allowHosts = List.of();
  private Limits limits;
  private Integer attempts;
  private Resource.SegmentBounds bounds = Resource.SegmentBounds.DEFAULT;
  private Long pagesLeft;
  private boolean resumed;
  private String base;
  private Progress progress = Progress.NONE;

  @BeforeEach
  void start() throws IOException {
    server.start();
    secrets = new EnvSecrets(Map.of("CANARY", CANARY), folder);
    extractor = new RestExtractor(secrets, time, time);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void readsASinglePageAndFindsItsRecords() throws Exception {
    enqueue("{\"meta\":{\"x\":1},\"items\":[{\"id\":1},{\"id\":2}]}");
    FetchedSegment segment = fetch(null);
    assertThat(segment.fetched().done()).isTrue();
    assertThat(segment.fetched().requests()).isEqualTo(1);
    assertThat(segment.pages().get(0).selector()).containsExactly("items");
    assertThat(segment.pages().get(0).origin()).isEqualTo(server.url("/v1/orders").toString());
    assertThat(segment.bodies())
        .containsExactly("{\"meta\":{\"x\":1},\"items\":[{\"id\":1},{\"id\":2}]}");
  }

  @Test
  void sendsParamsHeadersAndBodyAsConfigured() throws Exception {
    method = "POST";
    params = Map.of("q", new Text("a b&c"));
    headers = Map.of("X-Thing", new Text("${env:CANARY}"));
    json = Wire.mapper().readTree("{\"since\":\"{incremental.start_value}\",\"x\":{\"n\":1}}");
    incremental =
        new Incremental(
            "id",
            com.fasterxml.jackson.databind.node.IntNode.valueOf(42),
            TextNode.valueOf("z"),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            "from",
            "to",
            null);
    enqueue("[]");
    fetch(null);
    RecordedRequest request = server.takeRequest();
    assertThat(request.getMethod()).isEqualTo("POST");
    assertThat(request.getUrl().queryParameter("q")).isEqualTo("a b&c");
    assertThat(request.getUrl().queryParameter("from")).isEqualTo("42");
    assertThat(request.getUrl().queryParameter("to")).isEqualTo("z");
    assertThat(request.getHeaders().get("X-Thing")).isEqualTo(CANARY);
    assertThat(request.getBody().utf8()).isEqualTo("{\"since\":42,\"x\":{\"n\":1}}");
    assertThat(request.getHeaders().get("Content-Type")).startsWith("application/json");
  }

  @Test
  void valueInAPathCannotLeaveItsPart() throws Exception {
    path = "a/{incremental.start_value}/b";
    incremental = incremental(TextNode.valueOf("../../x?y#z"));
    enqueue("[]");
    fetch(null);
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/a/..%2F..%2Fx%3Fy%23z/b");
  }

  @Test
  void joinsBaseUrlAndPathAsDltDoes() throws Exception {
    path = "/orders/";
    enqueue("[]");
    fetch(null);
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/orders/");
    path = server.url("/elsewhere?x=1").toString();
    params = Map.of("y", new Text("2"));
    enqueue("[]");
    fetch(null);
    assertThat(server.takeRequest().getTarget()).isEqualTo("/elsewhere?x=1&y=2");
  }

  @Test
  void detectsALinkAndFollowsItAcrossSegments() throws Exception {
    bounds = new Resource.SegmentBounds(null, 1, null);
    params = Map.of("per_page", new Text("3"));
    enqueue("{\"results\":[1],\"next\":\"" + server.url("/v1/orders?page=2") + "\"}");
    enqueue("{\"results\":[2],\"next\":\"?page=3\"}");
    enqueue("{\"results\":[3],\"next\":null}");
    List<FetchedSegment> segments = fetchAll();
    assertThat(segments).hasSize(3);
    assertThat(segments.stream().flatMap(s -> s.pages().stream()).map(RawPage::selector))
        .containsOnly(List.of("results"));
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/orders?per_page=3");
    assertThat(server.takeRequest().getTarget())
        .as("params are in the link")
        .isEqualTo("/v1/orders?page=2");
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/orders?page=3");
  }

  @Test
  void detectsALinkHeaderThatIsRelative() throws Exception {
    server.enqueue(json("[1]").addHeader("Link", "</v2/other?after=1>; rel=\"next\"").build());
    enqueue("[2]");
    assertThat(fetch(null).bodies()).containsExactly("[1]", "[2]");
    server.takeRequest();
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v2/other?after=1");
  }

  @Test
  void detectsANumberOfPages() throws Exception {
    enqueue("{\"page\":1,\"total_pages\":2,\"data\":[1]}");
    enqueue("{\"page\":2,\"total_pages\":2,\"data\":[2]}");
    assertThat(fetch(null).bodies()).hasSize(2);
    server.takeRequest();
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/orders?page=2");
  }

  @Test
  void pagesWithACursorInTheBodyOfAPost() throws Exception {
    method = "POST";
    json = Wire.mapper().readTree("{\"query\":\"{{ a }}\",\"variables\":{\"n\":2}}");
    endpointPaginator =
        new Paginator.Cursor("page.end", null, "variables.after", null, "page.more");
    enqueue("{\"data\":[1],\"page\":{\"end\":\"c1\",\"more\":true}}");
    enqueue("{\"data\":[2],\"page\":{\"end\":\"c2\",\"more\":false}}");
    assertThat(fetch(null).bodies()).hasSize(2);
    assertThat(server.takeRequest().getBody().utf8())
        .isEqualTo("{\"query\":\"{ a }\",\"variables\":{\"n\":2}}");
    assertThat(server.takeRequest().getBody().utf8())
        .isEqualTo("{\"query\":\"{ a }\",\"variables\":{\"n\":2,\"after\":\"c1\"}}");
  }

  @Test
  void offsetLosesNothingWhenTheServerCapsThePage() throws Exception {
    paginator = new Paginator.Offset(100, null, null, null, null, null, null, null, null, null);
    enqueue("{\"data\":[1,2],\"total\":3}");
    enqueue("{\"data\":[3],\"total\":3}");
    assertThat(fetch(null).bodies()).hasSize(2);
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/orders?offset=0&limit=100");
    assertThat(server.takeRequest().getTarget()).isEqualTo("/v1/orders?offset=2&limit=100");
  }

  @Test
  void segmentEndsAtItsBoundsAndWhenDraining() throws Exception {
    paginator = new Paginator.PageNumber(null, null, null, null, null, null, null, null);
    server.setDispatcher(pages());
    bounds = new Resource.SegmentBounds(null, 3, null);
    assertThat(fetch(null).bodies()).hasSize(3);
    bounds = new Resource.SegmentBounds(20L, null, null);
    assertThat(fetch(null).bodies()).as("by bytes").hasSize(2);
    bounds = Resource.SegmentBounds.DEFAULT;
    pagesLeft = 2L;
    assertThat(fetch(null).bodies()).hasSize(2);
    pagesLeft = null;
    progress = draining();
    FetchedSegment drained = fetch(null);
    assertThat(drained.bodies()).hasSize(1);
    assertThat(drained.fetched().done()).isFalse();
    progress = Progress.NONE;
    bounds = new Resource.SegmentBounds(null, null, Duration.ofSeconds(10));
    rate = List.of(new Client.RateLimit(1, Duration.ofSeconds(4)));
    assertThat(fetch(null).bodies()).as("by time").hasSize(4);
  }

  @Test
  void triesAgainAfterServerErrorsAndCountsThePageOnce() throws Exception {
    server.enqueue(new MockResponse.Builder().code(500).build());
    server.enqueue(new MockResponse.Builder().code(503).addHeader("Retry-After", "2").build());
    enqueue("[1]");
    FetchedSegment segment = fetch(null);
    assertThat(segment.bodies()).containsExactly("[1]");
    assertThat(segment.fetched().requests()).isEqualTo(3);
    assertThat(time.paused).isBetween(2_750L, 3_250L);
  }

  @Test
  void givesUpAfterTheConfiguredTries() {
    attempts = 3;
    for (int i = 0; i < 3; i++) {
      server.enqueue(new MockResponse.Builder().code(502).body("bad gateway").build());
    }
    assertFails(
        Failure.SOURCE_UNREACHABLE, "page 1 of ", "the server fails: status 502: bad gateway");
    assertThat(server.getRequestCount()).isEqualTo(3);
  }

  @Test
  void aFetchThatFailsTellsHowManyRequestsItSent() {
    attempts = 3;
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    for (int i = 0; i < 3; i++) {
      server.enqueue(new MockResponse.Builder().code(502).build());
    }
    assertThatExceptionOfType(Extractor.Failed.class)
        .isThrownBy(() -> fetch(null))
        .satisfies(e -> assertThat(e.requests).isEqualTo(4));
  }

  @Test
  void shortRetryAfterIsWaitedOutHere() throws Exception {
    server.enqueue(new MockResponse.Builder().code(429).addHeader("Retry-After", "1").build());
    enqueue("[1]");
    FetchedSegment segment = fetch(null);
    assertThat(segment.fetched().done()).isTrue();
    assertThat(segment.bodies()).hasSize(1);
    assertThat(time.paused).isEqualTo(1_000);
  }

  @Test
  void longRetryAfterIsHandedBackWithWhatCame() throws Exception {
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    server.enqueue(new MockResponse.Builder().code(429).addHeader("Retry-After", "3600").build());
    enqueue("{\"data\":[2]}");
    FetchedSegment first = fetch(null);
    assertThat(first.bodies()).hasSize(1);
    assertThat(first.fetched().done()).isFalse();
    assertThat(first.fetched().waitMillis()).isEqualTo(3_600_000);
    assertThat(first.fetched().waitReason()).contains("status 429");
    assertThat(time.paused).isZero();
    time.millis(first.fetched().waitMillis());
    FetchedSegment second = fetch(first.fetched().position());
    assertThat(second.bodies()).containsExactly("{\"data\":[2]}");
    assertThat(second.fetched().done()).isTrue();
  }

  @Test
  void serverThatAlwaysSaysLaterEndsAfterTheTries() throws Exception {
    attempts = 1;
    for (int i = 0; i < 4; i++) {
      server.enqueue(new MockResponse.Builder().code(429).addHeader("Retry-After", "3600").build());
    }
    JsonNode position = null;
    for (int i = 0; i < 3; i++) {
      position = fetch(position).fetched().position();
      time.millis(3_600_000);
    }
    assertFails(
        position, Failure.RATE_LIMITED, "it asks us to slow down again and again: status 429");
  }

  @Test
  void longRateLimitIsHandedBack() throws Exception {
    rate = List.of(new Client.RateLimit(1, Duration.ofHours(1)));
    server.setDispatcher(pages());
    paginator = new Paginator.PageNumber(null, null, null, null, null, null, null, null);
    FetchedSegment segment = fetch(null);
    assertThat(segment.bodies()).hasSize(1);
    assertThat(segment.fetched().waitMillis()).isBetween(3_600_000L, 3_600_250L);
    assertThat(segment.fetched().waitReason()).startsWith("the rate limit of ");
  }

  @Test
  void absurdRateLimitResetIsNotObeyed() throws Exception {
    server.enqueue(
        json("[1]")
            .addHeader("X-RateLimit-Remaining", "0")
            .addHeader("X-RateLimit-Reset", "9999999999")
            .build());
    assertThat(fetch(null).fetched().waitMillis()).isZero();
    assertThat(time.paused).isZero();
  }

  @Test
  void truncatedBodyIsReadAgain() throws Exception {
    server.enqueue(
        json("[1,2")
            .setHeader("Content-Length", "100")
            .onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE)
            .build());
    server.enqueue(json("[1,2").build()); // Content-Length too short
    server.enqueue(
        new MockResponse.Builder()
            .body("[1,2")
            .removeHeader("Content-Length")
            .onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE)
            .build()); // ends with the connection
    enqueue("[1,2]");
    FetchedSegment segment = fetch(null);
    assertThat(segment.bodies()).containsExactly("[1,2]");
    assertThat(segment.fetched().requests()).isEqualTo(4);
  }

  @Test
  void bodyThatStaysTruncatedIsNamed() {
    attempts = 2;
    enqueue("{\"data\":[1,");
    enqueue("{\"data\":[1,");
    assertFails(
        Failure.RESPONSE_TRUNCATED, "page 1 of ", "the JSON ends too early: after 11 bytes");
    enqueue("");
    enqueue("");
    assertFails(Failure.RESPONSE_TRUNCATED, "the body is empty: status 200");
  }

  @Test
  void gzipIsDecodedAndBrokenGzipIsReadAgain() throws Exception {
    Buffer gzip = new Buffer();
    try (var sink = Okio.buffer(new GzipSink(gzip))) {
      sink.writeUtf8("[1,2,3]");
    }
    Buffer cut = new Buffer();
    gzip.copyTo(cut, 0, gzip.size() - 6);
    for (Buffer body : List.of(cut, gzip)) {
      server.enqueue(
          new MockResponse.Builder().addHeader("Content-Encoding", "gzip").body(body).build());
    }
    assertThat(fetch(null).bodies()).containsExactly("[1,2,3]");
    assertThat(server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void bodyThatIsNotJsonIsShownInItsFirstWords() {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "text/html")
            .body("<html>\n\n<body>Please log in " + CANARY + " " + "x".repeat(200))
            .build());
    auth = new Auth.Bearer(new Text("${env:CANARY}"));
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> fetch(null))
        .matches(e -> e.failure() == Failure.RESPONSE_INVALID)
        .withMessageContaining("page 1 of " + server.url("/v1/orders"))
        .withMessageContaining(
            "the body is a web page: content type text/html, it begins: <html> <body>Please log in ***")
        .matches(e -> !e.getMessage().contains(CANARY))
        .matches(e -> !e.getMessage().contains("x".repeat(121)));
  }

  @Test
  void selectorThatLeadsNowhereIsNamed() {
    selector = "data.rows";
    enqueue("{\"error\":{\"code\":7},\"status\":\"failed\"}");
    assertFails(
        Failure.RESPONSE_INVALID,
        "there is nothing at the data_selector: data.rows (the answer has error, status;");
  }

  @Test
  void laterPageWithoutTheDetectedRecordsIsAnError() {
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    enqueue("{\"message\":\"something broke\"}");
    assertFails(Failure.RESPONSE_INVALID, "page 2 of ", "nothing at the data_selector: data");
  }

  @Test
  void refusalsSayWhatToDo() {
    for (Map.Entry<Integer, String> refusal :
        Map.of(
                401,
                "check `auth`",
                403,
                "ask for the permission",
                404,
                "check `base_url` and `path`")
            .entrySet()) {
      server.enqueue(
          new MockResponse.Builder().code(refusal.getKey()).body("{\"m\":\"no\"}").build());
      assertFails(
          Failure.SOURCE_REFUSED,
          "the server refuses: status " + refusal.getKey() + ": {\"m\":\"no\"}",
          refusal.getValue());
    }
    assertThat(server.getRequestCount()).as("no second try").isEqualTo(3);
  }

  @Test
  void unreachableHostIsNamedAfterTheTries() {
    attempts = 2;
    server.close();
    assertFails(Failure.SOURCE_UNREACHABLE, "Cannot reach http://", "check `base_url`");
  }

  @Test
  void connectionThatBreaksIsTriedAgain() throws Exception {
    server.enqueue(json("[1]").onResponseStart(new SocketEffect.CloseSocket()).build());
    enqueue("[1]");
    assertThat(fetch(null).bodies()).containsExactly("[1]");
  }

  @Test
  void noContentAndIgnoredStatusEndQuietly() throws Exception {
    server.enqueue(new MockResponse.Builder().code(204).build());
    FetchedSegment empty = fetch(null);
    assertThat(empty.fetched().done()).isTrue();
    assertThat(empty.fetched().unchanged()).isFalse();
    actions = List.of(new Endpoint.ResponseAction(404, "no more", "ignore"));
    server.enqueue(new MockResponse.Builder().code(404).body("there is no more").build());
    assertThat(fetch(null).fetched().done()).isTrue();
    server.enqueue(new MockResponse.Builder().code(404).body("wrong path").build());
    assertFails(Failure.SOURCE_REFUSED, "status 404");
    server.enqueue(new MockResponse.Builder().code(304).build());
    assertThat(fetch(null).fetched().unchanged()).isTrue();
  }

  @Test
  void nextLinkToAnotherOriginIsRefusedBeforeConnecting() throws Exception {
    try (MockWebServer foreign = new MockWebServer()) {
      foreign.start();
      enqueue("{\"data\":[1],\"next\":\"" + foreign.url("/steal") + "\"}");
      assertFails(Failure.POLICY_REFUSED, "it leads to another origin", "allow_hosts");
      server.enqueue(redirect(foreign.url("/steal").toString()));
      assertFails(
          Failure.POLICY_REFUSED,
          "Cannot follow a redirect of shop.orders: it leads to another origin");
      assertThat(foreign.getRequestCount()).isZero();
    }
  }

  @Test
  void allowedForeignHostSeesNothingOfOurs() throws Exception {
    try (MockWebServer foreign = new MockWebServer()) {
      foreign.start();
      foreign.enqueue(json("{\"data\":[2]}").build());
      allowHosts = List.of(foreign.getHostName() + ":" + foreign.getPort());
      auth = new Auth.ApiKey(new Text("${env:CANARY}"), "api_key", "query");
      headers = Map.of("X-Api-Key", new Text("${env:CANARY}"), "Cookie", new Text("a=b"));
      enqueue("{\"data\":[1],\"next\":\"" + foreign.url("/p2") + "\"}");
      assertThat(fetch(null).bodies()).hasSize(2);
      RecordedRequest request = foreign.takeRequest();
      assertThat(request.getTarget()).isEqualTo("/p2");
      assertThat(request.getHeaders().names())
          .containsExactlyInAnyOrder("User-Agent", "Host", "Connection", "Accept-Encoding");
      assertThat(server.takeRequest().getUrl().queryParameter("api_key")).isEqualTo(CANARY);
    }
  }

  @Test
  void redirectsAtHomeAreFollowedFiveTimes() throws Exception {
    auth = new Auth.Bearer(new Text("${env:CANARY}"));
    for (int i = 0; i < 5; i++) {
      server.enqueue(redirect("/hop" + i));
    }
    enqueue("[1]");
    assertThat(fetch(null).bodies()).hasSize(1);
    for (int i = 0; i < 6; i++) {
      assertThat(server.takeRequest().getHeaders().get("Authorization"))
          .isEqualTo("Bearer " + CANARY);
    }
    for (int i = 0; i < 6; i++) {
      server.enqueue(redirect("/hop" + i));
    }
    assertFails(Failure.POLICY_REFUSED, "more than 5 redirects");
  }

  @Test
  void circlesOfAnyKindAreNamed() {
    paginator = new Paginator.Cursor("next", null, null, null, null);
    for (List<String> circle : List.of(List.of("a", "a"), List.of("a", "b", "a"))) {
      circle.forEach(c -> enqueue("{\"data\":[1],\"next\":\"" + c + "\"}"));
      assertFails(Failure.POLICY_REFUSED, "the way to the next page was taken already: a");
    }
    paginator = null;
    enqueue("{\"data\":[1],\"next\":\"/v1/orders\"}");
    assertFails(Failure.POLICY_REFUSED, "taken already: " + server.url("/v1/orders"));
    paginator = new Paginator.Offset(1, null, null, null, null, null, null, null, null, null);
    enqueue("{\"data\":[7]}");
    enqueue("{\"data\":[7]}");
    assertFails(Failure.POLICY_REFUSED, "the page has the same records as the one before");
  }

  @Test
  void circleIsFoundAcrossSegmentsOfOnePage() {
    paginator = new Paginator.Cursor("next", null, null, null, null);
    bounds = new Resource.SegmentBounds(null, 1, null);
    for (int i = 0; i < 40; i++) {
      enqueue("{\"data\":[" + i + "],\"next\":\"c" + (i % 5) + "\"}");
    }
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(this::fetchAll)
        .matches(e -> e.failure() == Failure.POLICY_REFUSED)
        .withMessageContaining("leads in a circle");
  }

  @Test
  void limitsOfPagesAndBytesHold() {
    paginator = new Paginator.PageNumber(null, null, null, null, null, null, null, null);
    limits = new Limits(3L, 1_000L, null, null);
    server.setDispatcher(pages());
    assertFails(Failure.POLICY_REFUSED, "more than 3 pages (raise `limits.pages`");
    server.setDispatcher(new mockwebserver3.QueueDispatcher());
    Buffer gzip = new Buffer();
    try (var sink = Okio.buffer(new GzipSink(gzip))) {
      sink.writeUtf8("[" + " ".repeat(1_000_000) + "]");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    server.enqueue(
        new MockResponse.Builder().addHeader("Content-Encoding", "gzip").body(gzip).build());
    assertFails(Failure.POLICY_REFUSED, "it is larger than 1000 bytes", "limits.response_bytes");
  }

  @Test
  void sendsEveryKindOfAuth() throws Exception {
    Text token = new Text("${env:CANARY}");
    Map<Auth, String> expected =
        Map.of(
            new Auth.Bearer(token), "Authorization: Bearer " + CANARY,
            new Auth.ApiKey(token, null, null), "Authorization: " + CANARY,
            new Auth.ApiKey(token, "X-Key", "header"), "X-Key: " + CANARY,
            new Auth.ApiKey(token, "sid", "cookie"), "Cookie: sid=" + CANARY,
            new Auth.HttpBasic(new Text("me"), new Text("pässword")),
                "Authorization: Basic bWU6cMOkc3N3b3Jk");
    for (Map.Entry<Auth, String> one : expected.entrySet()) {
      auth = one.getKey();
      enqueue("[]");
      fetch(null);
      String[] header = one.getValue().split(": ", 2);
      assertThat(server.takeRequest().getHeaders().get(header[0])).isEqualTo(header[1]);
    }
  }

  @Test
  void headerThatHttpDoesNotAllowDoesNotShowItsValue() {
    secrets = new EnvSecrets(Map.of("CANARY", CANARY + "\nsecond-line"), folder);
    extractor = new RestExtractor(secrets, time, time);
    headers = Map.of("X-Api-Key", new Text("${env:CANARY}"));
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> fetch(null))
        .matches(e -> e.failure() == Failure.CONFIG_INVALID)
        .matches(e -> !stack(e).contains(CANARY) && !stack(e).contains("second-line"));
  }

  @Test
  void tokenIsFetchedOnceAndAgainAfterItWasRefused() throws Exception {
    auth = oauth(Map.of("scope", new Text("read")));
    enqueue("{\"access_token\":\"token-one\",\"expires_in\":3600}");
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    server.enqueue(new MockResponse.Builder().code(401).build());
    enqueue("{\"access_token\":\"token-two\"}");
    enqueue("{\"data\":[2]}");
    FetchedSegment segment = fetch(null);
    assertThat(segment.bodies()).hasSize(2);
    assertThat(segment.fetched().requests()).isEqualTo(5);
    RecordedRequest first = server.takeRequest();
    assertThat(first.getTarget()).isEqualTo("/token");
    assertThat(first.getBody().utf8())
        .contains(
            "grant_type=client_credentials", "client_id=me", "scope=read", "client_secret=canary");
    assertThat(server.takeRequest().getHeaders().get("Authorization"))
        .isEqualTo("Bearer token-one");
    server.takeRequest();
    server.takeRequest();
    assertThat(server.takeRequest().getHeaders().get("Authorization"))
        .isEqualTo("Bearer token-two");
    assertThat(secrets.mask("token-one token-two")).isEqualTo("*** ***");

    enqueue("[3]");
    fetch(null);
    assertThat(server.takeRequest().getHeaders().get("Authorization"))
        .as("the token outlives the fetch")
        .isEqualTo("Bearer token-two");
    time.millis(3_600_000);
    enqueue("{\"access_token\":\"token-three\"}");
    enqueue("[4]");
    fetch(null);
    assertThat(server.takeRequest().getTarget()).as("expired").isEqualTo("/token");
  }

  @Test
  void secondRefusalOfATokenIsTheEnd() {
    auth = oauth(Map.of());
    enqueue("{\"access_token\":\"token-one\"}");
    server.enqueue(new MockResponse.Builder().code(401).build());
    enqueue("{\"access_token\":\"token-two\"}");
    server.enqueue(new MockResponse.Builder().code(401).build());
    assertFails(Failure.SOURCE_REFUSED, "status 401", "check `auth`");
    server.enqueue(
        new MockResponse.Builder().code(400).body("{\"error\":\"invalid_client\"}").build());
    time.millis(3_600_000);
    assertFails(
        Failure.SOURCE_REFUSED, "Cannot get a token from ", "invalid_client", "client_secret");
  }

  @Test
  void secretNeverLeavesInPositionsOriginsOrManifests() throws Exception {
    auth = new Auth.ApiKey(new Text("${env:CANARY}"), "api_key", "query");
    params = Map.of("sig", new Text("${env:CANARY}"));
    bounds = new Resource.SegmentBounds(null, 1, null);
    String echo =
        server
            .url("/v1/orders")
            .newBuilder()
            .addQueryParameter("page", "2")
            .addQueryParameter("api_key", CANARY)
            .addQueryParameter("sig", CANARY)
            .build()
            .toString();
    enqueue("{\"data\":[1],\"next\":\"" + echo + "\"}");
    enqueue("{\"data\":[2]}");
    FetchedSegment first = fetch(null);
    FetchedSegment second = fetch(first.fetched().position());
    assertThat(second.fetched().done()).isTrue();
    server.takeRequest();
    RecordedRequest request = server.takeRequest();
    assertThat(request.getUrl().queryParameter("api_key")).as("added again").isEqualTo(CANARY);
    assertThat(request.getUrl().queryParameter("page")).isEqualTo("2");
    String said = first.fetched() + " " + first.pages() + " " + second.fetched() + second.pages();
    assertClean(said);

    enqueue(
        "{\"data\":[1],\"next\":\"/v1/"
            + "orders?other="
            + java.net.URLEncoder.encode(CANARY, StandardCharsets.UTF_8)
            + "\"}");
    assertFails(Failure.POLICY_REFUSED, "it holds a secret of ours");
  }

  @Test
  void secretNeverLeavesInAFailure() {
    auth = new Auth.ApiKey(new Text("${env:CANARY}"), "api_key", "query");
    headers = Map.of("X-Token", new Text("${env:CANARY}"));
    attempts = 1;
    List<Consumer<MockWebServer>> failures =
        List.of(
            s -> s.enqueue(new MockResponse.Builder().code(500).body("bad key " + CANARY).build()),
            s -> s.enqueue(new MockResponse.Builder().code(401).body("bad key " + CANARY).build()),
            s -> s.enqueue(new MockResponse.Builder().body("bad key " + CANARY).build()),
            s -> s.enqueue(json("{\"x\":[").build()),
            s -> s.enqueue(json("").build()),
            s -> s.enqueue(json("{\"" + CANARY + "\":1}").build()),
            s -> s.enqueue(redirect("ftp://x/?" + CANARY)),
            s -> s.enqueue(redirect("http://evil.example/?k=" + CANARY)),
            s -> s.enqueue(json("[1]").onResponseStart(new SocketEffect.CloseSocket()).build()),
            s -> s.enqueue(json("{\"data\":[1],\"next\":{}}").build()));
    selector = "data";
    paginator = new Paginator.JsonLink(null);
    mockwebserver3.QueueDispatcher queue = new mockwebserver3.QueueDispatcher();
    queue.setFailFast(true);
    server.setDispatcher(queue);
    for (Consumer<MockWebServer> failure : failures) {
      failure.accept(server);
      assertThatExceptionOfType(MillraceException.class)
          .isThrownBy(() -> fetch(null))
          .satisfies(e -> assertClean(stack(e)));
    }
    server.close();
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> fetch(null))
        .satisfies(e -> assertClean(stack(e)));
  }

  @Test
  void changedPaginatorDoesNotResumeAnOldPosition() throws Exception {
    bounds = new Resource.SegmentBounds(null, 1, null);
    paginator = new Paginator.JsonLink(null);
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    JsonNode position = fetch(null).fetched().position();
    paginator = new Paginator.Offset(1, null, null, null, null, null, null, null, null, null);
    assertFails(position, Failure.WINDOW_LOST, "its paginator was json_link", "is now offset");
    JsonNode ofFiles = Wire.mapper().readTree("{\"file\":\"a.jsonl\",\"offset\":7}");
    assertFails(ofFiles, Failure.WINDOW_LOST, "the stored position is not one of a REST API");
  }

  @Test
  void linkOfAnotherAddressIsNotFollowedWhenBaseUrlWasCorrected() throws Exception {
    bounds = new Resource.SegmentBounds(null, 1, null);
    paginator = new Paginator.JsonLink(null);
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    JsonNode position = fetch(null).fetched().position();
    try (MockWebServer moved = new MockWebServer()) {
      moved.start();
      base = moved.url("/v1").toString();
      assertFails(position, Failure.WINDOW_LOST, "is one of another address than `base_url`");
      assertThat(moved.getRequestCount()).isZero();
    }
  }

  @Test
  void paginatorThatIsDetectedNowResumesOnlyWhatItWouldHaveDetected() throws Exception {
    bounds = new Resource.SegmentBounds(null, 1, null);
    paginator = new Paginator.Offset(1, null, null, null, null, null, "", 9L, null, null);
    enqueue("[1]");
    JsonNode offset = fetch(null).fetched().position();
    paginator = new Paginator.Auto();
    assertFails(offset, Failure.WINDOW_LOST, "its paginator was offset", "is now auto");
    enqueue("{\"data\":[1],\"next\":\"/v1/orders?page=2\"}");
    JsonNode detected = fetch(null).fetched().position();
    enqueue("{\"data\":[2]}");
    assertThat(fetch(detected).fetched().done()).isTrue();
  }

  @Test
  void placeThatTheServerHasForgottenIsToldFromARefusal() throws Exception {
    bounds = new Resource.SegmentBounds(null, 1, null);
    paginator = new Paginator.Cursor("next", "cursor", null, null, null);
    enqueue("{\"data\":[1],\"next\":\"c2\"}");
    JsonNode position = fetch(null).fetched().position();
    for (int status : new int[] {400, 404, 410, 422}) {
      refuse(status);
      assertFails(position, Failure.SOURCE_REFUSED, "status " + status);
      resumed = true;
      refuse(status);
      assertFails(
          position,
          Failure.WINDOW_LOST,
          "does not know the place any more where the run before stopped: status " + status,
          "expired");
      refuse(status);
      assertFails(null, Failure.SOURCE_REFUSED, "page 1", "status " + status);
      resumed = false;
    }
    resumed = true;
    refuse(401);
    assertFails(position, Failure.SOURCE_REFUSED, "status 401");
    bounds = Resource.SegmentBounds.DEFAULT;
    enqueue("{\"data\":[2],\"next\":\"c3\"}");
    refuse(410);
    assertFails(position, Failure.SOURCE_REFUSED, "page 3", "status 410");
  }

  private void refuse(int status) {
    server.enqueue(new MockResponse.Builder().code(status).body("cursor expired").build());
  }

  @Test
  void otherCharsetsBecomeUtf8() throws Exception {
    Buffer latin = new Buffer().write("[\"é\"]".getBytes(StandardCharsets.ISO_8859_1));
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json; charset=iso-8859-1")
            .body(latin)
            .build());
    assertThat(fetch(null).bodies()).containsExactly("[\"é\"]");
    server.enqueue(new MockResponse.Builder().body(new Buffer().writeUtf8("\uFEFF[1]")).build());
    assertThat(fetch(null).bodies()).containsExactly("[1]");
  }

  @Test
  void progressThatThrowsEndsTheFetch() {
    server.enqueue(json("[1]").headersDelay(30, java.util.concurrent.TimeUnit.SECONDS).build());
    progress =
        new Progress() {
          @Override
          public void report(long pages, long rows, long bytes) {
            throw new MillraceException(Failure.CANCELLED, "cancelled");
          }

          @Override
          public boolean draining() {
            return false;
          }
        };
    assertFails(Failure.CANCELLED, "cancelled");
  }

  private static Auth oauth0(String url, Map<String, Text> data) {
    return new Auth.OAuth2ClientCredentials(
        new Text(url), new Text("me"), new Text("${env:CANARY}"), data, null);
  }

  private Auth oauth(Map<String, Text> data) {
    return oauth0(server.url("/token").toString(), data);
  }

  private static Incremental incremental(JsonNode initial) {
    return new Incremental(
        "id", initial, null, null, null, null, null, null, null, null, null, null, null);
  }

  private static void assertClean(String text) {
    byte[] bytes = CANARY.getBytes(StandardCharsets.UTF_8);
    assertThat(text)
        .doesNotContain(CANARY)
        .doesNotContain(java.net.URLEncoder.encode(CANARY, StandardCharsets.UTF_8))
        .doesNotContain("canary-7f3a9c")
        .doesNotContain(java.util.Base64.getEncoder().encodeToString(bytes));
  }

  private static String stack(Throwable e) {
    java.io.StringWriter out = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(out));
    return out.toString();
  }

  private void assertFails(Failure failure, String... parts) {
    assertFails(null, failure, parts);
  }

  private void assertFails(JsonNode position, Failure failure, String... parts) {
    var thrown =
        assertThatExceptionOfType(MillraceException.class)
            .isThrownBy(() -> fetch(position))
            .satisfies(e -> assertThat(e.failure()).as(e.getMessage()).isEqualTo(failure));
    for (String part : parts) {
      thrown.withMessageContaining(part);
    }
  }

  private List<FetchedSegment> fetchAll() throws IOException {
    return FetchedSegment.all(this::fetch);
  }

  private FetchedSegment fetch(JsonNode position) throws IOException {
    return FetchedSegment.fetch(
        folder.resolve("staging"), extractor, this::order, position, progress);
  }

  private Extractor.Order order(JsonNode position) {
    Client client =
        new Client(
            new Text(base == null ? server.url("/v1").toString() : base),
            headers,
            auth,
            paginator,
            rate,
            null,
            new Client.Retry(attempts, null, null),
            null,
            limits,
            allowHosts);
    Endpoint endpoint =
        new Endpoint(
            new Text(path),
            method,
            params,
            null,
            json,
            selector,
            endpointPaginator,
            null,
            actions,
            incremental);
    Resource resource =
        new Resource(
            "orders", endpoint, null, null, null, null, true, null, null, null, null, null);
    Source source = new Source.RestApi("shop", client, null, List.of(resource));
    Project project = ProjectFile.read("project: shop\nsources: {}\n", "millrace.yaml").orThrow();
    return new Extractor.Order(
        project, source, resource, windowStart, position, bounds, pagesLeft, resumed);
  }

  private void enqueue(String body) {
    server.enqueue(json(body).build());
  }

  private static MockResponse.Builder json(String body) {
    return new MockResponse.Builder().addHeader("Content-Type", "application/json").body(body);
  }

  private static MockResponse redirect(String to) {
    return new MockResponse.Builder().code(302).addHeader("Location", to).build();
  }

  /** Endless pages of ten bytes. */
  private static mockwebserver3.Dispatcher pages() {
    return new mockwebserver3.Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        String page = request.getUrl().queryParameter("page");
        return json("[1000000" + page + "]").build();
      }
    };
  }

  private static Progress draining() {
    return new Progress() {
      @Override
      public void report(long pages, long rows, long bytes) {}

      @Override
      public boolean draining() {
        return true;
      }
    };
  }
}
