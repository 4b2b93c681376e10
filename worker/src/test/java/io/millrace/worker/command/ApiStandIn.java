package io.millrace.worker.command;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;

/** A server on loopback whose answers a test gives by path; it keeps what it was asked. */
final class ApiStandIn implements AutoCloseable {
  private final MockWebServer server = new MockWebServer();
  private final Map<String, Function<RecordedRequest, MockResponse>> answers = new TreeMap<>();
  final List<RecordedRequest> asked = new CopyOnWriteArrayList<>();

  ApiStandIn() throws Exception {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            asked.add(request);
            Function<RecordedRequest, MockResponse> answer =
                answers.get(request.getUrl().encodedPath());
            return answer == null ? status(404, "{\"message\":\"no\"}") : answer.apply(request);
          }
        });
    server.start();
  }

  ApiStandIn on(String path, Function<RecordedRequest, MockResponse> answer) {
    answers.put(path, answer);
    return this;
  }

  ApiStandIn on(String path, String json) {
    return on(path, request -> json(json));
  }

  /** Without a slash at its end. */
  String url() {
    return server.url("").toString().replaceAll("/$", "");
  }

  static MockResponse json(String body) {
    return status(200, body);
  }

  static MockResponse status(int code, String body) {
    return new MockResponse.Builder()
        .code(code)
        .addHeader("Content-Type", "application/json")
        .body(body)
        .build();
  }

  static int number(RecordedRequest request, String param, int otherwise) {
    String value = request.getUrl().queryParameter(param);
    return value == null ? otherwise : Integer.parseInt(value);
  }

  @Override
  public void close() {
    server.close();
  }
}
