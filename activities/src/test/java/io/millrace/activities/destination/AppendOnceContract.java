package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.orders;
import static io.millrace.activities.destination.DestinationContract.required;
import static io.millrace.activities.destination.DestinationContract.text;
import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What every destination does under {@code append} with records whose key comes again, because
 * pages drifted or were sent twice. Each test gets an empty destination.
 */
abstract class AppendOnceContract {
  /** The destination of this test. */
  abstract Loader loader();

  private TestRun run() {
    return new TestRun(loader(), ASSET, WriteDisposition.APPEND);
  }

  private List<Object> column(String sql) {
    return loader().query(sql, 0).rows().stream().map(r -> r.get(0)).toList();
  }

  private List<Object> names() {
    return column("SELECT name FROM orders ORDER BY id, name");
  }

  private List<Object> skus() {
    return column("SELECT sku FROM orders__items ORDER BY sku");
  }

  private long noted() {
    return (Long) column("SELECT count(*) FROM _mr_window_keys").get(0);
  }

  private static TestPackage keyed() {
    return DestinationContract.keyed(key("id"));
  }

  @Test
  void keepsTheFirstRecordOfAKeyInAWindowAndWhatIsBelowIt() {
    TestRun run = run().closing();
    TestPackage first = order(order(keyed(), "l1", 1, "a", "a1"), "l1", 2, "b", "b1", "b2");
    Committed one = run.load(order(first, "l1", 1, "again in the page", "x"));
    assertThat(one.rows()).isEqualTo(Map.of("orders", 2L, "orders__items", 3L));
    assertThat(one.notes()).isEqualTo(Map.of("repeated_keys", 1L));
    assertThat(noted()).isEqualTo(2);
    Committed two = run.load(order(order(keyed(), "l2", 2, "drifted", "y"), "l2", 3, "c", "c1"));
    assertThat(two.rows()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
    assertThat(two.notes()).isEqualTo(Map.of("repeated_keys", 1L));
    Committed nothing = run.load(order(keyed(), "l3", 3, "the whole page again", "z"));
    assertThat(nothing.rows().values()).containsOnly(0L);
    Committed last = run.finish(order(keyed(), "l4", 4, "d"));
    assertThat(last.notes()).as("nothing came again").isNull();
    assertThat(names()).containsExactly("a", "b", "c", "d");
    assertThat(skus()).containsExactly("a1", "b1", "b2", "c1");
    assertThat(noted()).as("keys noted of a closed window").isZero();
    assertThat(column("SELECT load_id FROM _mr_loads ORDER BY 1"))
        .as("loads that brought rows")
        .containsExactly(run.loadId(1), run.loadId(2), run.loadId(4));
  }

  @Test
  void keyThatComesInTheNextWindowIsAnotherRow() {
    run().closing().finish(order(keyed(), "l1", 1, "a"));
    Committed next = run().closing().finish(order(keyed(), "l2", 1, "a, later"));
    assertThat(next.notes()).isNull();
    assertThat(names()).containsExactly("a", "a, later");
  }

  @Test
  void runThatGoesOnWithAWindowKnowsWhatCameBeforeIt() {
    run().load(order(keyed(), "l1", 1, "a"));
    Committed next = run().load(order(order(keyed(), "l2", 1, "again"), "l2", 2, "b"));
    assertThat(next.notes()).isEqualTo(Map.of("repeated_keys", 1L));
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void windowThatBeginsAgainBringsItsRecordsAgain() {
    TestRun before = run();
    before.load(order(keyed(), before.loadId(1), 1, "a", "a1"));
    TestRun again = run().restarting();
    Order order = again.order(1, again.checkpoint(), false, false);
    TestPackage load = order(order(keyed(), "l2", 1, "a", "a1"), "l2", 1, "twice", "x");
    Committed first = loader().load(order, load, Progress.NONE);
    assertThat(first.rows()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
    assertThat(first.removed()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
    assertThat(skus()).containsExactly("a1");
    Committed replayed = loader().load(order, load, Progress.NONE);
    assertThat(replayed.replayed()).isTrue();
    assertThat(replayed.notes()).isEqualTo(first.notes()).isEqualTo(Map.of("repeated_keys", 1L));
  }

  @Test
  void whoCorrectsTheStateGetsTheRecordsAgain() {
    TestRun run = run();
    run.load(order(keyed(), run.loadId(1), 1, "a"));
    run.load(order(keyed(), run.loadId(2), 2, "b"));
    loader()
        .ledger()
        .correct(
            new Ledger.Correction(
                "test", ASSET, "shop", Ledger.Deed.REWIND, null, run.loadId(1), true));
    assertThat(names()).containsExactly("a");
    assertThat(run().load(order(keyed(), "l3", 2, "b")).notes()).isNull();
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void everythingIsAppendedWithoutAKeyAndForDlt() {
    TestRun run = run();
    run.load(order(order(orders(), "l1", 1, "a"), "l1", 1, "b"));
    TestRun dlt = run().compat();
    assertThat(dlt.load(order(order(keyed(), "l2", 1, "c"), "l2", 1, "d")).notes()).isNull();
    assertThat(names()).containsExactly("a", "b", "c", "d");
  }

  @Test
  void recordWithoutAValueOfItsKeyIsNoOther() {
    Column id = Column.of("id", DataType.BIGINT).with("primary_key", true);
    TestPackage load = DestinationContract.keyed(id);
    for (String name : List.of("a", "b")) {
      load.in("orders")
          .row(cells("id", null, "name", name, "_mr_load_id", "l1", "_mr_id", "l1/" + name));
    }
    assertThat(run().load(load).notes()).isNull();
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void keysOfSeveralColumnsAreComparedColumnByColumn() {
    TestRun run = run();
    assertThat(run.load(events("l1", "a", "bc", "ab", "c")).notes()).isNull();
    assertThat(run.load(events("l2", "a", "bc", "1:a", "bc")).notes())
        .isEqualTo(Map.of("repeated_keys", 1L));
    assertThat(column("SELECT kind FROM orders ORDER BY 1")).containsExactly("1:a", "a", "ab");
    assertThat(column("SELECT note FROM orders__lines__notes ORDER BY 1"))
        .as("below what is below")
        .containsExactly("l1/0", "l1/1", "l2/1");
  }

  /** Two events, each with a line that has a note. */
  private static TestPackage events(String load, String... keys) {
    TestPackage to =
        TestPackage.of("shop", "orders")
            .child(
                "orders__lines__notes",
                "orders__lines",
                text("note"),
                required("_mr_parent_id", DataType.TEXT),
                required("_mr_id", DataType.TEXT))
            .child(
                "orders__lines",
                "orders",
                required("_mr_parent_id", DataType.TEXT),
                required("_mr_id", DataType.TEXT))
            .table(
                "orders",
                required("kind", DataType.TEXT).with("primary_key", true),
                required("name", DataType.TEXT).with("primary_key", true),
                required("at", DataType.TIMESTAMP).with("primary_key", true),
                required("_mr_load_id", DataType.TEXT),
                required("_mr_id", DataType.TEXT));
    for (int i = 0; i < keys.length; i += 2) {
      String id = load + "/" + i / 2;
      to.in("orders")
          .row(
              cells(
                  "kind",
                  keys[i],
                  "name",
                  keys[i + 1],
                  "at",
                  Instant.parse("2026-01-01T00:00:00.000001Z"),
                  "_mr_load_id",
                  load,
                  "_mr_id",
                  id));
      to.in("orders__lines").row(cells("_mr_parent_id", id, "_mr_id", id + "."));
      to.in("orders__lines__notes")
          .row(cells("note", id, "_mr_parent_id", id + ".", "_mr_id", id + ".."));
    }
    return to.in("orders");
  }
}
