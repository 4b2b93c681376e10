package io.millrace.worker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A server on loopback whose answers a test gives by path; it keeps what it was asked. */
final class ApiStandIn implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Function<Asked, Answer>> answers = new ConcurrentHashMap<>();
  final List<Asked> asked = new CopyOnWriteArrayList<>();

  /** A request. */
  record Asked(String path, Map<String, String> params, String authorization, String body) {
    /** {@code null} when it has none of that name. */
    String param(String name) {
      return params.get(name);
    }

    int number(String name, int otherwise) {
      return params.containsKey(name) ? Integer.parseInt(params.get(name)) : otherwise;
    }
  }

  /** An answer. */
  record Answer(int status, Map<String, String> headers, String body) {
    Answer with(String header, String value) {
      Map<String, String> all = new HashMap<>(headers);
      all.put(header, value);
      return new Answer(status, all, body);
    }
  }

  ApiStandIn() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.start();
  }

  static Answer json(String body) {
    return status(200, body);
  }

  static Answer status(int code, String body) {
    return new Answer(code, Map.of("Content-Type", "application/json"), body);
  }

  ApiStandIn on(String path, Function<Asked, Answer> answer) {
    answers.put(path, answer);
    return this;
  }

  ApiStandIn on(String path, String json) {
    return on(path, request -> json(json));
  }

  /** Without a slash at its end. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Asked request =
          new Asked(
              exchange.getRequestURI().getPath(),
              params(exchange.getRequestURI().getRawQuery()),
              exchange.getRequestHeaders().getFirst("Authorization"),
              new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      asked.add(request);
      Answer answer =
          answers
              .getOrDefault(request.path(), r -> status(404, "{\"message\": \"no\"}"))
              .apply(request);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Map<String, String> params(String query) {
    Map<String, String> params = new LinkedHashMap<>();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      String[] parts = pair.split("=", 2);
      params.put(URLDecoder.decode(parts[0], UTF_8), URLDecoder.decode(parts[1], UTF_8));
    }
    return params;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
