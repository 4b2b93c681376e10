package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowStub;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A worker that is stopped and not dead (SIGSTOP): when its heartbeats are missed another one takes
 * its work over, and then it wakes up in the middle of what it did, believing that all is as it
 * was. {@code millrace.zombies} sets how many (1), {@code millrace.crash.seed} when.
 */
class ZombieTest {
  private static final int ZOMBIES = Integer.getInteger("millrace.zombies", 1);
  private static final long SEED = Long.getLong("millrace.crash.seed", 1);
  private static final int PER_PAGE = 100;
  private static final int PAGES = 60;
  private static final int PAGES_PER_SEGMENT = 5;
  private static final int RECORDS = PAGES * PER_PAGE;

  @ParameterizedTest
  @CsvSource({"duckdb, append", "postgres, merge"})
  void losesAndDoublesNothingWhenAWorkerWakesUpAfterAnotherTookOver(
      String engine, String disposition, @TempDir Path dir) throws Exception {
    Path folder = dir.resolve("project");
    Path log = dir.resolve("worker.log");
    List<ChildWorker> workers = new ArrayList<>();
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(PER_PAGE);
        Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      api.publish(RECORDS, 2);
      RecordsProject project =
          RecordsProject.write(folder, engine, disposition, api.url(), PAGES_PER_SEGMENT, "");
      Kills stops = new Kills(ZOMBIES, PAGES, SEED);
      api.onPage(stops::asked);
      workers.add(ChildWorker.start(folder, temporal.address(), log, Map.of()));
      WorkflowStub run = RecordsProject.start(backend, "run:zombies");
      CompletableFuture<?> ended = Ending.of(run);
      for (int i = 0; i < ZOMBIES; i++) {
        assertThat(stops.await(i)).as("the run went on; log of the workers: %s", log).isTrue();
        List<ChildWorker> stopped = List.copyOf(workers);
        for (ChildWorker worker : stopped) {
          worker.signal("STOP");
        }
        int asked = api.requests();
        stops.done(i);
        workers.add(ChildWorker.start(folder, temporal.address(), log, Map.of()));
        // a database that a stopped one has locked lets nobody else in
        for (int k = 0; k < 600 && api.requests() < asked + 2 && !ended.isDone(); k++) {
          Thread.sleep(100);
        }
        for (ChildWorker worker : stopped) {
          worker.signal("CONT");
        }
      }
      RecordsProject.end(run);
      for (ChildWorker worker : workers) {
        assertThat(worker.stop()).as("a worker that is asked to stop ends well").isIn(0, 143);
      }
      try (Connection connection = project.connect()) {
        RecordsLanded landed = new RecordsLanded(connection, project.dataset());
        landed.compare("true", RECORDS, 2);
        System.out.printf(
            "%s, %s, seed %d: %d records, workers stopped %d times, %d requests repeated, %d rows lost, %d twice, %d wrong%n",
            engine,
            disposition,
            SEED,
            RECORDS,
            ZOMBIES,
            api.repeated(),
            landed.lost(),
            landed.twice(),
            landed.wrong());
        landed.assertNothingAmiss();
        landed.assertBooks(RECORDS);
      }
    } finally {
      workers.forEach(ChildWorker::close);
    }
  }
}
