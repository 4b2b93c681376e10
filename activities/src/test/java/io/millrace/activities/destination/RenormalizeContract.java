package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.bigint;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.text;
import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.activities.destination.Ledger.Choice;
import io.millrace.activities.destination.Ledger.Event;
import io.millrace.activities.destination.Ledger.Past;
import io.millrace.activities.destination.Ledger.PastLoad;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.run.Kept.Extent;
import io.millrace.run.Refresh;
import io.millrace.run.Renormalize;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Earlier loads, normalized again, in every destination. Each test gets an empty destination. */
abstract class RenormalizeContract {
  private static final WriteDisposition APPEND = WriteDisposition.APPEND;
  private static final WriteDisposition MERGE = WriteDisposition.MERGE;

  abstract Loader loader();

  private TestRun run(WriteDisposition how) {
    return new TestRun(loader(), ASSET, how).closing();
  }

  /** One run of three segments with an order each, the second with a reject. */
  private TestRun three(WriteDisposition how) {
    TestRun run = run(how);
    run.load(order(orders(how), run.loadId(1), 1, "Ada", "a", "b"));
    TestPackage second = order(orders(how), run.loadId(2), 2, "Bob", "c");
    run.load(reject(second, "two"));
    run.finish(order(orders(how), run.loadId(3), 3, "Cyd", "d"));
    return run;
  }

  private static TestPackage orders(WriteDisposition how) {
    return how.kind() == Kind.MERGE ? keyed(key("id")) : DestinationContract.orders();
  }

  private static TestPackage reject(TestPackage load, String reason) {
    load.rejects()
        .row(
            cells(
                "asset",
                ASSET,
                "table_name",
                "orders",
                "path",
                "$",
                "reason",
                reason,
                "record",
                "{}"));
    return load;
  }

  private Past past(WriteDisposition how, boolean wholeRun, String from) {
    return loader()
        .ledger()
        .past(new Choice("test", ASSET, "shop", how, wholeRun, new Renormalize(from, null)));
  }

  private List<String> ids(Past past) {
    return past.loads().stream().map(PastLoad::loadId).toList();
  }

  private List<List<Object>> query(String sql) {
    return loader().query(sql, 0).rows();
  }

  private static List<Object> row(Object... values) {
    return List.of(values);
  }

  @Test
  void replacesTheRowsOfTheChosenLoadsAndNoOthers() {
    TestRun first = three(APPEND);
    Past past = past(APPEND, false, first.loadId(2));
    assertThat(ids(past)).containsExactly(first.loadId(2), first.loadId(3));
    assertThat(past.extent()).isEqualTo(Extent.SOME);
    Loader.Stored before = loader().read("test", ASSET, null, "shop", null);

    TestRun again = new TestRun(loader(), ASSET, APPEND);
    TestPackage anew = DestinationContract.orders(text("city"));
    order(anew, first.loadId(2), Map.of("city", "Rome"), 20, "Bob", "x", "y");
    again.again(first.loadId(2), anew, false, Extent.SOME);
    assertThat(query("SELECT id FROM orders ORDER BY id"))
        .as("nothing shows before the end")
        .containsExactly(row(1L), row(2L), row(3L));
    assertThat(query("SELECT load_id FROM _mr_rejects")).containsExactly(row(first.loadId(2)));
    TestPackage third = DestinationContract.orders(text("city"));
    order(third, first.loadId(3), Map.of("city", "Oslo"), 30, "Cyd");
    Loader.Committed done = again.again(first.loadId(3), reject(third, "three"), true, Extent.SOME);

    assertThat(done.schemaChanges()).containsExactly("added column orders.city (text)");
    assertThat(query("SELECT id, coalesce(city, '-'), _mr_load_id FROM orders ORDER BY id"))
        .containsExactly(
            row(1L, "-", first.loadId(1)),
            row(20L, "Rome", first.loadId(2)),
            row(30L, "Oslo", first.loadId(3)));
    assertThat(query("SELECT sku FROM orders__items ORDER BY sku"))
        .containsExactly(row("a"), row("b"), row("x"), row("y"));
    assertThat(query("SELECT load_id, reason FROM _mr_rejects"))
        .containsExactly(row(first.loadId(3), "three"));
    List<Event> history = loader().ledger().history("test", ASSET, 9);
    assertThat(history)
        .extracting(Event::deed)
        .containsExactly("renormalize", "load", "load", "load");
    assertThat(history.get(0).removed()).isEqualTo(Map.of("orders", 2L, "orders__items", 2L));
    assertThat(history.get(1).rows()).isEqualTo(Map.of("orders", 1L));
    assertThat(history.get(1).rejected()).isEqualTo(1);
    assertThat(history.get(2).rows()).isEqualTo(Map.of("orders", 1L, "orders__items", 2L));
    assertThat(history.get(2).rejected()).isZero();
    Loader.Stored after = loader().read("test", ASSET, null, "shop", null);
    assertThat(after.checkpoint()).isEqualTo(before.checkpoint());
    assertThat(after.epoch()).isEqualTo(before.epoch() + 1);
    assertThat(after.schema().table("orders").orElseThrow().column("city")).isPresent();
  }

  @Test
  void makesTablesAnewWhenAllRowsAreOfTheChosenLoads() {
    TestRun first = three(APPEND);
    assertThat(past(APPEND, false, null).extent()).isEqualTo(Extent.ALL);
    TestRun again = new TestRun(loader(), ASSET, APPEND);
    for (int n = 1; n <= 3; n++) {
      TestPackage anew =
          TestPackage.of("shop", "orders")
              .table("orders", text("id"), bigint("name"), text("_mr_load_id"), text("_mr_id"));
      anew.row(
          cells(
              "id", "o" + n, "name", (long) n, "_mr_load_id", first.loadId(n), "_mr_id", "i" + n));
      again.again(first.loadId(n), anew, n == 3, Extent.ALL);
    }
    assertThat(query("SELECT id, name FROM orders ORDER BY id"))
        .containsExactly(row("o1", 1L), row("o2", 2L), row("o3", 3L));
    assertThat(loader().tables(false))
        .extracting(Loader.TableInfo::table)
        .as("no lists any more")
        .containsExactly("orders");
    assertThat(query("SELECT count(*) FROM _mr_rejects")).containsExactly(row(0L));
    Loader.Stored after = loader().read("test", ASSET, null, "shop", null);
    assertThat(after.schema().table("orders__items")).isEmpty();
    assertThat(loader().ledger().versions("shop", 9))
        .extracting(Ledger.Version::version)
        .containsExactly(2L, 1L);
  }

  @Test
  void theLastLoadOfAKeyWinsWhenMergedAgain() {
    TestRun first = run(MERGE);
    first.load(order(orders(MERGE), first.loadId(1), 1, "old", "a"));
    first.finish(order(orders(MERGE), first.loadId(2), 1, "new", "b"));
    assertThat(ids(past(MERGE, false, null))).hasSize(2);
    TestRun again = new TestRun(loader(), ASSET, MERGE);
    again.again(
        first.loadId(1),
        order(order(orders(MERGE), first.loadId(1), 1, "OLD", "A"), first.loadId(1), 2, "TWO"),
        false,
        Extent.ALL);
    again.again(
        first.loadId(2), order(orders(MERGE), first.loadId(2), 1, "NEW", "B"), true, Extent.ALL);
    assertThat(query("SELECT id, name FROM orders ORDER BY id"))
        .containsExactly(row(1L, "NEW"), row(2L, "TWO"));
    assertThat(query("SELECT sku FROM orders__items")).containsExactly(row("B"));
  }

  @Test
  void aRunGoesOnWhereItWasAfterOneThatDidNotEnd() {
    TestRun first = three(APPEND);
    TestRun broken = new TestRun(loader(), ASSET, APPEND);
    broken.again(
        first.loadId(1),
        reject(order(orders(APPEND), first.loadId(1), 10, "x", "x"), "waits"),
        false,
        Extent.ALL);

    TestRun next = run(APPEND);
    assertThat(Fence.same(next.stored().checkpoint(), first.checkpoint())).isTrue();
    next.finish(order(orders(APPEND), next.loadId(1), 4, "Dan"));

    assertThat(query("SELECT id FROM orders ORDER BY id"))
        .containsExactly(row(1L), row(2L), row(3L), row(4L));
    assertThat(query("SELECT reason FROM _mr_rejects")).containsExactly(row("two"));
    assertThat(loader().tables(true))
        .extracting(Loader.TableInfo::table)
        .noneMatch(table -> table.matches("_mr_[0-9a-f]{20}"));
    assertFails(
        Failure.LOAD_REFUSED,
        () ->
            broken.again(
                first.loadId(3), order(orders(APPEND), first.loadId(3), 30, "x"), true, Extent.ALL),
        "epoch");
  }

  @Test
  void fencesWhoStillWrites() {
    TestRun first = three(APPEND);
    TestRun zombie = new TestRun(loader(), ASSET, APPEND);
    TestRun again = new TestRun(loader(), ASSET, APPEND);
    for (int n = 1; n <= 3; n++) {
      TestPackage load = order(orders(APPEND), first.loadId(n), 10L * n, "again");
      again.again(first.loadId(n), load, n == 3, Extent.ALL);
    }
    assertFails(
        Failure.LOAD_REFUSED,
        () -> zombie.load(order(orders(APPEND), zombie.loadId(1), 9, "Zed")),
        "epoch");
    assertThat(query("SELECT id FROM orders ORDER BY id"))
        .containsExactly(row(10L), row(20L), row(30L));
  }

  @Test
  void refusesToMakeTablesAnewThatHaveRowsOfSomebodyElse() {
    TestRun first = three(APPEND);
    TestRun again = new TestRun(loader(), ASSET, APPEND);
    TestPackage load = order(orders(APPEND), first.loadId(1), 10, "again");
    assertFails(
        Failure.LOAD_REFUSED,
        () -> again.again(first.loadId(1), load, true, Extent.ALL),
        "Cannot renormalize " + ASSET + ": its tables got rows meanwhile");
    assertThat(query("SELECT id FROM orders ORDER BY id"))
        .containsExactly(row(1L), row(2L), row(3L));
  }

  @Test
  void choosesWhatIsThereAndRefusesWhatDependsOnMore() {
    assertThat(past(APPEND, false, null).loads()).isEmpty();
    TestRun first = three(WriteDisposition.REPLACE);
    TestRun second = run(WriteDisposition.REPLACE);
    second.load(order(orders(APPEND), second.loadId(1), 5, "Eve"));
    second.finish(order(orders(APPEND), second.loadId(2), 6, "Fay"));
    TestRun unfinished = run(WriteDisposition.REPLACE);
    unfinished.load(order(orders(APPEND), unfinished.loadId(1), 7, "Gus"));
    assertThat(ids(past(WriteDisposition.REPLACE, true, null)))
        .as("the newest run that shows")
        .containsExactly(second.loadId(1), second.loadId(2));
    assertFails(
        Failure.CONFIG_INVALID,
        () -> past(WriteDisposition.REPLACE, true, first.loadId(1)),
        "no such load, or nothing of it is left: " + first.loadId(1));
    for (Strategy strategy : List.of(Strategy.SCD2, Strategy.CDC)) {
      assertFails(
          Failure.POLICY_REFUSED,
          () -> past(new WriteDisposition(Kind.MERGE, strategy, Map.of()), true, null),
          "strategy " + strategy.key());
    }
    assertFails(
        Failure.POLICY_REFUSED,
        () -> past(WriteDisposition.SKIP, false, null),
        "skip loads nothing");
  }

  @Test
  void onlyTheNewestRunMayBeJudgedTogetherAgain() {
    three(MERGE);
    TestRun second = run(MERGE);
    second.finish(order(orders(MERGE), second.loadId(1), 5, "Eve"));
    assertFails(
        Failure.POLICY_REFUSED,
        () -> past(MERGE, true, null),
        "only the newest run may be: " + ASSET + " (choose it with --from " + second.loadId(1));
    assertThat(ids(past(MERGE, true, second.loadId(1)))).containsExactly(second.loadId(1));
    assertThat(ids(past(MERGE, false, null))).hasSize(4);
  }

  @Test
  void bringsNothingBackThatARefreshTook() {
    three(MERGE);
    TestRun refreshed = new TestRun(loader(), ASSET, MERGE, Refresh.DROP_DATA).closing();
    refreshed.finish(order(orders(MERGE), refreshed.loadId(1), 5, "Eve"));
    for (WriteDisposition how : List.of(APPEND, MERGE)) {
      assertThat(ids(past(how, false, null))).containsExactly(refreshed.loadId(1));
    }
    assertThat(loader().ledger().history("test", ASSET, 9))
        .extracting(Event::deed)
        .containsExactly("load", "refresh", "load", "load", "load");
  }

  @Test
  void eachKeyIsAppendedOncePerWindowAgain() {
    TestRun closed = run(APPEND);
    closed.load(order(order(once(), closed.loadId(1), 1, "a", "a1"), closed.loadId(1), 2, "b"));
    closed.finish(
        order(order(once(), closed.loadId(2), 2, "drifted", "x"), closed.loadId(2), 3, "c", "c1"));
    TestRun later = run(APPEND);
    later.finish(order(once(), later.loadId(1), 1, "a, later"));
    TestRun open = new TestRun(loader(), ASSET, APPEND);
    open.load(order(once(), open.loadId(1), 3, "open"));
    assertThat(past(APPEND, false, null).extent()).isEqualTo(Extent.ALL);

    TestRun again = new TestRun(loader(), ASSET, APPEND);
    String first = closed.loadId(1);
    TestPackage one = order(order(once(), first, 1, "A", "A1"), first, 2, "B");
    again.again(first, one, false, Extent.ALL);
    String second = closed.loadId(2);
    TestPackage two = order(order(once(), second, 2, "DRIFTED", "X"), second, 3, "C", "C1");
    again.again(second, two, false, Extent.ALL);
    again.again(later.loadId(1), order(once(), later.loadId(1), 1, "A, LATER"), false, Extent.ALL);
    Loader.Committed done =
        again.again(open.loadId(1), order(once(), open.loadId(1), 4, "OPEN"), true, Extent.ALL);

    assertThat(done.notes()).isEqualTo(Map.of("repeated_keys", 1L));
    assertThat(query("SELECT name FROM orders ORDER BY id, name"))
        .containsExactly(row("A"), row("A, LATER"), row("B"), row("C"), row("OPEN"));
    assertThat(query("SELECT sku FROM orders__items ORDER BY sku"))
        .containsExactly(row("A1"), row("C1"));
    List<Event> history = loader().ledger().history("test", ASSET, 9);
    assertThat(history.get(3).rows()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
    assertThat(history.get(4).rows()).isEqualTo(Map.of("orders", 2L, "orders__items", 1L));
    TestRun next = run(APPEND);
    TestPackage more = order(order(once(), next.loadId(1), 4, "again"), next.loadId(1), 3, "d");
    assertThat(next.finish(more).notes())
        .as("the open window has the keys that its rows have now")
        .isEqualTo(Map.of("repeated_keys", 1L));
    assertThat(query("SELECT name FROM orders WHERE id > 2 ORDER BY name"))
        .containsExactly(row("C"), row("OPEN"), row("d"));
  }

  @Test
  void whatOtherLoadsOfTheWindowHaveIsNotAppendedAgain() {
    TestRun first = run(APPEND);
    first.load(order(once(), first.loadId(1), 1, "a"));
    first.finish(order(order(once(), first.loadId(2), 1, "drifted", "x"), first.loadId(2), 2, "b"));
    TestRun again = new TestRun(loader(), ASSET, APPEND);
    String second = first.loadId(2);
    TestPackage load = order(order(once(), second, 1, "DRIFTED", "X"), second, 2, "B");
    assertThat(again.again(second, load, true, Extent.SOME).notes())
        .isEqualTo(Map.of("repeated_keys", 1L));
    assertThat(query("SELECT name FROM orders ORDER BY id")).containsExactly(row("a"), row("B"));
    assertThat(query("SELECT sku FROM orders__items")).isEmpty();
    assertThat(query("SELECT count(*) FROM _mr_window_keys")).containsExactly(row(0L));
  }

  private static TestPackage once() {
    return keyed(key("id"));
  }
}
