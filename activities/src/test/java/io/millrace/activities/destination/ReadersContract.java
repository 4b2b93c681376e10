package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody counts rows without a pause while others load. */
abstract class ReadersContract {
  private static final int ROWS = 200;

  @TempDir Path folder;

  abstract Loader loader();

  /** How many replaces and merges are watched. */
  abstract int loads();

  /** Counts as a program of its own does; {@code null} when a writer is in the way. */
  abstract Long count(String sql) throws SQLException;

  @Test
  void seeTheOldRowsOrTheNewOnesDuringReplaces() throws Exception {
    counted(WriteDisposition.REPLACE, (long) ROWS, (long) ROWS);
  }

  @Test
  void seeTheOldRowsOrTheNewOnesDuringMerges() throws Exception {
    counted(WriteDisposition.MERGE, (long) ROWS, (long) ROWS);
  }

  private void counted(WriteDisposition how, long orders, long items) throws Exception {
    Loader loader = loader();
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(RivalsContract.rows("l0", 0, ROWS));
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Future<Set<Long>> own =
          pool.submit(
              () -> {
                Set<Long> seen = new ConcurrentSkipListSet<>();
                while (!over.get()) {
                  seen.add(
                      (Long) loader.query("SELECT count(*) FROM orders", 0).rows().get(0).get(0));
                }
                return seen;
              });
      Future<Set<Long>> theirs =
          pool.submit(
              () -> {
                Set<Long> seen = new ConcurrentSkipListSet<>();
                while (!over.get()) {
                  Long count = count("SELECT count(*) FROM orders__items");
                  if (count != null) {
                    seen.add(count);
                  }
                }
                return seen;
              });
      try {
        for (int i = 1; i <= loads(); i++) {
          TestRun run = new TestRun(loader, ASSET, how);
          run.load(RivalsContract.rows(run.loadId(1), 0, ROWS / 2));
          run.finish(RivalsContract.rows(run.loadId(2), ROWS / 2, ROWS));
        }
      } finally {
        over.set(true);
      }
      assertThat(own.get(60, TimeUnit.SECONDS)).containsExactly(orders);
      assertThat(theirs.get(60, TimeUnit.SECONDS)).containsExactly(items);
    } finally {
      pool.shutdownNow();
    }
    assertThat(loader.query("SELECT count(*) FROM _mr_receipts", 0).rows().get(0).get(0))
        .as("no reader stopped a load")
        .isEqualTo(1L + 2 * loads());
  }
}
