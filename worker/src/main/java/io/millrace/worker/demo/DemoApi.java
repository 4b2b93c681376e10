package io.millrace.worker.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.worker.demo.DemoData.Kind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The shop's API on the loopback interface, with the manners of a real one: OAuth, three kinds of
 * pagination, filters by time, and one surprise of each kind. Thread-safe; counts what it is asked.
 *
 * <ul>
 *   <li>{@code /v1/customers}: page numbers; the first request for page 2 answers 429
 *   <li>{@code /v1/orders}: an absolute link to the next page; the first token ends at page 3
 *   <li>{@code /v1/events}: a cursor; the first request for the second page answers 500
 * </ul>
 */
final class DemoApi implements AutoCloseable {
  static final String CLIENT_ID = "millrace-demo";

  private static final int THREADS = 8;
  private static final Map<Kind, Integer> PAGE_SIZE =
      Map.of(Kind.CUSTOMERS, 50, Kind.ORDERS, 100, Kind.EVENTS, 250);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static {
    // without it every answer of more than one packet waits 40 ms for an acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** What a client must bear once. */
  enum Surprise {
    RATE_LIMIT("429 Too Many Requests with Retry-After: 1"),
    SERVER_ERROR("500 Internal Server Error"),
    TOKEN_EXPIRED("401 because the token expired");

    private final String words;

    Surprise(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private final DemoData data;
  private final String clientSecret;
  private final Runnable halfway;
  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  private final Map<String, Integer> requests = new TreeMap<>(); // guarded by this
  private final Set<Surprise> surprises = EnumSet.noneOf(Surprise.class); // guarded by this
  private int tokens; // guarded by this
  private boolean passedHalfway; // guarded by this

  private DemoApi(DemoData data, String clientSecret, Runnable halfway, HttpServer server) {
    this.data = data;
    this.clientSecret = clientSecret;
    this.halfway = halfway;
    this.server = server;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(64),
            task -> {
              Thread thread = new Thread(task, "demo-api");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.CallerRunsPolicy());
    server.setExecutor(threads);
    server.createContext("/", this::handle);
  }

  /**
   * Starts serving.
   *
   * @param port 0 for any free one
   * @param clientSecret what the token endpoint asks for
   * @param halfway called once, in the thread of the first request for page 7 of the orders and
   *     before it is answered: the first six pages (three segments of the demo) are on their way
   */
  static DemoApi start(DemoData data, int port, String clientSecret, Runnable halfway) {
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      DemoApi api = new DemoApi(data, clientSecret, halfway, HttpServer.create(address, 0));
      api.server.start();
      return api;
    } catch (BindException e) {
      throw new MillraceException(
          Failure.SOURCE_UNREACHABLE,
          "Cannot start the demo's API: port "
              + port
              + " is taken (an interrupted demo can only go on at the same port: free it, or"
              + " delete millrace-demo and millrace-demo.duckdb to begin again)",
          e);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.SOURCE_UNREACHABLE, "Cannot start the demo's API: " + e.getMessage(), e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** For example {@code http://127.0.0.1:41234}. */
  String url() {
    return "http://127.0.0.1:" + port();
  }

  /** How often each page was asked for, surprises included: {@code "orders 3"} to a number. */
  synchronized Map<String, Integer> requests() {
    return new TreeMap<>(requests);
  }

  /** The surprises that happened so far. */
  synchronized Set<Surprise> surprises() {
    return EnumSet.copyOf(surprises);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      try {
        Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
        switch (path) {
          case "/oauth/token" -> token(exchange);
          case "/v1/customers" -> customers(exchange, query);
          case "/v1/orders" -> orders(exchange, query);
          case "/v1/events" -> events(exchange, query);
          default -> refuse(exchange, 404, "there is no " + path);
        }
      } catch (DateTimeException | IllegalArgumentException e) {
        refuse(exchange, 400, e.getMessage());
      }
    }
  }

  private void token(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(8192);
    Map<String, String> form = form(new String(body, UTF_8));
    if (!CLIENT_ID.equals(form.get("client_id"))
        || !clientSecret.equals(form.get("client_secret"))
        || !"client_credentials".equals(form.get("grant_type"))) {
      refuse(exchange, 401, "invalid_client");
      return;
    }
    String token;
    synchronized (this) {
      token = "demo-token-" + ++tokens;
    }
    answer(
        exchange,
        200,
        JSON.objectNode()
            .put("access_token", token)
            .put("token_type", "Bearer")
            .put("expires_in", 3600));
  }

  private void customers(HttpExchange exchange, Map<String, String> query) throws IOException {
    int page = Integer.parseInt(query.getOrDefault("page", "1"));
    if (!admitted(exchange, "customers " + page)) {
      return;
    }
    if (page == 2 && first(Surprise.RATE_LIMIT)) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      refuse(exchange, 429, "slow down");
      return;
    }
    int[] ids = data.changedSince(Kind.CUSTOMERS, since(query));
    ObjectNode body = JSON.objectNode();
    body.set("data", page(Kind.CUSTOMERS, ids, page));
    answer(exchange, 200, body.put("page", page).put("total_pages", pages(Kind.CUSTOMERS, ids)));
  }

  private void orders(HttpExchange exchange, Map<String, String> query) throws IOException {
    int page = Integer.parseInt(query.getOrDefault("page", "1"));
    if (page == 3) {
      first(Surprise.TOKEN_EXPIRED); // ends the first token, whoever holds it
    }
    if (!admitted(exchange, "orders " + page)) {
      return;
    }
    if (page == 7 && reachedHalfway()) {
      halfway.run();
    }
    int[] ids = data.changedSince(Kind.ORDERS, since(query));
    ObjectNode body = JSON.objectNode();
    body.set("data", page(Kind.ORDERS, ids, page));
    String next = null;
    if (page < pages(Kind.ORDERS, ids)) {
      String since = query.get("updated_since");
      next = url() + "/v1/orders?page=" + (page + 1);
      next += since == null ? "" : "&updated_since=" + URLEncoder.encode(since, UTF_8);
    }
    body.putObject("paging").put("next", next);
    answer(exchange, 200, body);
  }

  private void events(HttpExchange exchange, Map<String, String> query) throws IOException {
    String cursor = query.getOrDefault("cursor", "after-0");
    int page = Integer.parseInt(cursor.substring(cursor.indexOf('-') + 1)) + 1;
    if (!admitted(exchange, "events " + page)) {
      return;
    }
    if (page == 2 && first(Surprise.SERVER_ERROR)) {
      refuse(exchange, 500, "the shop has a moment of weakness");
      return;
    }
    int[] ids = data.changedSince(Kind.EVENTS, since(query));
    ObjectNode body = JSON.objectNode();
    body.set("data", page(Kind.EVENTS, ids, page));
    String next = page < pages(Kind.EVENTS, ids) ? "after-" + page : null;
    body.putObject("cursors").put("next", next);
    answer(exchange, 200, body);
  }

  /** Counts the request and checks its token; answers 401 itself when that does not hold. */
  private boolean admitted(HttpExchange exchange, String what) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    boolean valid;
    synchronized (this) {
      requests.merge(what, 1, Integer::sum);
      int oldest = surprises.contains(Surprise.TOKEN_EXPIRED) ? 2 : 1;
      valid = false;
      for (int n = oldest; n <= tokens && !valid; n++) {
        valid = ("Bearer demo-token-" + n).equals(authorization);
      }
    }
    if (!valid) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      refuse(exchange, 401, "the token is missing or expired");
    }
    return valid;
  }

  private synchronized boolean first(Surprise surprise) {
    return surprises.add(surprise);
  }

  private synchronized boolean reachedHalfway() {
    boolean first = !passedHalfway;
    passedHalfway = true;
    return first;
  }

  private ArrayNode page(Kind kind, int[] ids, int page) {
    ArrayNode records = JSON.arrayNode();
    int size = PAGE_SIZE.get(kind);
    long from = (page - 1L) * size;
    Arrays.stream(ids)
        .skip(Math.max(0, from))
        .limit(size)
        .forEach(id -> records.add(data.record(kind, id)));
    return records;
  }

  private static int pages(Kind kind, int[] ids) {
    return (ids.length + PAGE_SIZE.get(kind) - 1) / PAGE_SIZE.get(kind);
  }

  private static Instant since(Map<String, String> query) {
    String since = query.get("updated_since");
    return since == null ? Instant.EPOCH : OffsetDateTime.parse(since).toInstant();
  }

  private static Map<String, String> form(String encoded) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : encoded == null ? new String[0] : encoded.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(
            URLDecoder.decode(pair.substring(0, equals), UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), UTF_8));
      }
    }
    return fields;
  }

  private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
    answer(exchange, status, JSON.objectNode().put("error", why));
  }

  private static void answer(HttpExchange exchange, int status, ObjectNode body)
      throws IOException {
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
