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
 * function of their number and edition, so a test knows every value without keeping any: record
 * {@code i} has {@code i % 4} lines, line {@code j} has {@code j % 2} discounts.
 */
final class RecordsApi implements AutoCloseable {
  static {
    // without it every answer waits for a delayed acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final int perPage;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Map<Integer, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final AtomicInteger total = new AtomicInteger();
  private volatile IntConsumer onPage = page -> {};
  private volatile int records;
  private volatile int edition;

  private RecordsApi(int perPage, HttpServer server) {
    this.perPage = perPage;
    this.server = server;
  }

  static RecordsApi start(int perPage) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    RecordsApi api = new RecordsApi(perPage, server);
    server.createContext("/records", api::answer);
    server.setExecutor(api.threads);
    server.start();
    return api;
  }

  /** From now on it has the first {@code records} records, of another edition, and counts anew. */
  void publish(int records, int edition) {
    this.records = records;
    this.edition = edition;
    requests.clear();
    total.set(0);
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

  /** Called with each page that is asked for, before it is answered. */
  void onPage(IntConsumer listener) {
    onPage = listener;
  }

  static String nameOf(int i) {
    return "record " + i + " ü😀";
  }

  static long amountOf(int i, int edition) {
    return (i * 7919L + edition) % 100_003;
  }

  static int dayOf(int i) {
    return 1 + i % 28;
  }

  static String cityOf(int i) {
    return "c" + i % 97;
  }

  static String skuOf(int i, int line) {
    return "s" + i + '-' + line;
  }

  static long quantityOf(int line, int edition) {
    return line + edition;
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
      total.incrementAndGet();
      onPage.accept(page);
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
      record(json, i, edition);
    }
    return json.append("]}").toString();
  }

  private static void record(StringBuilder json, int i, int edition) {
    json.append(
        "{\"id\":%d,\"name\":\"%s\",\"amountCents\":%d,\"updated_at\":\"2026-01-%02dT00:00:00Z\""
            .formatted(i, nameOf(i), amountOf(i, edition), dayOf(i)));
    json.append(
        ",\"address\":{\"city\":{\"name\":\"%s\",\"zip\":\"%d\"}},\"lines\":["
            .formatted(cityOf(i), 10_000 + i % 1000));
    for (int j = 0; j < i % 4; j++) {
      json.append(j > 0 ? "," : "")
          .append("{\"sku\":\"%s\",\"qty\":%d".formatted(skuOf(i, j), quantityOf(j, edition)))
          .append(",\"discounts\":[")
          .append(j % 2 == 1 ? "{\"percent\":2.5}" : "")
          .append("]}");
    }
    json.append("]}");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
