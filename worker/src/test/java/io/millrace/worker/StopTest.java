package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker is asked to end (SIGTERM) while it works: it does within 30 s, and another goes on. */
@Timeout(300)
class StopTest {
  private static final int RECORDS = 4_000;

  @TempDir Path dir;

  @Test
  void finishesThePageAndTheLoadsThatRun() throws Exception {
    stop("duckdb", false);
  }

  @Test
  void leavesALoadThatCannotEndToTheNextWorker() throws Exception {
    stop("postgres", true);
  }

  /** {@code stuck}: a load of the run waits for a lock that somebody else holds. */
  private void stop(String engine, boolean stuck) throws Exception {
    Path log = dir.resolve("worker.log");
    CountDownLatch middle = new CountDownLatch(1);
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(100);
        Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      api.publish(RECORDS, 1);
      RecordsProject project =
          RecordsProject.write(dir.resolve("project"), engine, "append", api.url(), 2, "");
      ChildWorker worker = ChildWorker.start(project.folder(), temporal.address(), log, Map.of());
      try {
        api.onPage(
            page -> {
              if (page == api.pages() / 2) {
                middle.countDown();
              }
            });
        var run = RecordsProject.start(backend, "run:crash:1");
        assertThat(middle.await(2, TimeUnit.MINUTES)).as("log of the worker: %s", log).isTrue();
        long began = System.nanoTime();
        if (stuck) {
          try (Connection connection = project.connect();
              Statement lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("LOCK TABLE %s.records".formatted(project.dataset()));
            awaitAnother(lock);
            began = System.nanoTime();
            end(worker, began);
          }
        } else {
          end(worker, began);
        }
        worker = ChildWorker.start(project.folder(), temporal.address(), log, Map.of());
        RecordsProject.end(run);
      } finally {
        worker.close();
      }
      assertThat(api.repeated()).as("requests repeated").isLessThanOrEqualTo(stuck ? 2 : 0);
      RecordsLanded.assertOnce(project, RECORDS, 1);
    }
  }

  private static void end(ChildWorker worker, long began) {
    assertThat(worker.stop()).as("exit code").isZero();
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
        .as("seconds until it ended")
        .isLessThanOrEqualTo(30);
  }

  private static void awaitAnother(Statement statement) throws Exception {
    for (int i = 0; i < 600; i++) {
      try (var rows =
          statement.executeQuery(
              "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'")) {
        rows.next();
        if (rows.getLong(1) > 0) {
          return;
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError("no load waits for the table");
  }
}
