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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PostgreSQL's own disk refuses: nothing is half there, and the same load goes on afterwards. */
class PostgresDiskTest {
  private static final int ROWS = 2_000;
  private static final String QUOTA = "122"; // EDQUOT

  private Path folder;
  private Path broken;
  private PostgresServer server;
  private Loader loader;
  private TestRun run;

  @BeforeEach
  void start() throws IOException {
    folder = PostgresServer.newFolder();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    broken = folder.resolve("broken");
  }

  /** With a disk whose files below {@code under} answer {@code error} while it is broken. */
  private void start(String under, String error) throws IOException {
    Path library = FlakyDisk.compile(folder.resolve("library"));
    server = PostgresServer.of(folder.resolve("server"), "checkpoint_timeout=1h");
    server.stop("fast");
    server.start(
        Map.of(
            "LD_PRELOAD", library.toString(),
            "FLAKY_UNDER", server.data().resolve(under).toString(),
            "FLAKY_WHILE", broken.toString(),
            "FLAKY_ONE_IN", "1",
            "FLAKY_ERROR", error));
    loader = server.loader("shop", Map.of());
    run = new TestRun(loader, ASSET, WriteDisposition.APPEND);
    run.load(rows(1));
    Files.createFile(broken);
  }

  @AfterEach
  void end() throws IOException {
    Files.deleteIfExists(broken);
    if (server != null) {
      server.end();
    }
  }

  private static TestPackage rows(int seq) {
    TestPackage rows = orders().batches(500);
    for (int i = 0; i < ROWS; i++) {
      order(rows, "l" + seq, (long) seq * ROWS + i, "x".repeat(200));
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({
    "5, DESTINATION_UNREACHABLE, PostgreSQL failed inside, Input/output error",
    QUOTA + ", DESTINATION_FULL, or raise its limit, Disk quota exceeded",
    "28, DESTINATION_FULL, out of space, No space left on device"
  })
  void namesWhatTheDiskOfItsTablesSaysAndLoadsOnce(
      String error, Failure failure, String what, String why) throws IOException {
    start("base", error);
    assertFails(failure, () -> run.load(rows(2)), "Cannot load", what, why);
    Files.delete(broken);
    assertThat(count()).as("nothing is half there").isEqualTo(ROWS);
    run.load(rows(2));
    assertOnce();
  }

  /** The server cannot go on without its log: what became of the load is unknown. */
  @ParameterizedTest
  @CsvSource({"5", QUOTA})
  void loadsOnceWhenTheServerDiesOfTheDiskOfItsLog(String error) throws IOException {
    start("pg_wal", error);
    MillraceException died = null;
    try {
      run.load(rows(2));
    } catch (MillraceException e) {
      died = e;
    }
    assertThat(died).isNotNull();
    assertThat(died.failure())
        .as(died.getMessage())
        .isIn(Failure.DESTINATION_UNREACHABLE, Failure.DESTINATION_FULL);
    // it tries to get up again and again, or gives up
    Files.delete(broken);
    server.startAgain();
    assertThat(count()).isIn((long) ROWS, 2L * ROWS);
    run.load(rows(2));
    assertOnce();
  }

  private long count() {
    return (Long) loader.query("SELECT count(*) FROM orders", 0).rows().get(0).get(0);
  }

  private void assertOnce() {
    assertThat(loader.query("SELECT count(*), count(DISTINCT id) FROM orders", 0).rows())
        .containsExactly(List.of(2L * ROWS, 2L * ROWS));
    assertThat(loader.query("SELECT count(*) FROM _mr_receipts", 0).rows())
        .containsExactly(List.of(2L));
  }

  @Test
  void namesAQuotaOfTemporaryFiles() throws IOException {
    server = PostgresServer.of(folder.resolve("server"), "temp_file_limit=64kB", "work_mem=64kB");
    loader = server.loader("shop", Map.of());
    assertFails(
        Failure.DESTINATION_FULL,
        () -> loader.query("SELECT n FROM generate_series(1, 100000) n ORDER BY md5(n::TEXT)", 1),
        "Cannot query",
        "temporary file size exceeds temp_file_limit",
        "raise its limit");
  }
}
