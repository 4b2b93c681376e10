package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.run.Kept;
import java.nio.file.Path;
import java.util.ArrayList;
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
abstract class CrashContract {
  private static final Map<String, WriteDisposition> DISPOSITIONS =
      Map.of(
          "append", WriteDisposition.APPEND,
          "replace", WriteDisposition.REPLACE,
          "merge", WriteDisposition.MERGE,
          "upsert", new WriteDisposition(Kind.MERGE, Strategy.UPSERT, Map.of()),
          "insert-only", new WriteDisposition(Kind.MERGE, Strategy.INSERT_ONLY, Map.of()),
          "cdc", new WriteDisposition(Kind.MERGE, Strategy.CDC, Map.of()),
          "scd2", new WriteDisposition(Kind.MERGE, Strategy.SCD2, Map.of()));

  @TempDir Path folder;

  /** How a process of its own finds the empty destination of that name: see {@link #loader}. */
  abstract List<String> place(String name);

  /** The destination at a place: {@code duckdb FOLDER} or {@code postgres PORT DATASET}. */
  private static Loader loader(List<String> place) {
    return loader(place, Map.of());
  }

  static Loader loader(List<String> place, Map<String, String> options) {
    return place.get(0).equals("duckdb")
        ? DuckDbContractTest.loader(Path.of(place.get(1)), options)
        : PostgresServer.loader(Integer.parseInt(place.get(1)), place.get(2), options);
  }

  private Process die(String fault, List<String> place, String... how) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(how));
    arguments.addAll(place);
    Process child =
        DuckDbFileTest.java(
            folder,
            Die.class,
            List.of("-Dmillrace.fault=" + fault),
            arguments.toArray(String[]::new));
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as("it died at " + fault).isEqualTo(FaultPoint.EXIT_CODE);
    return child;
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "replace", "merge", "upsert", "insert-only", "cdc", "scd2"})
  void losesAndDoublesNothingWhereverItDies(String disposition) throws Exception {
    for (String fault :
        List.of(
            "after-ddl:2", "mid-rows:3", "during-state:2", "before-commit:2", "after-commit:2")) {
      List<String> place = place(disposition + "-" + fault.replace(':', '-'));
      Loader loader = loader(place);
      first(loader, disposition);
      TestRun run = new TestRun(loader, ASSET, DISPOSITIONS.get(disposition));
      die(fault, place, disposition, "on");
      boolean replayed = load(run, disposition);
      assertThat(replayed).as(fault).isEqualTo(fault.startsWith("after-commit"));
      List<Long> expected =
          switch (disposition) {
            case "append" -> ids(0, 20, 15, 25, 25, 35);
            case "replace", "cdc" -> ids(15, 25, 25, 35);
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
                      "SELECT count(*) FROM orders__items i LEFT JOIN orders o ON o._mr_id = i._mr_parent_id WHERE o.id IS NULL",
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
      List<String> place = place("again-" + disposition + "-" + fault);
      Loader loader = loader(place);
      TestRun earlier = new TestRun(loader, ASSET, how).closing();
      earlier.finish(rows(earlier.loadId(1), 0, 20));
      TestRun open = new TestRun(loader, ASSET, how).closing();
      open.load(rows(open.loadId(1), 20, 30));
      TestRun again = new TestRun(loader, ASSET, how).restarting().closing();
      die(fault, place, disposition, "again");

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

  @ParameterizedTest
  @ValueSource(strings = {"append", "replace", "merge", "upsert", "insert-only"})
  void normalizesAgainOnceWhereverItDies(String disposition) throws Exception {
    for (String fault :
        List.of(
            "after-ddl:1",
            "mid-rows:3",
            "before-commit:1",
            "after-commit:1",
            "after-removal",
            "after-ddl:3",
            "during-state:2",
            "before-commit:2",
            "after-commit:2")) {
      List<String> place = place("anew-" + disposition + "-" + fault.replace(':', '-'));
      Loader loader = loader(place);
      TestRun run = new TestRun(loader, ASSET, DISPOSITIONS.get(disposition)).closing();
      run.load(rows(disposition, run.loadId(1), 0, 20));
      run.finish(rows(disposition, run.loadId(2), 20, 30));
      Loader.Stored before = loader.read("test", ASSET, null, "shop", null);
      List<List<Object>> ids = loader.query("SELECT _mr_id FROM orders ORDER BY id", 0).rows();
      die(fault, place, disposition, "anew");
      boolean last = fault.equals("after-commit:2");
      assertThat(loader.query("SELECT count(*) FROM orders WHERE name LIKE 'anew%'", 0).rows())
          .as("nothing shows before the end: " + fault)
          .containsExactly(List.of(last ? 30L : 0L));

      boolean replayed = anew(new TestRun(loader, ASSET, DISPOSITIONS.get(disposition)));
      assertThat(replayed).as("the next one has an epoch of its own").isFalse();

      assertThat(
              loader.query("SELECT id FROM orders WHERE name LIKE 'anew%' ORDER BY id", 0).rows())
          .as(disposition + " after " + fault)
          .isEqualTo(ids(0, 30).stream().map(id -> List.<Object>of(id)).toList());
      assertThat(loader.query("SELECT _mr_id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids);
      assertThat(loader.query("SELECT count(*) FROM orders__items", 0).rows())
          .containsExactly(List.of(30L));
      assertThat(
              loader
                  .query(
                      "SELECT count(*) FROM orders__items i JOIN orders o ON o._mr_id = i._mr_parent_id",
                      0)
                  .rows())
          .as("no orphans")
          .containsExactly(List.of(30L));
      for (String table : List.of("_mr_loads", "_mr_receipts")) {
        assertThat(loader.query("SELECT load_id FROM " + table + " ORDER BY 1", 0).rows())
            .containsExactly(List.of(run.loadId(1)), List.of(run.loadId(2)));
      }
      Loader.Stored after = loader.read("test", ASSET, null, "shop", null);
      assertThat(after.checkpoint()).isEqualTo(before.checkpoint());
      assertThat(after.epoch()).isGreaterThan(before.epoch());
      assertThat(loader.tables(true))
          .as("no table is left over")
          .extracting(Loader.TableInfo::table)
          .noneMatch(table -> table.matches("_mr_[0-9a-f]{20}"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "merge"})
  void normalizesPartAgainOnceWhereverItDies(String disposition) throws Exception {
    for (String fault :
        List.of("after-removal", "after-ddl:2", "during-state", "before-commit", "after-commit")) {
      List<String> place = place("part-" + disposition + "-" + fault.replace(':', '-'));
      Loader loader = loader(place);
      TestRun run = new TestRun(loader, ASSET, DISPOSITIONS.get(disposition)).closing();
      run.load(rows(run.loadId(1), 0, 20));
      run.finish(rows(run.loadId(2), 20, 30));
      die(fault, place, disposition, "part");
      assertThat(loader.query("SELECT count(*) FROM orders WHERE name LIKE 'anew%'", 0).rows())
          .as("all or nothing at " + fault)
          .containsExactly(List.of(fault.equals("after-commit") ? 10L : 0L));

      part(new TestRun(loader, ASSET, DISPOSITIONS.get(disposition)));

      assertThat(
              loader
                  .query("SELECT name LIKE 'anew%', count(*), min(id) FROM orders GROUP BY 1", 0)
                  .rows())
          .as(disposition + " after " + fault)
          .containsExactlyInAnyOrder(List.of(false, 20L, 0L), List.of(true, 10L, 20L));
      assertThat(
              loader
                  .query(
                      "SELECT count(*) FROM orders__items i JOIN orders o ON o._mr_id = i._mr_parent_id",
                      0)
                  .rows())
          .containsExactly(List.of(30L));
    }
  }

  /** The second load of the first run, normalized again. */
  private static void part(TestRun run) {
    String second = loads(run).get(1);
    run.again(second, anew(run.how(), second, 20, 30), true, Kept.Extent.SOME);
  }

  private static List<String> loads(TestRun run) {
    return run.loader().query("SELECT load_id FROM _mr_receipts ORDER BY 1", 0).rows().stream()
        .map(row -> (String) row.get(0))
        .toList();
  }

  /** Both loads of the first run, normalized again; whether the last had been committed before. */
  private static boolean anew(TestRun run) {
    List<String> ids = loads(run);
    run.again(ids.get(0), anew(run.how(), ids.get(0), 0, 20), false, Kept.Extent.ALL);
    return run.again(ids.get(1), anew(run.how(), ids.get(1), 20, 30), true, Kept.Extent.ALL)
        .replayed();
  }

  private static TestPackage anew(String disposition, String load, int from, int to) {
    TestPackage rows = keyed(key("id"));
    for (int id = from; id < to; id++) {
      if (List.of("upsert", "insert-only").contains(disposition)) {
        MergeContract.same(rows, load, id, "anew" + id, "sku" + id);
      } else {
        order(rows, load, id, "anew" + id, "sku" + id);
      }
    }
    return rows;
  }

  /** Numbers of the ranges from a to b (exclusive), c to d, … */
  private static List<Long> ids(long... bounds) {
    LongStream all = LongStream.empty();
    for (int i = 0; i < bounds.length; i += 2) {
      all = LongStream.concat(all, LongStream.range(bounds[i], bounds[i + 1]));
    }
    return all.sorted().boxed().toList();
  }

  private static void first(Loader loader, String disposition) {
    WriteDisposition how =
        disposition.equals("scd2") ? DISPOSITIONS.get(disposition) : WriteDisposition.APPEND;
    new TestRun(loader, ASSET, how).closing().finish(rows(disposition, "l0", 0, 20));
  }

  /** Both segments; whether the last one had been committed before. */
  private static boolean load(TestRun run, String disposition) {
    run.load(rows(disposition, "l1", 15, 25));
    return run.finish(rows(disposition, "l2", 25, 35)).replayed();
  }

  private static TestPackage rows(String load, int from, int to) {
    return rows("append", load, from, to);
  }

  /** Rows with ids as the normalizer makes them for the disposition. */
  private static TestPackage rows(String disposition, String load, int from, int to) {
    boolean versions = disposition.equals("scd2");
    TestPackage rows = versions ? MergeContract.versioned() : keyed(key("id"));
    for (int id = from; id < to; id++) {
      if (versions) {
        MergeContract.version(rows, id, "n" + id, "sku" + id);
      } else if (List.of("upsert", "insert-only", "cdc").contains(disposition)) {
        MergeContract.same(rows, load, id, "n" + id, "sku" + id);
      } else {
        order(rows, load, id, "n" + id, "sku" + id);
      }
    }
    return rows;
  }

  /** Loads what the test loads, and dies where it is told to. */
  static final class Die {
    public static void main(String[] args) {
      Loader loader = loader(List.of(args).subList(2, args.length));
      TestRun run = new TestRun(loader, ASSET, DISPOSITIONS.get(args[0]));
      if (args[1].equals("on")) {
        load(run, args[0]);
      } else if (args[1].equals("anew")) {
        anew(run);
      } else if (args[1].equals("part")) {
        part(run);
      } else {
        loadAgain(run.restarting().closing());
      }
    }
  }
}
