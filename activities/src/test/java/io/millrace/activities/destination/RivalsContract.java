package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.destination.WriteDisposition;
import io.millrace.run.Refresh;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Loads that meet in one destination: of processes that were stopped and woke up, of one asset
 * twice, of assets that grow one schema or merge into one table, of two projects.
 */
abstract class RivalsContract {
  private static final int TRIES = 5;

  /** Before what a zombie says. */
  private static final String MARK = "zombie: ";

  @TempDir Path folder;

  /** As in {@link CrashContract#place}. */
  abstract List<String> place(String name);

  /** Whether a load can begin while a process that was stopped is in the middle of one. */
  abstract boolean takesOver();

  Loader loader(List<String> place) {
    return CrashContract.loader(place, Map.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"same", "other"})
  void refusesAProcessThatWasStoppedInTheMiddleOfALoad(String what) throws Exception {
    List<String> place = place("rows-" + what);
    Loader loader = loader(place);
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("l0", 0, 20));
    TestRun rival = new TestRun(loader, ASSET, WriteDisposition.APPEND);
    TestPackage rows = what.equals("same") ? Zombie.rows() : rows("rival", 20, 30);
    Process zombie = zombie(place, "rows");
    try {
      signal(zombie, "STOP");
      zombie.outputWriter().append("go on\n").flush();
      Loader hurried =
          CrashContract.loader(
              place, Map.of(takesOver() ? "options.lock_timeout" : "lock_timeout", "3s"));
      if (takesOver()) {
        TestRun hurry = new TestRun(hurried, ASSET, WriteDisposition.APPEND);
        assertThat(hurry.load(rows).replayed()).isFalse();
        signal(zombie, "CONT");
        assertThat(heard(zombie))
            .isEqualTo(
                "DESTINATION_UNREACHABLE " + (what.equals("same") ? "replayed" : "LOAD_REFUSED"));
      } else {
        assertFails(
            Failure.DESTINATION_LOCKED,
            () ->
                hurried.load(rival.order(1, rival.checkpoint(), false, false), rows, Progress.NONE),
            "PID " + zombie.pid());
        signal(zombie, "CONT");
        assertThat(heard(zombie)).isEqualTo("committed");
        if (what.equals("same")) {
          assertThat(rival.load(rows).replayed()).isTrue();
        } else {
          assertFails(Failure.LOAD_REFUSED, () -> rival.load(rows), "other content");
        }
      }
    } finally {
      zombie.destroyForcibly().waitFor();
    }
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids(30));
    assertThat(loader.query("SELECT count(*) FROM _mr_receipts", 0).rows())
        .containsExactly(List.of(2L));
  }

  @Test
  void refusesAProcessThatWasStoppedBeforeItsLoad() throws Exception {
    List<String> place = place("before");
    Loader loader = loader(place);
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("l0", 0, 20));
    Process zombie = zombie(place, "before");
    try {
      signal(zombie, "STOP");
      zombie.outputWriter().append("go on\n").flush();
      new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("other", 20, 25));
      new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("next", 25, 30));
      signal(zombie, "CONT");
      assertThat(heard(zombie)).isEqualTo("LOAD_REFUSED");
    } finally {
      zombie.destroyForcibly().waitFor();
    }
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids(30));
  }

  private Process zombie(List<String> place, String where) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(where));
    arguments.addAll(place);
    Process zombie =
        DuckDbFileTest.java(folder, Zombie.class, List.of(), arguments.toArray(String[]::new));
    assertThat(heard(zombie)).isEqualTo(where);
    return zombie;
  }

  /** What the zombie says next, without what it logs. */
  private static String heard(Process zombie) throws IOException {
    String line = zombie.inputReader().readLine();
    while (line != null && !line.startsWith(MARK)) {
      line = zombie.inputReader().readLine();
    }
    return line == null ? null : line.substring(MARK.length());
  }

  private static void signal(Process process, String name) throws Exception {
    int done = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    assertThat(done).isZero();
  }

  /** Stands still where it is told to, and says what becomes of its load. */
  static final class Zombie {
    public static void main(String[] args) throws IOException {
      Loader loader = CrashContract.loader(List.of(args).subList(1, args.length), Map.of());
      TestRun run = new TestRun(loader, ASSET, WriteDisposition.APPEND);
      if (args[0].equals("before")) {
        wait(args[0]);
        say(outcome(() -> run.load(rows()).replayed()));
        return;
      }
      boolean[] waited = new boolean[1];
      Callable<Boolean> load =
          () ->
              run.load(
                      new PostgresLostTest.During(
                          rows(),
                          () -> {
                            if (!waited[0]) {
                              waited[0] = true;
                              wait(args[0]);
                            }
                          }))
                  .replayed();
      String first = outcome(load);
      say(first.equals("DESTINATION_UNREACHABLE") ? first + " " + outcome(load) : first);
    }

    static TestPackage rows() {
      return RivalsContract.rows("zombie", 20, 30);
    }

    private static String outcome(Callable<Boolean> load) {
      try {
        return load.call() ? "replayed" : "committed";
      } catch (MillraceException e) {
        return e.failure().name();
      } catch (Exception e) {
        return e.toString();
      }
    }

    private static void say(String what) {
      System.out.println(MARK + what);
    }

    private static void wait(String where) throws IOException {
      say(where);
      System.in.read();
    }
  }

  @Test
  void loadsOnceWhenTwoLoadTheSame() throws Exception {
    Loader loader = loader(place("twice"));
    TestRun run = new TestRun(loader, ASSET, WriteDisposition.APPEND);
    Loader.Order order = run.order(1, null, true, false);
    List<Boolean> replayed =
        atOnce(
            List.of(
                () -> loader.load(order, rows("l", 0, 30), Progress.NONE).replayed(),
                () -> loader.load(order, rows("l", 0, 30), Progress.NONE).replayed(),
                () -> loader.load(order, rows("l", 0, 30), Progress.NONE).replayed()));
    assertThat(replayed).containsExactlyInAnyOrder(false, true, true);
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids(30));
  }

  @Test
  void keepsTheColumnsOfBothWhenTwoAssetsOfASourceGrowAtOnce() throws Exception {
    Loader loader = loader(place("grow"));
    List<Callable<Boolean>> both = new ArrayList<>();
    for (String resource : List.of("users", "items", "carts")) {
      both.add(
          () -> {
            TestRun run = new TestRun(loader, "shop." + resource, WriteDisposition.APPEND);
            for (int i = 1; i <= 4; i++) {
              int columns = i;
              again(() -> run.load(wide(run, resource, resource, columns)));
            }
            return true;
          });
    }
    atOnce(both);
    var schema = loader.read("test", ASSET, null, "shop", null).schema();
    for (String resource : List.of("users", "items", "carts")) {
      assertThat(schema.table(resource).orElseThrow().columns()).as(resource).hasSize(6);
      assertThat(
              loader.query("SELECT count(*), count(" + resource + "_3) FROM " + resource, 0).rows())
          .containsExactly(List.of(4L, 1L));
    }
    assertThat(loader.query("SELECT max(version), count(*) FROM _mr_version", 0).rows())
        .as("each change is a version of its own")
        .containsExactly(List.of(12L, 12L));
  }

  /** One row with the columns 0 to n - 1. */
  private static TestPackage wide(TestRun run, String resource, String table, int n) {
    List<io.millrace.schema.Column> columns = new ArrayList<>(List.of(text("_mr_id")));
    Map<String, Object> cells = TestPackage.cells("_mr_id", run.loadId(n) + resource);
    columns.add(text("_mr_load_id"));
    cells.put("_mr_load_id", run.loadId(n));
    for (int i = 0; i < n; i++) {
      columns.add(text(resource + "_" + i));
      cells.put(resource + "_" + i, "v");
    }
    return TestPackage.of("shop", resource)
        .table(table, columns.toArray(io.millrace.schema.Column[]::new))
        .row(cells);
  }

  @Test
  void mergesOfTwoAssetsIntoOneTableWaitForEachOther() throws Exception {
    Loader loader = loader(place("merge"));
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("l0", 0, 50));
    List<Callable<Boolean>> both = new ArrayList<>();
    for (String asset : List.of("shop.east", "shop.west")) {
      both.add(
          () -> {
            TestRun run = new TestRun(loader, asset, WriteDisposition.MERGE);
            for (int i = 0; i < 5; i++) {
              int from = 10 * i;
              again(() -> run.load(rows(asset, from, from + 20)));
            }
            return true;
          });
    }
    atOnce(both);
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids(60));
    assertThat(
            loader
                .query(
                    "SELECT count(*) FROM orders__items i JOIN orders o ON o._mr_id = i._mr_parent_id",
                    0)
                .rows())
        .containsExactly(List.of(60L));
  }

  @Test
  void refusesASecondProjectInTheSameDataset() {
    Loader loader = loader(place("projects"));
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(rows("l0", 0, 20));
    String[] parts = {
      "another project loads it there", "test, asset shop.orders", "another dataset"
    };
    for (String asset : List.of(ASSET, "shop.users")) {
      assertFails(
          Failure.DESTINATION_REFUSED,
          () -> new TestRun(loader, "second", asset, WriteDisposition.REPLACE, null),
          parts);
      assertFails(
          Failure.DESTINATION_REFUSED,
          () ->
              new TestRun(loader, "second", asset, WriteDisposition.REPLACE, Refresh.DROP_SOURCES),
          parts);
    }
    TestRun other = new TestRun(loader, "second", "crm.people", WriteDisposition.REPLACE, null);
    assertFails(
        Failure.DESTINATION_REFUSED,
        () ->
            other.finish(
                TestPackage.of("crm", "people")
                    .table("orders", text("name"), text("_mr_id"))
                    .row(Map.of("name", "n", "_mr_id", "i"))),
        "another program made table orders");
    TestPackage people =
        TestPackage.of("crm", "people")
            .table("people", text("name"), text("_mr_id"))
            .row(Map.of("name", "n", "_mr_id", "i"));
    other.finish(people);
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids(20));
  }

  /** Tries what may be tried again, as the workflow does. */
  private static void again(Supplier<Object> load) {
    for (int i = 1; ; i++) {
      try {
        load.get();
        return;
      } catch (MillraceException e) {
        if (!e.failure().retryable() || i == TRIES) {
          throw e;
        }
      }
    }
  }

  private static <T> List<T> atOnce(List<Callable<T>> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      CyclicBarrier start = new CyclicBarrier(work.size());
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> one : work) {
        futures.add(
            pool.submit(
                () -> {
                  start.await();
                  return one.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(120, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  static List<List<Object>> ids(long to) {
    return LongStream.range(0, to).mapToObj(i -> List.<Object>of(i)).toList();
  }

  static TestPackage rows(String load, int from, int to) {
    TestPackage rows = keyed(key("id"));
    for (int id = from; id < to; id++) {
      order(rows, load, id, "n" + id, "sku" + id);
    }
    return rows;
  }
}
