package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.project.Text;
import io.millrace.source.Auth;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Limits;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.assertj.core.api.ThrowableAssertAlternative;

/**
 * A REST API on loopback and a resource {@code shop.orders} that reads it; tests say what differs.
 */
final class Api implements AutoCloseable {
  final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));
  final MockWebServer server = new MockWebServer();
  final Map<String, String> environment = new LinkedHashMap<>();
  private final Path folder;

  Auth auth;
  Paginator paginator = new Paginator.SinglePage();
  String method = "GET";
  String selector;
  String base;
  Text path = new Text("orders");
  Map<String, JsonNode> values = Map.of();
  JsonNode json;
  Map<String, Text> headers = Map.of();
  Map<String, Text> params = Map.of();
  List<String> allowHosts = List.of();
  Limits limits;
  Client.Tls tls;
  Duration total;
  boolean blockPrivate;
  int attempts = 1;

  private EnvSecrets secrets;
  private RestExtractor extractor;

  Api(Path folder) {
    this.folder = folder;
  }

  EnvSecrets secrets() {
    if (secrets == null) {
      secrets = new EnvSecrets(environment, folder);
    }
    return secrets;
  }

  RestExtractor extractor() {
    if (extractor == null) {
      extractor = new RestExtractor(secrets(), time, time);
    }
    return extractor;
  }

  /** Another process reads from now on, one that knows nothing of this one. */
  void restart() {
    extractor = null;
    secrets = null;
  }

  FetchedSegment fetch() throws IOException {
    return fetch(null);
  }

  FetchedSegment fetch(JsonNode position) throws IOException {
    return FetchedSegment.fetch(
        folder.resolve("staging"), extractor(), this::order, position, Progress.NONE);
  }

  /** Fetches, and expects a failure with these parts in its message. */
  ThrowableAssertAlternative<MillraceException> fails(Failure failure, String... parts) {
    var thrown =
        assertThatExceptionOfType(MillraceException.class)
            .isThrownBy(this::fetch)
            .matches(e -> e.failure() == failure, "is " + failure);
    for (String part : parts) {
      thrown.withMessageContaining(part);
    }
    return thrown;
  }

  Extractor.Order order(JsonNode position) {
    Client client =
        new Client(
            new Text(base == null ? server.url("/v1").toString() : base),
            headers,
            auth,
            paginator,
            null,
            null,
            new Client.Retry(attempts, null, null),
            new Client.Timeout(null, null, total),
            limits,
            allowHosts,
            tls,
            blockPrivate);
    Endpoint endpoint =
        new Endpoint(path, method, params, null, json, selector, null, null, List.of(), null);
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
        false,
        null,
        values);
  }

  void enqueue(String json) {
    server.enqueue(json(json).build());
  }

  static MockResponse.Builder json(String body) {
    return new MockResponse.Builder().addHeader("Content-Type", "application/json").body(body);
  }

  static MockResponse status(int status, String... headers) {
    MockResponse.Builder response = new MockResponse.Builder().code(status);
    for (int i = 0; i < headers.length; i += 2) {
      response.addHeader(headers[i], headers[i + 1]);
    }
    return response.build();
  }

  /** All that a log would show of it: causes and what was suppressed too. */
  static String stack(Throwable e) {
    StringWriter out = new StringWriter();
    e.printStackTrace(new PrintWriter(out));
    return out.toString();
  }

  @Override
  public void close() {
    server.close();
  }
}
