package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.run.Quota;
import io.millrace.worker.Backend;
import io.millrace.worker.ChildWorker;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  @Test
  void workerBorrowsItsPlacesFromTheQuotaOfTheHost() throws Exception {
    String address = RealServer.address();
    HttpServer api = api();
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      Files.writeString(
          folder.resolve("millrace.yaml"),
          project(api.getAddress().getPort(), "orders", "headers: {}"));
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
      assertWindows();
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

  @Test
  void threeWorkerProcessesShareTheLimitOfTheirHost() throws Exception {
    String address = RealServer.address();
    HttpServer api = api();
    int port = api.getAddress().getPort();
    List<ChildWorker> workers = new ArrayList<>();
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      String resources =
          IntStream.range(0, 6)
              .mapToObj(i -> "{name: o%d, endpoint: orders/%d}".formatted(i, i))
              .collect(Collectors.joining(", "));
      String each = "headers: {X-Worker: \"${env:WORKER}\"}";
      Files.writeString(folder.resolve("millrace.yaml"), project(port, resources, each));
      for (int i = 1; i <= 3; i++) {
        workers.add(
            ChildWorker.program(
                folder.resolve("worker" + i + ".log"),
                Map.of("WORKER", "worker-" + i),
                "worker",
                "-c",
                folder.toString(),
                "--address",
                address,
                "--queues",
                queue,
                "--slots",
                "1"));
      }
      for (int i = 1; i <= 3; i++) {
        awaitReady(folder.resolve("worker" + i + ".log"), workers.get(i - 1));
      }
      Cli.Result run =
          Cli.ofTheHouse(folder)
              .with("TEMPORAL_ADDRESS", address)
              .run("run", "--queue", queue, "--parallel", "6", "--output", "json");
      assertThat(run.code()).as(run.out() + run.err()).isZero();
      assertThat(seen).hasSize(6 * PAGES);
      assertThat(names).as("all three asked").hasSize(3);
      assertWindows();
      String quota = Quota.id(project, "127.0.0.1:" + port);
      backend.client().newUntypedWorkflowStub(quota).terminate("the test is over");
    } finally {
      workers.forEach(ChildWorker::close);
      api.stop(0);
    }
  }

  private static void awaitReady(Path log, ChildWorker worker) throws Exception {
    while (!Files.exists(log) || !Files.readString(log).contains("Worker for")) {
      assertThat(worker.alive()).as("a worker starts").isTrue();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private void assertWindows() {
    List<Long> times = new ArrayList<>(seen);
    Collections.sort(times);
    for (int i = 0; i + REQUESTS < times.size(); i++) {
      assertThat(times.get(i + REQUESTS) - times.get(i)).isGreaterThanOrEqualTo(PER_NANOS);
    }
  }

  private String project(int port, String resources, String more) {
    return """
        project: %s
        destination: {type: duckdb, path: shop.duckdb, dataset: shop_data}
        sources:
          shop:
            type: rest_api
            client:
              base_url: http://127.0.0.1:%d/
              %s
              rate_limit: {requests: %d, per: 2s}
              paginator: {type: page_number, base_page: 1, total_path: pages}
            resources: [%s]
        """
        .formatted(project, port, more, REQUESTS, resources);
  }

  private HttpServer api() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/orders",
        exchange -> {
          seen.add(System.nanoTime());
          names.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Worker")));
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
