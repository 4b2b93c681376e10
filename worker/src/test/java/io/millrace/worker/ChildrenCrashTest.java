package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.run.GraphRun;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Children of {@code millrace.crash.parents} (2,000) parents, a real Temporal server, and workers
 * that are killed (-9) in the middle: the children of each parent are there once, and at most one
 * segment of requests is repeated per kill.
 */
@Timeout(600)
class ChildrenCrashTest {
  private static final int PARENTS = Integer.getInteger("millrace.crash.parents", 2000);
  private static final int PER_PAGE = 100;
  private static final int PER_SEGMENT = 200;
  private static final List<Integer> KILL_AT = List.of(PARENTS * 3 / 10, PARENTS * 9 / 10);

  private final Map<Integer, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final AtomicInteger total = new AtomicInteger();
  private final List<CountDownLatch> reached = latches();
  private final List<CountDownLatch> killed = latches();

  @TempDir Path folder;

  @Test
  void resumesAtTheParentWhereItsWorkerWasKilled() throws Exception {
    HttpServer api =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    api.setExecutor(threads);
    api.createContext(
        "/parents",
        exchange -> {
          int page =
              Integer.parseInt(exchange.getRequestURI().getQuery().replaceFirst(".*page=", ""));
          String all =
              IntStream.range((page - 1) * PER_PAGE, Math.min(PARENTS, page * PER_PAGE))
                  .mapToObj(id -> "{\"id\":" + id + "}")
                  .collect(Collectors.joining(","));
          answer(
              exchange,
              "{\"pages\":" + (PARENTS + PER_PAGE - 1) / PER_PAGE + ",\"data\":[" + all + "]}");
        });
    api.createContext(
        "/children/",
        exchange -> {
          int id = Integer.parseInt(exchange.getRequestURI().getPath().replaceFirst(".*/", ""));
          asked.computeIfAbsent(id, k -> new AtomicInteger()).incrementAndGet();
          hold(total.incrementAndGet());
          answer(exchange, "[{\"of\":" + id + "},{\"of\":" + id + "}]");
        });
    api.start();
    Files.writeString(folder.resolve("millrace.yaml"), config(api.getAddress().getPort()));
    Path log = folder.resolve("worker.log");
    try (RealTemporal temporal = RealTemporal.start(folder);
        Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      ChildWorker worker = ChildWorker.start(folder, temporal.address(), log, Map.of());
      WorkflowStub run =
          backend
              .client()
              .newUntypedWorkflowStub(
                  "GraphRun",
                  WorkflowOptions.newBuilder()
                      .setTaskQueue("millrace")
                      .setWorkflowId("run:family:1")
                      .build());
      run.start(Map.of("project", "family"));
      for (int i = 0; i < KILL_AT.size(); i++) {
        assertThat(reached.get(i).await(5, TimeUnit.MINUTES))
            .as("the run went on: %s", log)
            .isTrue();
        worker.kill();
        worker = ChildWorker.start(folder, temporal.address(), log, Map.of());
        killed.get(i).countDown();
      }
      run.getResult(5, TimeUnit.MINUTES, GraphRun.Result.class);
      worker.stop();
      worker.close();
    } finally {
      api.stop(0);
      threads.shutdownNow();
    }

    int repeated = asked.values().stream().mapToInt(count -> count.get() - 1).sum();
    System.out.printf(
        "%d parents, %d kills: %d requests for children, %d repeated%n",
        PARENTS, KILL_AT.size(), total.get(), repeated);
    assertThat(asked).hasSize(PARENTS);
    assertThat(repeated).isLessThanOrEqualTo(KILL_AT.size() * PER_SEGMENT);
    try (var connection =
            DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("family.duckdb"));
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select count(*), count(distinct (\"of\", _parents_id)), count(distinct _mr_load_id) from data.children")) {
      row.next();
      assertThat(row.getLong(1)).as("two of each").isEqualTo(2L * PARENTS);
      assertThat(row.getLong(2)).isEqualTo(PARENTS);
      assertThat(row.getLong(3)).as("segments").isEqualTo(PARENTS / PER_SEGMENT);
    }
  }

  /** Every kill comes while an answer is held back. */
  private void hold(int count) {
    for (int i = 0; i < KILL_AT.size(); i++) {
      if (count == KILL_AT.get(i)) {
        reached.get(i).countDown();
        try {
          killed.get(i).await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static List<CountDownLatch> latches() {
    return KILL_AT.stream().map(k -> new CountDownLatch(1)).toList();
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange, String json)
      throws java.io.IOException {
    try (exchange) {
      byte[] body = json.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String config(int port) {
    return """
        project: family
        destination: {type: duckdb, path: family.duckdb, dataset: data}
        segment: {pages: %d}
        sources:
          api:
            type: rest_api
            client: {base_url: "http://127.0.0.1:%d/"}
            resources:
              - name: parents
                endpoint:
                  path: parents
                  data_selector: data
                  paginator: {type: page_number, base_page: 1, total_path: pages}
              - name: children
                include_from_parent: [id]
                endpoint: {path: "children/{resources.parents.id}", data_selector: $}
        """
        .formatted(PER_SEGMENT, port);
  }
}
