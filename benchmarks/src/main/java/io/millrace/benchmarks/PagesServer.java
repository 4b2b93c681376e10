package io.millrace.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * A local API of numbered pages of about 150 KB, made before the first is asked for, so that it
 * costs a reader as little as it can.
 */
final class PagesServer implements AutoCloseable {
  static final int BYTES = 150_000;

  /** Neighbours differ, as pages of an API do. */
  private static final int VARIANTS = 32;

  static {
    // without it every answer waits for a delayed acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(8);
  private final List<byte[]> bodies = new ArrayList<>();
  private final boolean gzip;
  private final long millis;

  /**
   * @param pages that it has
   * @param gzip whether bodies are compressed
   * @param millis until it answers
   */
  PagesServer(int pages, boolean gzip, long millis) throws IOException {
    this.gzip = gzip;
    this.millis = millis;
    String[] events =
        new String(Shape.GITHUB.bytes(200), StandardCharsets.UTF_8).strip().split("\n");
    for (int i = 0; i < VARIANTS; i++) {
      byte[] body = body(pages, events, i).getBytes(StandardCharsets.UTF_8);
      bodies.add(gzip ? compressed(body) : body);
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/events", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private static String body(int pages, String[] events, int first) {
    StringBuilder json = new StringBuilder("{\"total_pages\":" + pages + ",\"data\":[");
    for (int i = first; json.length() < BYTES; i++) {
      json.append(i == first ? "" : ",").append(events[i % events.length]);
    }
    return json.append("]}").toString();
  }

  private static byte[] compressed(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(body);
    }
    return bytes.toByteArray();
  }

  private void answer(HttpExchange exchange) {
    threads.schedule(() -> send(exchange), millis, TimeUnit.MILLISECONDS);
  }

  private void send(HttpExchange exchange) {
    String page = exchange.getRequestURI().getQuery().replaceAll("\\D", "");
    byte[] body = bodies.get(Integer.parseInt(page) % VARIANTS);
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (gzip) {
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      }
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      // the reader is gone, and says so itself
      return;
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
