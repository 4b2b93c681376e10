package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.destination.FlakyDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A worker on a disk that answers EIO to some writes and syncs ({@code flaky.c}): its run fails or
 * tries again, and never ends well with wrong data. {@code millrace.io.oneIn} (100), {@code
 * millrace.io.seed} (1), {@code millrace.io.records} (10,000), {@code millrace.io.all}. Skipped
 * without a C compiler.
 */
@Timeout(900)
class IoErrorTest {
  private static final int RECORDS = Integer.getInteger("millrace.io.records", 10_000);
  private static final String ONE_IN = System.getProperty("millrace.io.oneIn", "100");
  private static final String SEED = System.getProperty("millrace.io.seed", "1");

  @TempDir Path dir;

  static Stream<Arguments> places() {
    Stream<String> all =
        Stream.of("duckdb-append", "duckdb-merge", "duckdb-replace", "postgres-append");
    return all.limit(Boolean.getBoolean("millrace.io.all") ? 4 : 1)
        .map(place -> Arguments.of((Object[]) place.split("-")));
  }

  @ParameterizedTest
  @MethodSource("places")
  @SuppressWarnings("try") // held, not used
  void neverEndsWellWithWrongData(String engine, String disposition) throws Exception {
    Path library = FlakyDisk.compile(dir);
    Path count = dir.resolve("failures");
    Path log = dir.resolve("worker.log");
    try (RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(100);
        Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      api.publish(RECORDS, 1);
      RecordsProject project =
          RecordsProject.write(dir.resolve("project"), engine, disposition, api.url(), 5, "");
      Map<String, String> flaky =
          Map.of(
              "LD_PRELOAD", library.toString(),
              "FLAKY_UNDER", project.folder().toString(),
              "FLAKY_ONE_IN", ONE_IN,
              "FLAKY_SEED", SEED,
              "FLAKY_COUNT", count.toString());
      String ended = "well";
      try (ChildWorker worker =
          ChildWorker.start(project.folder(), temporal.address(), log, flaky)) {
        RecordsProject.end(RecordsProject.start(backend, "run:crash:1"));
      } catch (io.temporal.client.WorkflowFailedException e) {
        ended = "with a failure that it names: " + e.getCause();
        try (ChildWorker worker =
            ChildWorker.start(project.folder(), temporal.address(), log, Map.of())) {
          RecordsProject.end(RecordsProject.start(backend, "run:crash:2"));
        }
      }
      System.out.printf(
          "%s, %s, seed %s: %d errors of the disk, the run ended %s%n",
          engine, disposition, SEED, Files.size(count), ended);
      assertThat(Files.size(count)).as("errors of the disk").isPositive();
      RecordsLanded.assertOnce(project, RECORDS, 1);
    }
  }
}
