package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.run.Quota;
import io.millrace.worker.Backend;
import io.millrace.worker.Cli;
import io.millrace.worker.RealServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A rate limit from the configuration to the server that it is for. */
@Timeout(180)
class RateLimitTest {
  private static final int PAGES = 12;
  private static final int REQUESTS = 5;

  /** Two seconds, less what a busy machine may need to take a request in. */
  private static final long PER_NANOS = TimeUnit.MILLISECONDS.toNanos(1_800);

  @TempDir Path folder;
  private final String project = "p" + UUID.randomUUID().toString().substring(0, 8);
  private final String queue = "test-" + UUID.randomUUID();
  private final List<Long> seen = Collections.synchronizedList(new ArrayList<>());

  @Test
  void workerBorrowsItsPlacesFromTheQuotaOfTheHost() throws Exception {
    String address = RealServer.address();
    HttpServer api = api();
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      Files.writeString(folder.resolve("millrace.yaml"), project(api.getAddress().getPort()));
      Cli worker = Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address);
      Future<Cli.Result> working = worker.start("worker", "--queues", queue);
      while (!worker.said().contains("Worker for") && !working.isDone()) {
        Thread.onSpinWait();
      }
      Cli.Result run =
          Cli.ofTheHouse(folder)
              .with("TEMPORAL_ADDRESS", address)
              .run("run", "--queue", queue, "--output", "json");
      assertThat(run.code()).as(run.out() + run.err()).isZero();
      worker.signal("TERM");
      assertThat(working.get(60, TimeUnit.SECONDS).code()).isZero();

      assertThat(seen).hasSize(PAGES);
      for (int i = 0; i + REQUESTS < seen.size(); i++) {
        assertThat(seen.get(i + REQUESTS) - seen.get(i)).isGreaterThanOrEqualTo(PER_NANOS);
      }
      String quota = Quota.id(project, "127.0.0.1:" + api.getAddress().getPort());
      assertThat(backend.client().fetchHistory(quota).getEvents())
          .filteredOn(e -> e.hasWorkflowExecutionUpdateCompletedEventAttributes())
          .as("it asked for its places")
          .hasSizeBetween(1, 2 * PAGES);
      backend.client().newUntypedWorkflowStub(quota).terminate("the test is over");
    } finally {
      api.stop(0);
    }
  }

  private String project(int port) {
    return """
        project: %s
        destination: {type: duckdb, path: shop.duckdb, dataset: shop_data}
        sources:
          shop:
            type: rest_api
            client:
              base_url: http://127.0.0.1:%d/
              rate_limit: {requests: %d, per: 2s}
              paginator: {type: page_number, base_page: 1, total_path: pages}
            resources: [orders]
        """
        .formatted(project, port, REQUESTS);
  }

  private HttpServer api() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/orders",
        exchange -> {
          seen.add(System.nanoTime());
          String page = exchange.getRequestURI().getQuery().replaceAll("\\D", "");
          byte[] body =
              "{\"pages\":%d,\"data\":[{\"id\":%s}]}"
                  .formatted(PAGES, page)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }
}
