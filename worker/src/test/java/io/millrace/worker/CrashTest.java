package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowStub;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real Temporal server, workers in processes of their own, and kill -9 at random moments: every
 * record is there exactly once and at most one segment of requests is repeated per kill. The tables
 * hold an older edition of some records before, except under append. The size is set by system
 * properties: {@code millrace.crash.all} (every disposition on both engines; or the ones of {@code
 * millrace.crash.only}, such as {@code duckdb-merge}), {@code millrace.crash.records} (20,000),
 * {@code millrace.crash.segments} (20), {@code millrace.crash.kills} (2), {@code
 * millrace.crash.perPage} (100), {@code millrace.crash.seed} (1).
 */
class CrashTest {
  private static final int RECORDS = Integer.getInteger("millrace.crash.records", 20_000);
  private static final int SEGMENTS = Integer.getInteger("millrace.crash.segments", 20);
  private static final int KILLS = Integer.getInteger("millrace.crash.kills", 2);
  private static final long SEED = Long.getLong("millrace.crash.seed", 1);
  private static final int PER_PAGE = Integer.getInteger("millrace.crash.perPage", 100);

  private static final int OLD = RECORDS / 20;
  private static final boolean ALL = Boolean.getBoolean("millrace.crash.all");
  private static final String ONLY = System.getProperty("millrace.crash.only", "");

  static Stream<Arguments> workers() {
    Stream<String> combinations =
        ALL || !ONLY.isEmpty()
            ? Stream.of("duckdb", "postgres")
                .flatMap(
                    engine ->
                        Stream.of("append", "replace", "merge", "scd2")
                            .map(disposition -> engine + "-" + disposition))
            : Stream.of(
                "duckdb-append",
                "duckdb-replace",
                "duckdb-merge",
                "postgres-append",
                "postgres-scd2");
    return combinations
        .filter(combination -> combination.contains(ONLY))
        .map(combination -> Arguments.of((Object[]) combination.split("-")));
  }

  @ParameterizedTest
  @MethodSource("workers")
  void losesAndDoublesNothingWhenWorkersAreKilled(
      String engine, String disposition, @TempDir Path dir) throws Exception {
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(PER_PAGE)) {
      run(engine, disposition, dir, temporal, api, false);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "replace"})
  void losesAndDoublesNothingWhenTheServerIsKilled(String disposition, @TempDir Path dir)
      throws Exception {
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(PER_PAGE)) {
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
    long began = System.nanoTime();
    boolean append = disposition.equals("append");
    api.publish(RECORDS, 2);
    int pagesPerSegment = Math.max(1, api.pages() / SEGMENTS);
    Path folder = dir.resolve("project");
    RecordsProject project =
        RecordsProject.write(folder, engine, disposition, api.url(), pagesPerSegment, "");
    Path log = dir.resolve("worker.log");
    ChildWorker worker = ChildWorker.start(folder, temporal.address(), log, Map.of());
    int hits = 0;
    try (Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      if (!append) {
        api.publish(OLD, 1);
        RecordsProject.end(RecordsProject.start(backend, "run:crash:1"));
        api.publish(RECORDS, 2);
      }
      Kills kills = new Kills(KILLS, api.pages(), SEED);
      api.onPage(kills::asked);
      WorkflowStub run = RecordsProject.start(backend, "run:crash:2");
      CompletableFuture<?> ended = Ending.of(run);
      for (int i = 0; i < kills.count(); i++) {
        assertThat(kills.await(i)).as("the run went on; log of the workers: %s", log).isTrue();
        hits += ended.isDone() && !ended.isCompletedExceptionally() ? 0 : 1;
        if (killServer) {
          temporal.kill();
          temporal.startAgain();
        } else {
          worker.kill();
          worker = ChildWorker.start(folder, temporal.address(), log, Map.of());
        }
        kills.done(i);
      }
      RecordsProject.end(run);
      assertHistoryIsSmall(backend, disposition);
      System.out.printf(
          "peak resident memory of the last worker: %d MiB%n", worker.peakMegabytes());
      assertThat(worker.stop()).as("a worker that is asked to stop ends well").isIn(0, 143);
    } finally {
      worker.close();
    }
    try (Connection connection = project.connect()) {
      RecordsLanded landed = new RecordsLanded(connection, project.dataset());
      if (disposition.equals("scd2")) {
        landed.compare("r._mr_valid_to IS NULL", RECORDS, 2);
        landed.compare("r._mr_valid_to IS NOT NULL", OLD, 1);
      } else {
        landed.compare("true", RECORDS, 2);
      }
      System.out.printf(
          "%s, %s, seed %d: %d records, %d segments, %s killed %d times (%d while it ran), %d requests repeated of %d allowed, %d rows lost, %d twice, %d wrong, %d s%n",
          engine,
          disposition,
          SEED,
          RECORDS,
          (api.pages() + pagesPerSegment - 1) / pagesPerSegment,
          killServer ? "server" : "worker",
          KILLS,
          hits,
          api.repeated(),
          KILLS * pagesPerSegment,
          landed.lost(),
          landed.twice(),
          landed.wrong(),
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
      landed.assertNothingAmiss();
      landed.assertBooks(RECORDS);
    }
    assertThat(api.repeated()).as("requests repeated").isLessThanOrEqualTo(KILLS * pagesPerSegment);
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
}
