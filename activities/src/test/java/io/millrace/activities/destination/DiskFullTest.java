package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.orders;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.WriteDisposition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The destination's disk is full: nothing is half there, and the same load goes on with room. */
class DiskFullTest {
  private static final int ROWS = 4_000;

  @TempDir Path folder;

  /** About four megabytes that cannot be compressed. */
  private static TestPackage rows(int seq) {
    TestPackage rows = orders().batches(500);
    Random random = new Random(seq);
    for (int i = 0; i < ROWS; i++) {
      byte[] bytes = new byte[500];
      random.nextBytes(bytes);
      order(rows, "l" + seq, (long) seq * ROWS + i, java.util.HexFormat.of().formatHex(bytes));
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(ints = {100_000, 1_000_000, 2_500_000})
  void duckDbLoadsOnWhenThereIsRoomAgain(int free) throws IOException {
    try (SmallDisk disk = SmallDisk.at(folder.resolve("disk"), 40)) {
      Loader loader = DuckDbContractTest.loader(disk.folder(), Map.of());
      TestRun run = new TestRun(loader, ASSET, WriteDisposition.APPEND);
      run.load(rows(1));
      disk.fill(free);
      MillraceException full = null;
      try {
        run.load(rows(2));
      } catch (MillraceException e) {
        full = e;
      }
      assertThat(full).isNotNull();
      assertThat(full.failure()).as(full.getMessage()).isEqualTo(Failure.DESTINATION_FULL);
      assertThat(full.getMessage()).contains(disk.folder().toString(), "free space and run again");
      disk.free();
      assertThat(count(loader)).as("nothing is half there").isIn((long) ROWS, 2L * ROWS);
      run.load(rows(2));
      assertOnce(loader);
    }
  }

  private static long count(Loader loader) {
    return (Long) loader.query("SELECT count(*) FROM orders", 0).rows().get(0).get(0);
  }

  private static void assertOnce(Loader loader) {
    assertThat(loader.query("SELECT count(*), count(DISTINCT id) FROM orders", 0).rows())
        .containsExactly(List.of(2L * ROWS, 2L * ROWS));
    assertThat(loader.query("SELECT count(*) FROM _mr_receipts", 0).rows())
        .containsExactly(List.of(2L));
  }

  @Test
  void postgresLoadsOnWhenThereIsRoomAgain() throws IOException {
    Path place = PostgresServer.newFolder();
    assertThat(place.toFile().setExecutable(true, false)).isTrue();
    try (SmallDisk disk = SmallDisk.at(place.resolve("disk"), 200)) {
      PostgresServer server =
          PostgresServer.of(disk.folder(), "max_wal_size=32MB", "min_wal_size=32MB");
      try {
        Loader loader = server.loader("shop", Map.of());
        TestRun run = new TestRun(loader, ASSET, WriteDisposition.APPEND);
        run.load(rows(1));
        disk.fill(1_000_000);
        assertFails(
            Failure.DESTINATION_FULL,
            () -> run.load(rows(2)),
            "Cannot load",
            "No space left on device",
            "free some there");
        assertThat(count(loader)).isEqualTo(ROWS);
        disk.free();
        run.load(rows(2));
        assertOnce(loader);
      } finally {
        server.end();
      }
    }
  }
}
