package io.millrace.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * A local API of nested records in numbered pages, which counts what it is asked. Records are a
 * function of their number, so a test knows every value without keeping any: record {@code i} has
 * {@code i % 4} lines, line {@code j} has {@code j % 2} discounts.
 */
final class RecordsApi implements AutoCloseable {
  static {
    // without it every answer waits for a delayed acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final int records;
  private final int perPage;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Map<Integer, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final AtomicInteger total = new AtomicInteger();
  private volatile IntConsumer onRequest = count -> {};

  private RecordsApi(int records, int perPage, HttpServer server) {
    this.records = records;
    this.perPage = perPage;
    this.server = server;
  }

  static RecordsApi start(int records, int perPage) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    RecordsApi api = new RecordsApi(records, perPage, server);
    server.createContext("/records", api::answer);
    server.setExecutor(api.threads);
    server.start();
    return api;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  int pages() {
    return (records + perPage - 1) / perPage;
  }

  /** Requests so far, repeated ones included. */
  int requests() {
    return total.get();
  }

  /** Requests beyond the first of each page. */
  int repeated() {
    return requests.values().stream().mapToInt(count -> count.get() - 1).sum();
  }

  /** Called with the number of each request, before it is answered. */
  void onRequest(IntConsumer listener) {
    onRequest = listener;
  }

  long lines() {
    return (long) records / 4 * 6 + new long[] {0, 0, 1, 3}[records % 4];
  }

  /** Sum of all {@code amount_cents}. */
  long amount() {
    long sum = 0;
    for (int i = 0; i < records; i++) {
      sum += amountOf(i);
    }
    return sum;
  }

  private static long amountOf(int i) {
    return (i * 7919L) % 100_003;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      int page = 1;
      for (String pair : String.valueOf(exchange.getRequestURI().getQuery()).split("&")) {
        if (pair.startsWith("page=")) {
          page = Integer.parseInt(pair.substring(5));
        }
      }
      requests.computeIfAbsent(page, p -> new AtomicInteger()).incrementAndGet();
      onRequest.accept(total.incrementAndGet());
      byte[] body = page(page).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private String page(int page) {
    StringBuilder json =
        new StringBuilder("{\"total_pages\":").append(pages()).append(",\"data\":[");
    int from = (page - 1) * perPage;
    int to = Math.min(records, from + perPage);
    for (int i = from; i < to; i++) {
      if (i > from) {
        json.append(',');
      }
      record(json, i);
    }
    return json.append("]}").toString();
  }

  private static void record(StringBuilder json, int i) {
    json.append("{\"id\":")
        .append(i)
        .append(",\"name\":\"record ")
        .append(i)
        .append(" ü😀\",\"amountCents\":")
        .append(amountOf(i));
    json.append(",\"updated_at\":\"2026-01-")
        .append(String.format("%02d", 1 + i % 28))
        .append("T00:00:00Z\"");
    json.append(",\"address\":{\"city\":{\"name\":\"c")
        .append(i % 97)
        .append("\",\"zip\":\"")
        .append(10_000 + i % 1000)
        .append("\"}},\"lines\":[");
    for (int j = 0; j < i % 4; j++) {
      json.append(j > 0 ? "," : "")
          .append("{\"sku\":\"s")
          .append(i)
          .append('-')
          .append(j)
          .append("\",\"qty\":")
          .append(j + 1)
          .append(",\"discounts\":[");
      json.append(j % 2 == 1 ? "{\"percent\":2.5}" : "").append("]}");
    }
    json.append("]}");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
