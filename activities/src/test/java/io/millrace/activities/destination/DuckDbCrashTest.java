package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that really dies in the middle of a load, at each named point; then the same loads
 * again. The run has two segments, so replace goes through shadow tables.
 */
class DuckDbCrashTest {
  private static final Map<String, WriteDisposition> DISPOSITIONS =
      Map.of(
          "append", WriteDisposition.APPEND,
          "replace", WriteDisposition.REPLACE,
          "merge", WriteDisposition.MERGE);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"append", "replace", "merge"})
  void losesAndDoublesNothingWhereverItDies(String disposition) throws Exception {
    for (String fault :
        List.of(
            "after-ddl:2", "mid-rows:3", "during-state:2", "before-commit:2", "after-commit:2")) {
      Path project = folder.resolve(fault.replace(':', '-'));
      Loader loader = DuckDbContractTest.loader(project, Map.of());
      first(loader);
      TestRun run = new TestRun(loader, ASSET, DISPOSITIONS.get(disposition));
      Process child =
          DuckDbFileTest.java(
              folder,
              Die.class,
              List.of("-Dmillrace.fault=" + fault),
              project.toString(),
              disposition);
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).as("it died at " + fault).isEqualTo(FaultPoint.EXIT_CODE);
      boolean replayed = load(run);
      assertThat(replayed).as(fault).isEqualTo(fault.startsWith("after-commit"));
      List<Long> expected =
          switch (disposition) {
            case "append" -> ids(0, 20, 15, 25, 25, 35);
            case "replace" -> ids(15, 25, 25, 35);
            default -> ids(0, 35);
          };
      assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows())
          .as(disposition + " after " + fault)
          .isEqualTo(expected.stream().map(id -> List.<Object>of(id)).toList());
      assertThat(loader.query("SELECT count(*) FROM orders__items", 0).rows())
          .containsExactly(List.of((long) expected.size()));
      assertThat(
              loader
                  .query(
                      "SELECT count(*) FROM orders__items i LEFT JOIN orders o ON o._mr_id = i._mr_root_id WHERE o.id IS NULL",
                      0)
                  .rows())
          .as("no orphans")
          .containsExactly(List.of(0L));
      assertThat(
              new TreeSet<>(
                  loader.query("SELECT load_id FROM _mr_receipts", 0).rows().stream()
                      .map(Object::toString)
                      .toList()))
          .isEqualTo(
              new TreeSet<>(
                  loader.query("SELECT load_id FROM _mr_loads", 0).rows().stream()
                      .map(Object::toString)
                      .toList()))
          .hasSize(3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "merge"})
  void removesAWindowOnceWhereverItDies(String disposition) throws Exception {
    WriteDisposition how = DISPOSITIONS.get(disposition);
    for (String fault :
        List.of("after-removal", "after-ddl", "during-state", "before-commit", "after-commit")) {
      Path project = folder.resolve("again-" + fault);
      Loader loader = DuckDbContractTest.loader(project, Map.of());
      TestRun earlier = new TestRun(loader, ASSET, how).closing();
      earlier.finish(rows(earlier.loadId(1), 0, 20));
      TestRun open = new TestRun(loader, ASSET, how).closing();
      open.load(rows(open.loadId(1), 20, 30));
      TestRun again = new TestRun(loader, ASSET, how).restarting().closing();
      Process child =
          DuckDbFileTest.java(
              folder,
              Die.class,
              List.of("-Dmillrace.fault=" + fault),
              project.toString(),
              disposition,
              "again");
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).as("it died at " + fault).isEqualTo(FaultPoint.EXIT_CODE);

      Loader.Committed committed = loadAgain(again);

      assertThat(committed.replayed()).as(fault).isEqualTo(fault.equals("after-commit"));
      assertThat(committed.removed())
          .as("who comes second is told, too")
          .isEqualTo(Map.of("orders", 10L, "orders__items", 10L));
      assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows())
          .as(disposition + " after " + fault)
          .isEqualTo(ids(0, 20, 25, 35).stream().map(id -> List.<Object>of(id)).toList());
      assertThat(loader.query("SELECT count(*) FROM orders__items", 0).rows())
          .containsExactly(List.of(30L));
    }
  }

  /** The window from 20 on begins again, and its source has changed. */
  private static Loader.Committed loadAgain(TestRun run) {
    return run.finish(rows(run.loadId(1), 25, 35));
  }

  /** Numbers of the ranges from a to b (exclusive), c to d, … */
  private static List<Long> ids(long... bounds) {
    LongStream all = LongStream.empty();
    for (int i = 0; i < bounds.length; i += 2) {
      all = LongStream.concat(all, LongStream.range(bounds[i], bounds[i + 1]));
    }
    return all.sorted().boxed().toList();
  }

  private static void first(Loader loader) {
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("l0", 0, 20));
  }

  /** Both segments; whether the last one had been committed before. */
  private static boolean load(TestRun run) {
    run.load(rows("l1", 15, 25));
    return run.finish(rows("l2", 25, 35)).replayed();
  }

  private static TestPackage rows(String load, int from, int to) {
    TestPackage rows = keyed(key("id"));
    for (int id = from; id < to; id++) {
      order(rows, load, id, "n" + id, "sku" + id);
    }
    return rows;
  }

  /** Loads what the test loads, and dies where it is told to. */
  static final class Die {
    public static void main(String[] args) {
      Loader loader = DuckDbContractTest.loader(Path.of(args[0]), Map.of());
      TestRun run = new TestRun(loader, ASSET, DISPOSITIONS.get(args[1]));
      if (args.length == 2) {
        load(run);
      } else {
        loadAgain(run.restarting().closing());
      }
    }
  }
}
