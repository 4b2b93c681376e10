package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.destination.PostgresServer;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowStub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real Temporal server, workers in processes of their own, and kill -9 at random moments: every
 * record is there exactly once and at most one segment of requests is repeated per kill. The size
 * is set by system properties: {@code millrace.crash.all} (every disposition on both engines),
 * {@code millrace.crash.records} (20,000), {@code millrace.crash.segments} (20), {@code
 * millrace.crash.kills} (2), {@code millrace.crash.seed} (1).
 */
class CrashTest {
  private static final int RECORDS = Integer.getInteger("millrace.crash.records", 20_000);
  private static final int SEGMENTS = Integer.getInteger("millrace.crash.segments", 20);
  private static final int KILLS = Integer.getInteger("millrace.crash.kills", 2);
  private static final long SEED = Long.getLong("millrace.crash.seed", 1);
  private static final int PER_PAGE = 100;

  private static final boolean ALL = Boolean.getBoolean("millrace.crash.all");

  static Stream<Arguments> workers() {
    return ALL
        ? Stream.of("duckdb", "postgres")
            .flatMap(
                engine ->
                    Stream.of("append", "replace", "merge", "scd2")
                        .map(disposition -> Arguments.of(engine, disposition)))
        : Stream.of(
            Arguments.of("duckdb", "append"),
            Arguments.of("duckdb", "replace"),
            Arguments.of("duckdb", "merge"),
            Arguments.of("postgres", "append"),
            Arguments.of("postgres", "scd2"));
  }

  @ParameterizedTest
  @MethodSource("workers")
  void losesAndDoublesNothingWhenWorkersAreKilled(
      String engine, String disposition, @TempDir Path dir) throws Exception {
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(RECORDS, PER_PAGE)) {
      run(engine, disposition, dir, temporal, api, false);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "replace"})
  void losesAndDoublesNothingWhenTheServerIsKilled(String disposition, @TempDir Path dir)
      throws Exception {
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(RECORDS, PER_PAGE)) {
      run("duckdb", disposition, dir, temporal, api, true);
    }
  }

  private void run(
      String engine,
      String disposition,
      Path dir,
      RealTemporal temporal,
      RecordsApi api,
      boolean killServer)
      throws Exception {
    String dataset = "landed_" + disposition;
    int pagesPerSegment = Math.max(1, api.pages() / SEGMENTS);
    Path project = Files.createDirectories(dir.resolve("project"));
    Files.writeString(
        project.resolve("millrace.yaml"),
        config(engine, dataset, disposition, api.url(), pagesPerSegment));
    Random random = new Random(SEED);
    List<Integer> killAt =
        random.ints(KILLS, api.pages() / 10, api.pages()).sorted().boxed().toList();
    List<CountDownLatch> reached = latches();
    List<CountDownLatch> killed = latches();
    api.onRequest(
        count -> {
          for (int i = 0; i < KILLS; i++) {
            if (count >= killAt.get(i)) {
              reached.get(i).countDown();
              if (count == killAt.get(i) && inMidFetch(i)) {
                await(killed.get(i));
              }
            }
          }
        });

    Path log = dir.resolve("worker.log");
    ChildWorker worker = ChildWorker.start(project, temporal.address(), log, Map.of());
    try (Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      WorkflowStub run =
          backend
              .client()
              .newUntypedWorkflowStub(
                  "GraphRun",
                  io.temporal.client.WorkflowOptions.newBuilder()
                      .setTaskQueue("millrace")
                      .setWorkflowId("run:crash:1")
                      .build());
      WorkflowExecution started = run.start(Map.of("project", "crash"));
      for (int i = 0; i < KILLS; i++) {
        assertThat(reached.get(i).await(5, TimeUnit.MINUTES))
            .as("the run went on; log of the workers: %s", log)
            .isTrue();
        if (!inMidFetch(i)) {
          // a random moment: normalize and load of some segment are under way
          TimeUnit.MILLISECONDS.sleep(random.nextInt(1000));
        }
        if (killServer) {
          temporal.kill();
          temporal.startAgain();
        } else {
          worker.kill();
          worker = ChildWorker.start(project, temporal.address(), log, Map.of());
        }
        killed.get(i).countDown();
      }
      WorkflowStub.fromTyped(
              backend
                  .client()
                  .newWorkflowStub(io.millrace.run.GraphRun.class, started.getWorkflowId()))
          .getResult(10, TimeUnit.MINUTES, io.millrace.run.GraphRun.Result.class);
      System.out.printf(
          "%s, %s, %s killed %d times: %d pages, %d requests, %d repeated, at most %d allowed%n",
          engine,
          disposition,
          killServer ? "server" : "worker",
          KILLS,
          api.pages(),
          api.requests(),
          api.repeated(),
          KILLS * pagesPerSegment);
      assertHistoryIsSmall(backend, disposition);
      System.out.printf(
          "peak resident memory of the last worker: %d MiB%n", worker.peakMegabytes());
      assertThat(worker.stop()).as("a worker that is asked to stop ends well").isIn(0, 143);
    } finally {
      worker.close();
    }
    assertThat(api.repeated()).as("requests repeated").isLessThanOrEqualTo(KILLS * pagesPerSegment);
    String address =
        engine.equals("duckdb")
            ? "jdbc:duckdb:" + project.resolve("crash.duckdb")
            : PostgresServer.shared().url();
    assertEveryRecordOnce(address, dataset, api);
  }

  /** References and checkpoints only: no payload over 16 KiB, whatever the data is. */
  private static void assertHistoryIsSmall(Backend backend, String disposition) {
    var history = backend.client().fetchHistory("mat:crash:api.records").getHistory();
    int largest =
        history.getEventsList().stream()
            .mapToInt(event -> event.getSerializedSize())
            .max()
            .orElse(0);
    System.out.printf(
        "%s: history of %d events, %d bytes, largest event %d bytes%n",
        disposition, history.getEventsCount(), history.getSerializedSize(), largest);
    assertThat(largest).isLessThan(16 * 1024);
  }

  /** Every other kill comes while the API holds back an answer. */
  private static boolean inMidFetch(int kill) {
    return kill % 2 == 0;
  }

  private static List<CountDownLatch> latches() {
    return Stream.generate(() -> new CountDownLatch(1)).limit(KILLS).toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertEveryRecordOnce(String address, String dataset, RecordsApi api)
      throws Exception {
    try (Connection connection = DriverManager.getConnection(address);
        Statement statement = connection.createStatement()) {
      connection.setSchema(dataset);
      assertThat(
              row(
                  statement,
                  "select count(*), count(distinct id), min(id), max(id), sum(amount_cents) from records"))
          .containsExactly((long) RECORDS, (long) RECORDS, 0L, RECORDS - 1L, api.amount());
      assertThat(row(statement, "select count(*), count(distinct sku) from records__lines"))
          .containsExactly(api.lines(), api.lines());
      assertThat(
              row(
                  statement,
                  "select count(*) from records__lines l where not exists (select 1 from records r where r._mr_id = l._mr_parent_id)"))
          .containsExactly(0L);
      assertThat(row(statement, "select count(distinct _mr_load_id) from records"))
          .isEqualTo(row(statement, "select count(*) from _mr_loads"));
      assertThat(row(statement, "select sum((rows->>'records')::bigint) from _mr_receipts"))
          .containsExactly((long) RECORDS);
      assertThat(
              row(statement, "select count(*) from _mr_state where (checkpoint->>'done') = 'true'"))
          .containsExactly(1L);
      assertThat(
              row(
                  statement,
                  "select count(*) from information_schema.tables where table_schema = '"
                      + dataset
                      + "' and table_name similar to '_mr_[0-9a-f]{8,}.*'"))
          .containsExactly(0L);
    }
  }

  private static List<Long> row(Statement statement, String sql) throws Exception {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      List<Long> values = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        values.add(rows.getLong(i));
      }
      return values;
    }
  }

  private static String config(
      String engine, String dataset, String disposition, String url, int pagesPerSegment) {
    String place =
        engine.equals("duckdb")
            ? "path: crash.duckdb"
            : "host: 127.0.0.1, port: %d, database: postgres, username: millrace"
                .formatted(PostgresServer.shared().port());
    String how = disposition.equals("scd2") ? "{disposition: merge, strategy: scd2}" : disposition;
    return """
        project: crash
        destination: {type: %s, %s, dataset: %s}
        segment: {pages: %d}
        sources:
          api:
            type: rest_api
            client:
              base_url: %s
              paginator: {type: page_number, base_page: 1, total_path: total_pages}
            resources:
              - name: records
                primary_key: id
                write_disposition: %s
                endpoint: {path: records, data_selector: data}
        """
        .formatted(engine, place, dataset, pagesPerSegment, url, how);
  }
}
