package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.activities.extract.FetchedSegment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every request that leaves is counted and paced, whatever it is for. */
class ConnectionsTest {
  private static final String ONE_AN_HOUR = "\nrate_limit: {requests: 1, per: 1h}";
  private static final String PAGES = "paginator: {type: page_number, total_path: null}";

  @TempDir Path folder;
  private final MockWebServer server = new MockWebServer();
  private final MockWebServer other = new MockWebServer();

  @BeforeEach
  void start() throws IOException {
    server.start();
    other.start();
  }

  @AfterEach
  void stop() {
    server.close();
    other.close();
  }

  private static void answers(
      MockWebServer server, Function<RecordedRequest, MockResponse.Builder> answer) {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return answer.apply(request).build();
          }
        });
  }

  private static MockResponse.Builder page(RecordedRequest request) {
    int page = Integer.parseInt(request.getUrl().queryParameter("page"));
    return Api.json(page < 5 ? "[{\"id\":" + page + "}]" : "[]");
  }

  private FetchedSegment fetch(String client, String endpoint) throws IOException {
    return YamlSource.of(folder, server.url("/").toString(), client, endpoint).fetch(null);
  }

  private Failure failure(String client) throws IOException {
    try {
      fetch(client, PAGES);
      throw new AssertionError("it should fail");
    } catch (io.millrace.MillraceException e) {
      return e.failure();
    }
  }

  @Test
  void connectionThatTheServerClosedMeanwhileIsNoFailure() throws IOException {
    answers(server, r -> page(r).onResponseEnd(new SocketEffect.CloseSocket()));
    FetchedSegment segment = fetch("retry: {max_attempts: 1}", PAGES);
    assertThat(segment.fetched().done()).isTrue();
    assertThat(segment.bodies()).hasSize(6);
    assertThat(segment.fetched().requests()).isBetween(6L, 11L);
  }

  @Test
  void serverThatClosesBehindEachAnswerIsAskedOnceAPage() throws IOException {
    answers(
        server,
        r -> page(r).status("HTTP/1.0 200 OK").onResponseEnd(new SocketEffect.CloseSocket()));
    FetchedSegment segment = fetch("concurrency: 1\nretry: {max_attempts: 1}", PAGES);
    assertThat(segment.bodies()).hasSize(6);
    assertThat(segment.fetched().requests()).isEqualTo(6);
    assertThat(server.getRequestCount()).isEqualTo(6);
  }

  @Test
  void nothingIsRepeatedUncounted() throws IOException {
    answers(
        server, r -> new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
    assertThat(failure("retry: {max_attempts: 1}")).isEqualTo(Failure.SOURCE_UNREACHABLE);
    assertThat(server.getRequestCount()).as("reset").isEqualTo(1);
    answers(server, r -> new MockResponse.Builder().code(503).addHeader("Retry-After", "0"));
    assertThat(failure("retry: {max_attempts: 1}")).isEqualTo(Failure.SOURCE_UNREACHABLE);
    assertThat(server.getRequestCount()).as("503").isEqualTo(2);
    answers(server, r -> new MockResponse.Builder().code(408));
    assertThat(failure("retry: {max_attempts: 1}")).isEqualTo(Failure.SOURCE_REFUSED);
    assertThat(server.getRequestCount()).as("408").isEqualTo(3);
  }

  @Test
  void redirectWaitsForItsTurnToo() throws IOException {
    answers(
        server, r -> new MockResponse.Builder().code(307).addHeader("Location", "/moved?page=0"));
    FetchedSegment segment = fetch("concurrency: 1" + ONE_AN_HOUR, PAGES);
    assertThat(segment.fetched().waitMillis()).isBetween(3_000_000L, 3_700_000L);
    assertThat(segment.fetched().requests()).isEqualTo(1);
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void tokenTakesAPlaceOfTheHostThatGivesIt() throws IOException {
    String token = "{\"access_token\":\"t0ken-of-the-house\",\"expires_in\":3600}";
    answers(other, r -> Api.json(token));
    answers(server, r -> r.getUrl().encodedPath().equals("/token") ? Api.json(token) : page(r));
    String auth =
        "\nauth: {type: oauth2_client_credentials, access_token_url: \"%s\", client_id: me,"
            + " client_secret: hidden-secret}";
    String own = auth.formatted(server.url("/token"));
    FetchedSegment segment = fetch("concurrency: 1" + ONE_AN_HOUR + own, PAGES);
    assertThat(segment.fetched().waitMillis()).isPositive();
    assertThat(segment.fetched().requests()).isEqualTo(1);
    String foreign = auth.formatted(other.url("/token"));
    segment = fetch("concurrency: 1" + ONE_AN_HOUR + foreign, PAGES);
    assertThat(segment.bodies()).as("a page and its token").hasSize(1);
    assertThat(segment.fetched().requests()).isEqualTo(2);
  }

  @Test
  void theHostThatWantsRestIsTheOneThatSaidSo() throws IOException {
    String next = other.url("/more").toString();
    answers(server, r -> Api.json("{\"data\":[{\"id\":1}],\"next\":\"" + next + "\"}"));
    answers(other, r -> new MockResponse.Builder().code(429).addHeader("Retry-After", "3600"));
    YamlSource source =
        YamlSource.of(
            folder,
            server.url("/").toString(),
            "allow_hosts: [\"" + other.getHostName() + "\"]",
            "paginator: {type: json_link, next_url_path: next}");
    FetchedSegment first = source.fetch(null);
    assertThat(first.bodies()).hasSize(1);
    assertThat(first.fetched().waitMillis()).isEqualTo(3_600_000);
    JsonNode there = first.fetched().position();
    assertThat(source.fetch(there).fetched().waitMillis()).isPositive();
    assertThat(other.getRequestCount()).as("nothing is sent before its time").isEqualTo(1);
    assertThat(source.fetch(null).bodies()).as("nobody else said so").hasSize(1);
  }
}
