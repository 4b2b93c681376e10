package io.millrace.activities.destination;

import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.Loader.Span;
import io.millrace.activities.destination.Loader.Stored;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.run.Visits.Mark;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every destination does, whatever its engine. Each test gets an empty destination. */
abstract class DestinationContract {
  static final String ASSET = "shop.orders";

  /** The destination of this test. */
  abstract Loader loader();

  static Column text(String name) {
    return Column.of(name, DataType.TEXT);
  }

  static Column bigint(String name) {
    return Column.of(name, DataType.BIGINT);
  }

  static Column required(String name, DataType type) {
    return new Column(name, type, false, null, null, null, Map.of());
  }

  static Column key(String name) {
    return required(name, DataType.BIGINT).with("primary_key", true);
  }

  /** A package of orders with items; {@code more} columns of orders come after the name. */
  static TestPackage orders(Column... more) {
    return keyed(required("id", DataType.BIGINT), more);
  }

  static TestPackage keyed(Column id, Column... more) {
    List<Column> columns = new ArrayList<>(List.of(id, text("name")));
    columns.addAll(List.of(more));
    columns.add(required("_mr_load_id", DataType.TEXT));
    columns.add(required("_mr_id", DataType.TEXT));
    return TestPackage.of("shop", "orders")
        .child(
            "orders__items",
            "orders",
            text("sku"),
            required("_mr_root_id", DataType.TEXT),
            required("_mr_parent_id", DataType.TEXT),
            required("_mr_list_idx", DataType.BIGINT),
            required("_mr_id", DataType.TEXT))
        .table("orders", columns.toArray(Column[]::new));
  }

  /** An order whose items have these skus. */
  static TestPackage order(TestPackage to, String load, long id, String name, String... skus) {
    return order(to, load, Map.of(), id, name, skus);
  }

  static TestPackage order(
      TestPackage to, String load, Map<String, Object> more, long id, String name, String... skus) {
    String row = load + "/" + id + "/" + to.rows("orders");
    Map<String, Object> cells = cells("id", id, "name", name, "_mr_load_id", load, "_mr_id", row);
    cells.putAll(more);
    to.in("orders").row(cells);
    for (int i = 0; i < skus.length; i++) {
      to.in("orders__items")
          .row(
              cells(
                  "sku",
                  skus[i],
                  "_mr_root_id",
                  row,
                  "_mr_parent_id",
                  row,
                  "_mr_list_idx",
                  (long) i,
                  "_mr_id",
                  row + "." + i));
    }
    return to.in("orders");
  }

  List<List<Object>> rows(String sql) {
    return loader().query(sql, 0).rows();
  }

  List<Object> column(String sql) {
    return rows(sql).stream().map(r -> r.get(0)).toList();
  }

  List<Object> names() {
    return column("SELECT name FROM orders ORDER BY id, name");
  }

  List<Object> skus() {
    return column("SELECT sku FROM orders__items ORDER BY sku");
  }

  TestRun run(WriteDisposition disposition) {
    return new TestRun(loader(), ASSET, disposition);
  }

  static void assertFails(Failure failure, Runnable action, String... parts) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.failure()).as(e.getMessage()).isEqualTo(failure))
        .message()
        .contains(parts);
  }

  @Test
  void keepsTextsOfBoundaryKeysExactlyWithTheState() {
    Map<String, String> first = Map.of("d1", "x".repeat(100_000), "d2", "y");
    loadWithKeys(1, null, first);
    assertThat(loader().read("test", ASSET, null, "shop", null).keys()).isEqualTo(first);
    Map<String, String> second = Map.of("d2", "y", "d3", "z".repeat(48_000));
    loadWithKeys(2, checkpoint(1), second);
    assertThat(loader().read("test", ASSET, null, "shop", null).keys()).isEqualTo(second);
    assertFails(
        Failure.LOAD_REFUSED, () -> loadWithKeys(3, checkpoint(7), Map.of()), "Cannot load");
    loadWithKeys(2, checkpoint(1), first);
    assertThat(loader().read("test", ASSET, null, "shop", null).keys())
        .as("a replay and a refused load leave them alone")
        .isEqualTo(second);
    loadWithKeys(3, checkpoint(2), Map.of());
    assertThat(loader().read("test", ASSET, null, "shop", null).keys()).isEmpty();
  }

  private static JsonNode checkpoint(int seq) {
    return JsonNodeFactory.instance.objectNode().put("position", seq).put("done", false);
  }

  private void loadWithKeys(int seq, JsonNode before, Map<String, String> keys) {
    Segment segment =
        new Segment("test", "manifest", ASSET, null, "run", "1700000000.1-a-1-" + seq, 1, seq);
    loader()
        .load(
            new Order(
                segment,
                "shop",
                WriteDisposition.APPEND,
                before,
                checkpoint(seq),
                false,
                false,
                null,
                false,
                false,
                1,
                1,
                keys,
                null),
            null,
            Progress.NONE);
  }

  @Test
  void appendsRowsWithReceiptStateAndSchema() {
    TestRun run = run(WriteDisposition.APPEND);
    Committed committed = run.load(order(order(orders(), "l1", 1, "a", "x", "y"), "l1", 2, "b"));
    assertThat(committed.rows()).isEqualTo(Map.of("orders", 2L, "orders__items", 2L));
    assertThat(committed.schemaChanges())
        .containsExactlyInAnyOrder("added table orders", "added table orders__items");
    assertThat(committed.replayed()).isFalse();
    run.finish(order(orders(), "l2", 3, "c"));
    assertThat(names()).containsExactly("a", "b", "c");
    assertThat(skus()).containsExactly("x", "y");
    assertThat(column("SELECT status FROM _mr_loads ORDER BY load_id")).containsExactly(0L, 0L);
    assertThat(column("SELECT load_id FROM _mr_receipts ORDER BY 1"))
        .containsExactly(run.loadId(1), run.loadId(2));
    assertThat(rows("SELECT project, asset, epoch, segment, load_id FROM _mr_state"))
        .containsExactly(List.of("test", ASSET, 1L, 2L, run.loadId(2)));
    assertThat(column("SELECT version FROM _mr_version")).containsExactly(1L);
    Stored stored = loader().read("test", ASSET, null, "shop", null);
    assertThat(stored.epoch()).isEqualTo(1);
    assertThat(stored.seq()).isEqualTo(2);
    assertThat(Fence.same(stored.checkpoint(), run.checkpoint())).isTrue();
    assertThat(stored.schema().table("orders")).isPresent();
  }

  @Test
  void answersTheSamePackageTwiceWithTheStoredReceipt() {
    TestRun run = run(WriteDisposition.APPEND);
    TestPackage load = order(orders(), "l1", 1, "a", "x");
    Order order = run.order(1, null, true, false);
    Committed first = loader().load(order, load, Progress.NONE);
    Committed second = loader().load(order, load, Progress.NONE);
    assertThat(second.replayed()).isTrue();
    assertThat(second.rows()).isEqualTo(first.rows());
    assertThat(second.schemaChanges()).isEqualTo(first.schemaChanges());
    assertThat(Fence.same(second.after(), first.after())).isTrue();
    assertThat(names()).containsExactly("a");
  }

  @Test
  void refusesTheSameLoadWithOtherContent() {
    TestRun run = run(WriteDisposition.APPEND);
    Order order = run.order(1, null, true, false);
    loader().load(order, order(orders(), "l1", 1, "a"), Progress.NONE);
    assertFails(
        Failure.LOAD_REFUSED,
        () -> loader().load(order, order(orders(), "l1", 1, "other"), Progress.NONE),
        "Cannot load shop.orders",
        "committed with other content",
        run.loadId(1));
    assertThat(names()).containsExactly("a");
  }

  @Test
  void refusesWhoDoesNotFollow() {
    TestRun run = run(WriteDisposition.APPEND);
    run.load(order(orders(), "l1", 1, "a"));
    TestPackage load = order(orders(), "l2", 2, "b");
    assertFails(
        Failure.LOAD_REFUSED,
        () -> loader().load(run.order(3, run.checkpoint(), false, false), load, Progress.NONE),
        "epoch 1 segment 1",
        "epoch 1 segment 3");
    assertFails(
        Failure.LOAD_REFUSED,
        () ->
            loader()
                .load(
                    run.order(
                        2, JsonNodeFactory.instance.objectNode().put("page", 7), false, false),
                    load,
                    Progress.NONE),
        "another checkpoint",
        "{\"page\":7}");
    assertFails(
        Failure.LOAD_REFUSED,
        () -> loader().load(run.order(2, null, false, false), load, Progress.NONE),
        "the beginning");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void fencesTheZombieOfAnOlderEpoch() {
    TestRun zombie = run(WriteDisposition.APPEND);
    zombie.load(order(orders(), "l1", 1, "a"));
    TestRun next = run(WriteDisposition.APPEND);
    next.load(order(orders(), "l2", 2, "b"));
    assertFails(
        Failure.LOAD_REFUSED,
        () -> zombie.load(order(orders(), "l3", 3, "zombie")),
        "epoch 2 segment 1");
    next.finish(order(orders(), "l4", 4, "c"));
    assertThat(names()).containsExactly("a", "b", "c");
  }

  @Test
  void addsColumnsAndTablesAtTheEnd() {
    TestRun run = run(WriteDisposition.APPEND);
    run.load(order(orders(), "l1", 1, "a", "x"));
    TestPackage more = orders().after(run.stored().schema());
    TestPackage wider =
        order(
            orders(text("note"), required("size", DataType.BIGINT)),
            "l2",
            cells("note", "n", "size", 5L),
            2,
            "b");
    assertThat(more.tables()).isEmpty();
    Committed committed = run.load(wider);
    assertThat(committed.schemaChanges())
        .containsExactly("added column orders.note (text)", "added column orders.size (bigint)");
    assertThat(
            loader().tables(false).stream()
                .filter(t -> t.table().equals("orders"))
                .flatMap(t -> t.columns().stream())
                .map(Loader.ColumnInfo::name))
        .containsExactly("id", "name", "_mr_load_id", "_mr_id", "note", "size");
    assertThat(rows("SELECT name, note, size FROM orders ORDER BY id"))
        .containsExactly(java.util.Arrays.asList("a", null, null), List.of("b", "n", 5L));
    assertThat(column("SELECT version FROM _mr_version ORDER BY 1")).containsExactly(1L, 2L);
    run.finish(
        order(
            orders(text("note"), required("size", DataType.BIGINT)),
            "l3",
            Map.of("size", 1L),
            3,
            "c"));
    assertThat(column("SELECT version FROM _mr_version ORDER BY 1"))
        .as("no version without a change")
        .containsExactly(1L, 2L);
  }

  @Test
  void mergesTheAdditionsOfSiblings() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    TestRun users = new TestRun(loader(), "shop.users", WriteDisposition.APPEND);
    TestPackage load =
        TestPackage.of("shop", "users")
            .table("users", bigint("id"), text("_mr_id"))
            .row(cells("id", 1L, "_mr_id", "u1"));
    users.finish(load);
    assertThat(loader().read("test", ASSET, null, "shop", null).schema().tables())
        .extracting(t -> t.name())
        .contains("orders", "orders__items", "users");
  }

  @Test
  void saysThatTheSchemaMovedWhenASiblingChoseAnotherType() {
    run(WriteDisposition.APPEND).finish(order(orders(bigint("note")), "l1", 1, "a"));
    TestRun run = run(WriteDisposition.APPEND);
    assertFails(
        Failure.SCHEMA_MOVED,
        () -> run.finish(order(orders(text("note")), "l2", 2, "b")),
        "Cannot add column note to orders",
        "bigint, not text");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void replacesEverythingInOneSegment() {
    run(WriteDisposition.APPEND)
        .finish(order(order(orders(text("old")), "l1", 1, "a", "x"), "l1", 2, "b"));
    TestRun run = run(WriteDisposition.REPLACE);
    Committed committed = run.finish(order(orders(), "l2", 3, "c"));
    assertThat(committed.rows()).isEqualTo(Map.of("orders", 1L));
    assertThat(names()).containsExactly("c");
    assertThat(skus()).as("children without new rows are emptied too").isEmpty();
    assertThat(column("SELECT old FROM orders")).as("old columns stay").containsOnlyNulls();
  }

  @Test
  void replacesOverManySegmentsAtOnceAtTheEnd() {
    run(WriteDisposition.APPEND)
        .finish(order(orders(text("old")), "l1", Map.of("old", "o"), 1, "a", "x"));
    TestRun run = run(WriteDisposition.REPLACE);
    run.load(order(orders(), "l2", 2, "b"));
    assertThat(names()).as("readers see the old rows").containsExactly("a");
    run.load(order(orders(text("late")), "l3", Map.of("late", "z"), 3, "c", "y"));
    assertThat(skus()).containsExactly("x");
    run.load(orders());
    assertThat(names()).containsExactly("a");
    assertThat(loader().tables(false)).extracting(Loader.TableInfo::table).hasSize(2);
    run.finish(order(orders(), "l5", 4, "d"));
    assertThat(names()).containsExactly("b", "c", "d");
    assertThat(skus()).containsExactly("y");
    assertThat(column("SELECT late FROM orders WHERE id = 3")).containsExactly("z");
    assertThat(column("SELECT old FROM orders")).containsOnlyNulls();
    assertThat(column("SELECT load_id FROM _mr_loads ORDER BY 1"))
        .contains(run.loadId(1), run.loadId(2), run.loadId(4))
        .doesNotContain(run.loadId(3));
    assertThat(shadowTables()).isEmpty();
    TestRun again = run(WriteDisposition.REPLACE);
    again.load(order(orders(), "l6", 9, "z"));
    again.finish(orders());
    assertThat(names()).containsExactly("z");
  }

  List<String> shadowTables() {
    return loader().tables(true).stream()
        .map(Loader.TableInfo::table)
        .filter(t -> t.matches("_mr_[0-9a-f]{20}"))
        .toList();
  }

  @Test
  void leavesTheOldRowsWhenAReplaceNeverFinishes() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    TestRun failed = run(WriteDisposition.REPLACE);
    failed.load(order(orders(), "l2", 2, "half"));
    assertThat(shadowTables()).hasSize(1);
    assertThat(names()).containsExactly("a");
    TestRun next = run(WriteDisposition.REPLACE);
    next.load(order(orders(), "l3", 3, "b"));
    assertThat(shadowTables()).as("those of the failed run are gone").hasSize(1);
    next.finish(order(orders(), "l4", 4, "c"));
    assertThat(names()).containsExactly("b", "c");
    assertThat(shadowTables()).isEmpty();
  }

  @Test
  void replacesFromTheBeginningAfterAnUnfinishedRun() {
    TestRun failed = run(WriteDisposition.REPLACE);
    failed.load(order(orders(), "l1", 1, "half"));
    TestRun next = run(WriteDisposition.REPLACE);
    Order order = next.order(1, null, true, false);
    loader().load(order, order(orders(), "l2", 2, "whole"), Progress.NONE);
    assertThat(names()).containsExactly("whole");
  }

  @Test
  void refusesToAppendAfterAReplaceThatNeverFinished() {
    run(WriteDisposition.REPLACE).load(order(orders(), "l1", 1, "half"));
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND).finish(order(orders(), "l2", 2, "b")),
        "never applied",
        "--refresh drop_data");
  }

  @Test
  void emptiesTheTableWhenTheResultIsEmpty() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    run(WriteDisposition.REPLACE).finish(orders());
    assertThat(names()).isEmpty();
    assertThat(skus()).isEmpty();
  }

  /** Orders of which none was accepted. */
  private static TestPackage rejected(int count) {
    TestPackage load = orders();
    load.rejects();
    for (int i = 0; i < count; i++) {
      load.row(cells("asset", ASSET, "table_name", "orders", "path", "$", "reason", "has no idd"));
    }
    return load;
  }

  @Test
  void keepsTheOldRowsWhenEveryRecordOfAReplaceWasRejected() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    assertFails(
        Failure.DATA_INVALID,
        () -> run(WriteDisposition.REPLACE).finish(rejected(2)),
        "Cannot load orders: every record was rejected: 2 of 2: has no idd (");
    TestRun run = run(WriteDisposition.REPLACE);
    run.load(rejected(2));
    run.load(rejected(1));
    assertFails(
        Failure.DATA_INVALID, () -> run.finish(orders()), "every record was rejected: 3 of 3");
    assertThat(names()).containsExactly("a");
    assertThat(skus()).containsExactly("x");
    assertThat(loader().read("test", ASSET, null, "shop", null).seq())
        .as("rolled back")
        .isEqualTo(2);

    run(WriteDisposition.REPLACE).finish(order(orders(), "l2", 2, "b"));
    assertThat(names()).as("the rejects of an earlier run do not count").containsExactly("b");
    run(WriteDisposition.REPLACE).finish(orders());
    assertThat(names()).as("an empty source").isEmpty();
  }

  @Test
  void addsNothingToTheSchemaWithALoadOfNothingButRejects() {
    TestRun run = run(WriteDisposition.APPEND);
    run.load(rejected(2));
    assertThat(run(WriteDisposition.APPEND).stored().schema().tables()).isEmpty();
    assertThat(column("SELECT reason FROM _mr_rejects")).hasSize(2);
    run.finish(order(orders(), "l2", 2, "b"));
    assertThat(names()).containsExactly("b");
  }

  @Test
  void replacesWhenOneRecordWasAccepted() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    TestRun run = run(WriteDisposition.REPLACE);
    run.load(order(orders(), "l2", 2, "b"));
    run.finish(rejected(2));
    assertThat(names()).containsExactly("b");
  }

  @Test
  void emptiesTheTableAsDltDoesWhenEveryRecordWasRejected() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    run(WriteDisposition.REPLACE).compat().finish(rejected(2));
    assertThat(names()).isEmpty();
  }

  @Test
  void endsARunWithoutAPackage() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    TestRun run = run(WriteDisposition.REPLACE);
    run.load(order(orders(), "l2", 2, "b"));
    run.finish(null);
    assertThat(names()).containsExactly("b");
    assertThat(skus()).isEmpty();
  }

  @Test
  void keepsTheRowsWhenTheSourceSaysUnchanged() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    TestRun run = run(WriteDisposition.REPLACE);
    run.load(orders(), true, true);
    assertThat(names()).containsExactly("a");
    TestRun late = run(WriteDisposition.REPLACE);
    late.load(order(orders(), "l3", 3, "c"));
    late.load(null, true, true);
    assertThat(names()).containsExactly("a");
    assertThat(shadowTables()).isEmpty();
  }

  @Test
  void mergesByPrimaryKeyAndChildrenFollow() {
    TestRun first = run(WriteDisposition.MERGE);
    first.load(order(order(keyed(key("id")), "l1", 1, "a", "x", "y"), "l1", 2, "b", "z"));
    first.finish(order(keyed(key("id")), "l2", 3, "c"));
    TestRun second = run(WriteDisposition.MERGE);
    Committed committed =
        second.finish(order(order(keyed(key("id")), "l3", 1, "a2", "w"), "l3", 4, "d", "v"));
    assertThat(committed.rows()).isEqualTo(Map.of("orders", 2L, "orders__items", 2L));
    assertThat(names()).containsExactly("a2", "b", "c", "d");
    assertThat(skus()).containsExactly("v", "w", "z");
    run(WriteDisposition.MERGE).finish(order(keyed(key("id")), "l4", 2, "b2"));
    assertThat(skus()).as("a record without items loses its old ones").containsExactly("v", "w");
  }

  @Test
  void keepsTheLaterOfTwoRecordsOfOneKey() {
    TestRun run = run(WriteDisposition.MERGE);
    TestPackage load = keyed(key("id")).batches(2);
    order(load, "l1", 1, "first", "x");
    order(load, "l1", 2, "other");
    order(load, "l1", 1, "second", "y");
    order(load, "l1", 1, "third", "z");
    run.load(load);
    assertThat(names()).containsExactly("third", "other");
    assertThat(skus()).containsExactly("z");
    run.finish(order(keyed(key("id")), "l2", 1, "fourth"));
    assertThat(names()).containsExactly("fourth", "other");
    assertThat(skus()).isEmpty();
  }

  @Test
  void letsTheSortColumnChooseOverAllSegments() {
    Column seq = bigint("seq").with("dedup_sort", "desc");
    TestRun run = run(WriteDisposition.MERGE);
    run.load(order(keyed(key("id"), seq), "l1", Map.of("seq", 9L), 1, "newest", "x"));
    run.finish(order(keyed(key("id"), seq), "l2", Map.of("seq", 3L), 1, "older", "y"));
    assertThat(names()).containsExactly("newest");
    assertThat(skus()).containsExactly("x");
    assertThat(shadowTables()).isEmpty();
  }

  @Test
  void mergesByMergeKeyOverAllSegments() {
    Column day = text("day").with("merge_key", true);
    Column id = required("id", DataType.BIGINT);
    run(WriteDisposition.APPEND)
        .finish(
            order(
                order(keyed(id, day), "l1", Map.of("day", "mon"), 1, "a", "x"),
                "l1",
                Map.of("day", "tue"),
                2,
                "b"));
    TestRun run = run(WriteDisposition.MERGE);
    run.load(order(keyed(id, day), "l2", Map.of("day", "mon"), 3, "c", "y"));
    assertThat(names()).containsExactly("a", "b");
    run.finish(order(keyed(id, day), "l3", Map.of("day", "mon"), 4, "d"));
    assertThat(names()).as("both segments of the day stay").containsExactly("b", "c", "d");
    assertThat(skus()).containsExactly("y");
  }

  @Test
  void removesRowsThatAreMarkedAsDeleted() {
    Column gone = Column.of("gone", DataType.BOOL).with("hard_delete", true);
    run(WriteDisposition.MERGE)
        .finish(order(order(keyed(key("id"), gone), "l1", 1, "a", "x"), "l1", 2, "b"));
    run(WriteDisposition.MERGE)
        .finish(
            order(
                order(keyed(key("id"), gone), "l2", Map.of("gone", true), 1, "a"),
                "l2",
                Map.of("gone", false),
                3,
                "c"));
    assertThat(names()).containsExactly("b", "c");
    assertThat(skus()).isEmpty();
  }

  @Test
  void appendsUnderMergeWithoutKeys() {
    run(WriteDisposition.MERGE).finish(order(orders(), "l1", 1, "a"));
    run(WriteDisposition.MERGE).finish(order(orders(), "l2", 1, "b"));
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void insertsOnlyKeysThatAreMissing() {
    WriteDisposition insertOnly = new WriteDisposition(Kind.MERGE, Strategy.INSERT_ONLY, Map.of());
    run(insertOnly).finish(order(keyed(key("id")), "l1", 1, "a", "x"));
    run(insertOnly)
        .finish(
            order(
                order(order(keyed(key("id")), "l2", 1, "no", "n"), "l2", 2, "b", "y"),
                "l2",
                2,
                "c",
                "m"));
    assertThat(names()).containsExactly("a", "b");
    assertThat(skus()).containsExactly("x", "y");
  }

  @Test
  void upsertsByPrimaryKey() {
    WriteDisposition upsert = new WriteDisposition(Kind.MERGE, Strategy.UPSERT, Map.of());
    run(upsert).finish(order(order(keyed(key("id")), "l1", 1, "a", "x"), "l1", 2, "b"));
    run(upsert).finish(order(keyed(key("id")), "l2", 1, "a2", "y"));
    assertThat(names()).containsExactly("a2", "b");
    assertThat(skus()).containsExactly("y");
    assertFails(
        Failure.CONFIG_INVALID,
        () -> new TestRun(loader(), "shop.other", upsert).finish(otherWithoutKey()),
        "needs a primary key");
  }

  private static TestPackage otherWithoutKey() {
    return TestPackage.of("shop", "other")
        .table("other", bigint("id").with("merge_key", true), text("_mr_id"))
        .row(cells("id", 1L, "_mr_id", "o1"));
  }

  /** Two orders whose rows know their parents only, each with an item; tags may follow. */
  private static TestPackage appended() {
    return TestPackage.of("shop", "orders")
        .table(
            "orders",
            required("id", DataType.BIGINT),
            text("name"),
            required("_mr_id", DataType.TEXT))
        .row(cells("id", 1L, "name", "a", "_mr_id", "r1"))
        .row(cells("id", 2L, "name", "b", "_mr_id", "r2"))
        .child(
            "orders__items",
            "orders",
            text("sku"),
            required("_mr_parent_id", DataType.TEXT),
            required("_mr_id", DataType.TEXT))
        .row(cells("sku", "x", "_mr_parent_id", "r1", "_mr_id", "r1.0"))
        .row(cells("sku", "y", "_mr_parent_id", "r2", "_mr_id", "r2.0"))
        .child(
            "orders__items__tags",
            "orders__items",
            text("value"),
            required("_mr_parent_id", DataType.TEXT),
            required("_mr_id", DataType.TEXT));
  }

  @Test
  void switchesFromAppendToMerge() {
    TestPackage plain =
        appended().row(cells("value", "t", "_mr_parent_id", "r1.0", "_mr_id", "r1.0.0"));
    run(WriteDisposition.APPEND).finish(plain);
    TestPackage merged =
        TestPackage.of("shop", "orders")
            .table("orders", key("id"), text("name"), required("_mr_id", DataType.TEXT))
            .row(cells("id", 1L, "name", "a2", "_mr_id", "n1"))
            .child(
                "orders__items",
                "orders",
                text("sku"),
                required("_mr_parent_id", DataType.TEXT),
                required("_mr_id", DataType.TEXT),
                required("_mr_root_id", DataType.TEXT))
            .child(
                "orders__items__tags",
                "orders__items",
                text("value"),
                required("_mr_parent_id", DataType.TEXT),
                required("_mr_id", DataType.TEXT),
                required("_mr_root_id", DataType.TEXT));
    run(WriteDisposition.MERGE).finish(merged);
    assertThat(names()).containsExactly("a2", "b");
    assertThat(rows("SELECT sku, _mr_root_id FROM orders__items"))
        .containsExactly(List.of("y", "r2"));
    assertThat(column("SELECT value FROM orders__items__tags")).isEmpty();
    assertThat(
            loader().tables(false).stream()
                .filter(t -> t.table().equals("orders__items"))
                .flatMap(t -> t.columns().stream())
                .filter(c -> c.name().equals("_mr_root_id")))
        .as("the new column is filled, so it can be NOT NULL")
        .allMatch(c -> !c.nullable());
  }

  @Test
  void mergesIntoTablesWhoseRowsKnowOnlyTheirParents() {
    TestPackage plain =
        appended()
            .row(cells("value", "s", "_mr_parent_id", "r1.0", "_mr_id", "r1.0.0"))
            .row(cells("value", "t", "_mr_parent_id", "r2.0", "_mr_id", "r2.0.0"));
    run(WriteDisposition.APPEND).finish(plain);
    run(WriteDisposition.MERGE)
        .finish(
            TestPackage.of("shop", "orders")
                .table("orders", key("id"), text("name"), required("_mr_id", DataType.TEXT))
                .row(cells("id", 1L, "name", "a2", "_mr_id", "n1")));
    assertThat(names()).containsExactly("a2", "b");
    assertThat(column("SELECT sku FROM orders__items")).containsExactly("y");
    assertThat(column("SELECT value FROM orders__items__tags"))
        .as("found through its parent")
        .containsExactly("t");
  }

  // ---- a window that begins again

  /** An earlier window with "a", an open one with "b" and "c"; each order has an item. */
  private void leaveAWindowOpen(WriteDisposition disposition) {
    TestRun earlier = run(disposition).closing();
    earlier.load(order(keyed(key("id")), earlier.loadId(1), 1, "a", "x"));
    earlier.finish(keyed(key("id")));
    TestRun open = run(disposition).closing();
    open.load(order(keyed(key("id")), open.loadId(1), 2, "b", "y"));
    TestPackage second = order(keyed(key("id")), open.loadId(2), 3, "c", "z", "zz");
    second.rejects().row(cells("asset", ASSET, "reason", "broken", "record", "{"));
    open.load(second);
  }

  @Test
  void removesTheRowsOfTheOpenWindowWhenItBeginsAgain() {
    for (WriteDisposition how : List.of(WriteDisposition.APPEND, WriteDisposition.MERGE)) {
      leaveAWindowOpen(how);
      TestRun again = run(how).restarting().closing();

      Committed committed = again.load(order(keyed(key("id")), again.loadId(1), 2, "b2", "new"));

      assertThat(committed.removed())
          .as(how.kind().key())
          .isEqualTo(Map.of("orders", 2L, "orders__items", 3L));
      assertThat(names()).containsExactly("a", "b2");
      assertThat(skus()).containsExactly("new", "x");
      assertThat(rows("SELECT * FROM _mr_rejects")).isEmpty();
      again.finish(order(keyed(key("id")), again.loadId(2), 4, "d"));
      assertThat(names()).as("only the first load removes").containsExactly("a", "b2", "d");
      new TestRun(loader(), ASSET, how, Refresh.DROP_RESOURCES).closing().finish(orders());
    }
  }

  @Test
  void answersARestartTwiceWithTheSameReceipt() {
    leaveAWindowOpen(WriteDisposition.APPEND);
    TestRun again = run(WriteDisposition.APPEND).restarting().closing();
    Order order = again.order(1, again.checkpoint(), true, false);
    TestPackage load = order(keyed(key("id")), again.loadId(1), 2, "b2");
    Committed first = loader().load(order, load, Progress.NONE);

    Committed second = loader().load(order, load, Progress.NONE);

    assertThat(second.replayed()).isTrue();
    assertThat(second.removed()).isEqualTo(first.removed());
    assertThat(names()).containsExactly("a", "b2");
    assertThat(column("SELECT removed FROM _mr_receipts WHERE removed IS NOT NULL"))
        .map(json -> json.toString().replace(" ", ""))
        .containsExactly("{\"orders\":2,\"orders__items\":3}");
  }

  @Test
  void removesTheWindowWithALoadThatBringsNothing() {
    leaveAWindowOpen(WriteDisposition.APPEND);

    Committed committed =
        run(WriteDisposition.APPEND).restarting().closing().finish(keyed(key("id")));

    assertThat(committed.rows()).isEmpty();
    assertThat(committed.removed()).containsEntry("orders", 2L);
    assertThat(names()).containsExactly("a");
    assertThat(skus()).containsExactly("x");
  }

  @Test
  void removesAWindowThatBeganAgainBefore() {
    leaveAWindowOpen(WriteDisposition.APPEND);
    TestRun broken = run(WriteDisposition.APPEND).restarting().closing();
    broken.load(order(keyed(key("id")), broken.loadId(1), 2, "half", "h"));
    TestRun again = run(WriteDisposition.APPEND).restarting().closing();

    Committed committed = again.finish(order(keyed(key("id")), again.loadId(1), 2, "whole", "w"));

    assertThat(committed.removed()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
    assertThat(names()).containsExactly("a", "whole");
    TestRun next = run(WriteDisposition.APPEND).restarting().closing();
    assertThat(next.finish(keyed(key("id"))).removed())
        .as("the window is closed: there is nothing to remove")
        .isEmpty();
    assertThat(names()).containsExactly("a", "whole");
  }

  @Test
  void removesRowsOnAllLevels() {
    for (boolean open : new boolean[] {false, true}) {
      TestRun run = run(WriteDisposition.APPEND).closing();
      TestPackage load = deep(run.loadId(1), open ? 2 : 1);
      if (open) {
        run.load(load);
      } else {
        run.finish(load);
      }
    }

    Committed committed =
        run(WriteDisposition.APPEND).restarting().closing().finish(keyed(key("id")));

    assertThat(committed.removed())
        .isEqualTo(Map.of("orders", 1L, "orders__items", 1L, "orders__items__tags", 1L));
    assertThat(column("SELECT tag FROM orders__items__tags")).containsExactly("tag1");
    assertThat(skus()).containsExactly("sku1");
  }

  private static TestPackage deep(String load, long id) {
    TestPackage deep = order(keyed(key("id")), load, id, "n" + id, "sku" + id);
    return deep.child(
            "orders__items__tags",
            "orders__items",
            text("tag"),
            required("_mr_root_id", DataType.TEXT),
            required("_mr_parent_id", DataType.TEXT),
            required("_mr_list_idx", DataType.BIGINT),
            required("_mr_id", DataType.TEXT))
        .row(
            cells(
                "tag",
                "tag" + id,
                "_mr_root_id",
                load + "/" + id + "/0",
                "_mr_parent_id",
                load + "/" + id + "/0.0",
                "_mr_list_idx",
                0L,
                "_mr_id",
                load + "/" + id + "/0.0.0"));
  }

  @Test
  void keepsWhatIsBelowARowOfAnEarlierWindowOfTheSameId() {
    TestRun earlier = run(WriteDisposition.APPEND).closing();
    earlier.finish(
        order(keyed(key("id")), "same", Map.of("_mr_load_id", earlier.loadId(1)), 1, "a", "x"));
    TestRun open = run(WriteDisposition.APPEND).closing();
    open.load(order(keyed(key("id")), "same", Map.of("_mr_load_id", open.loadId(1)), 1, "b"));

    run(WriteDisposition.APPEND).restarting().closing().finish(keyed(key("id")));

    assertThat(names()).containsExactly("a");
    assertThat(skus()).containsExactly("x");
  }

  @Test
  void discardsShadowTablesWhenAWindowBeginsAgain() {
    run(WriteDisposition.REPLACE).closing().finish(order(orders(), "l1", 1, "old", "o"));
    run(WriteDisposition.REPLACE).closing().load(order(orders(), "l2", 2, "half", "h"));
    TestRun again = run(WriteDisposition.REPLACE).restarting().closing();

    assertThat(again.load(order(orders(), "l3", 3, "new", "n")).removed()).isEmpty();
    assertThat(names()).as("readers see the old rows until the end").containsExactly("old");
    again.finish(orders());

    assertThat(names()).containsExactly("new");
    assertThat(skus()).containsExactly("n");
    assertThat(shadowTables()).isEmpty();
  }

  @Test
  void refusesToBeginAgainWithASourceThatSaysUnchanged() {
    leaveAWindowOpen(WriteDisposition.APPEND);
    TestRun again = run(WriteDisposition.APPEND).restarting().closing();

    assertFails(
        Failure.WINDOW_LOST,
        () -> again.load(keyed(key("id")), true, true),
        "the source says that nothing changed",
        "If-None-Match");
    assertThat(names()).containsExactly("a", "b", "c");
  }

  @Test
  void endsAWholeRunThatBeginsAgainWithASourceThatSaysUnchanged() {
    run(WriteDisposition.REPLACE).closing().finish(order(orders(), "l1", 1, "old"));
    run(WriteDisposition.REPLACE).closing().load(order(orders(), "l2", 2, "half"));
    run(WriteDisposition.REPLACE).restarting().closing().load(orders(), true, true);
    assertThat(names()).containsExactly("old");
    assertThat(shadowTables()).isEmpty();
  }

  // ---- tables of others

  @Test
  void refusesTablesThatAnotherProgramMade() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    foreignTable("users");
    for (WriteDisposition how :
        List.of(WriteDisposition.APPEND, WriteDisposition.REPLACE, WriteDisposition.MERGE)) {
      for (TestPackage load : List.of(users(), noUsers())) {
        assertFails(
            Failure.DESTINATION_REFUSED,
            () -> new TestRun(loader(), "shop.users", how).finish(load),
            "Cannot load shop.users: another program made table users",
            "set table_name of the resource, take another dataset, or drop the table");
      }
      assertFails(
          Failure.DESTINATION_REFUSED,
          () -> new TestRun(loader(), "shop.users", how).load(users()),
          "another program made table users");
    }
    assertThat(column("SELECT hers FROM users")).containsExactly("hers");
  }

  @Test
  void refusesAChildTableThatAnotherProgramMade() {
    foreignTable("orders__items");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.REPLACE).finish(order(orders(), "l1", 1, "a", "x")),
        "another program made table orders__items");
    assertThat(column("SELECT hers FROM orders__items")).containsExactly("hers");
  }

  @Test
  void sharesATableWithAnotherSource() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    TestPackage theirs =
        TestPackage.of("store", "orders")
            .table(
                "orders",
                required("id", DataType.BIGINT),
                text("name"),
                required("_mr_load_id", DataType.TEXT),
                required("_mr_id", DataType.TEXT))
            .row(cells("id", 2L, "name", "b", "_mr_load_id", "l2", "_mr_id", "i2"));
    new TestRun(loader(), "store.orders", WriteDisposition.APPEND).finish(theirs);
    assertThat(names()).containsExactly("a", "b");
  }

  /** A table of one text column {@code hers} with one row, made behind our back. */
  abstract void foreignTable(String name);

  @Test
  void skipsTheRowsButKeepsTheState() {
    TestRun run = run(WriteDisposition.SKIP);
    Committed committed = run.finish(order(orders(), "l1", 1, "a"));
    assertThat(committed.rows()).isEmpty();
    assertThat(loader().tables(false)).isEmpty();
    assertThat(loader().read("test", ASSET, null, "shop", null).seq()).isEqualTo(1);
  }

  @Test
  void keepsRejectedRecords() {
    TestRun run = run(WriteDisposition.APPEND);
    TestPackage load = order(orders(), "l1", 1, "a");
    load.rejects()
        .row(
            cells(
                "asset", ASSET,
                "table_name", "orders",
                "path", "$.x",
                "reason", "frozen",
                "record", "{\"x\":1}"))
        .row(cells("asset", ASSET, "reason", "broken", "record", "{\"x\":"));
    assertThat(run.finish(load).rejected()).isEqualTo(2);
    assertThat(
            rows("SELECT load_id, table_name, path, reason, record FROM _mr_rejects ORDER BY reason DESC")
                .get(0))
        .map(value -> value.toString().replace(" ", ""))
        .containsExactly(run.loadId(1), "orders", "$.x", "frozen", "{\"x\":1}");
    assertThat(column("SELECT rejected FROM _mr_receipts")).containsExactly(2L);
  }

  @Test
  void dropsTheTablesOfAResource() {
    run(WriteDisposition.APPEND).finish(order(orders(text("old")), "l1", 1, "a", "x"));
    TestRun refresh = new TestRun(loader(), ASSET, WriteDisposition.APPEND, Refresh.DROP_RESOURCES);
    assertThat(refresh.stored().checkpoint()).isNull();
    assertThat(refresh.stored().schema().table("orders")).isEmpty();
    assertThat(names()).as("reading forgets nothing").containsExactly("a");
    refresh.finish(order(orders(), "l2", 2, "b"));
    assertThat(names()).containsExactly("b");
    assertThat(loader().tables(false))
        .extracting(Loader.TableInfo::table)
        .containsExactly("orders");
    assertThat(column("SELECT epoch FROM _mr_state")).containsExactly(2L);
  }

  @Test
  void emptiesTheTablesOfAResource() {
    run(WriteDisposition.APPEND).finish(order(orders(text("old")), "l1", 1, "a", "x"));
    new TestRun(loader(), ASSET, WriteDisposition.APPEND, Refresh.DROP_DATA)
        .finish(order(orders(), "l2", 2, "b"));
    assertThat(names()).containsExactly("b");
    assertThat(skus()).isEmpty();
    assertThat(column("SELECT old FROM orders")).containsOnlyNulls();
  }

  @Test
  void dropsASourceOnceForAllAssetsOfARun() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    TestRun users = new TestRun(loader(), "shop.users", WriteDisposition.APPEND);
    users.finish(users());
    TestRun one =
        new TestRun(loader(), ASSET, WriteDisposition.APPEND, Refresh.DROP_SOURCES).in("run:2");
    TestRun two =
        new TestRun(loader(), "shop.users", WriteDisposition.APPEND, Refresh.DROP_SOURCES)
            .in("run:2");
    one.finish(order(orders(), "l2", 2, "b"));
    assertThat(loader().tables(false))
        .extracting(Loader.TableInfo::table)
        .containsExactly("orders");
    two.finish(users());
    assertThat(names())
        .as("the second asset does not drop the first one's rows")
        .containsExactly("b");
    assertThat(column("SELECT id FROM users")).containsExactly(1L);
  }

  private static TestPackage users() {
    return noUsers().row(cells("id", 1L, "_mr_id", "u1"));
  }

  private static TestPackage noUsers() {
    return TestPackage.of("shop", "users").table("users", bigint("id"), text("_mr_id"));
  }

  @Test
  void takesAnyTextAsValueAndAsName() {
    List<String> hostile =
        List.of(
            "select",
            "a\"b",
            "\"a\"",
            "x\"; DROP TABLE orders; --",
            "a;b",
            "a'b",
            "über 日本語 😀",
            "?1 :name <x> {y} %s $1",
            " ",
            "main",
            "rowid");
    List<Column> columns = new ArrayList<>();
    Map<String, Object> cells = cells("_mr_id", "r");
    for (String name : hostile) {
      columns.add(text("c " + name));
      cells.put("c " + name, name);
    }
    columns.add(text("_mr_id"));
    for (String name : hostile) {
      TestRun run = new TestRun(loader(), "shop." + name, WriteDisposition.REPLACE);
      TestPackage load =
          TestPackage.of("shop", name)
              .table("t " + name, columns.toArray(Column[]::new))
              .row(cells);
      run.load(load);
      run.finish(load);
    }
    assertThat(loader().tables(false)).hasSize(hostile.size());
    for (String name : hostile) {
      String table = "\"t " + name.replace("\"", "\"\"") + "\"";
      for (List<Object> row : rows("SELECT * FROM " + table)) {
        assertThat(row.subList(0, hostile.size())).isEqualTo(hostile);
      }
    }
  }

  @Test
  void namesTheColumnThatNeedsAValue() {
    TestRun run = run(WriteDisposition.APPEND);
    assertFails(
        Failure.DATA_INVALID,
        () -> run.finish(order(orders(required("size", DataType.BIGINT)), "l1", 1, "a")),
        "orders.size");
    assertThat(loader().tables(true)).as("nothing of a failed load stays").isEmpty();
  }

  @Test
  void letsAnErrorOfTheRowsThroughAsItIs() {
    MillraceException lost = new MillraceException(Failure.STAGING_LOST, "Cannot read it");
    TestPackage load = order(orders(), "l1", 1, "a");
    LoadPackage broken =
        new ForwardingPackage(load) {
          @Override
          public Batches batches(String table) {
            throw lost;
          }
        };
    assertThatThrownBy(() -> run(WriteDisposition.APPEND).finish(broken)).isSameAs(lost);
    LoadPackage shorter =
        new ForwardingPackage(load) {
          @Override
          public long rows(String table) {
            return 2;
          }
        };
    assertFails(Failure.STAGING_LOST, () -> run(WriteDisposition.APPEND).finish(shorter), "1 of 2");
    assertThat(loader().tables(true)).isEmpty();
  }

  @Test
  void saysThatWhatIsKnownOfItsTablesIsGone() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    dropTable("_mr_version");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND),
        "Cannot load shop.orders: its state is there, but not table _mr_version",
        "system_prefix");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void neverStartsAgainInSilenceWhenTheStateIsGone() {
    TestRun run = run(WriteDisposition.APPEND);
    run.finish(order(orders(), "l1", 1, "a"));
    deleteState();
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND),
        "_mr_state is gone",
        "--refresh drop_resources");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () ->
            loader()
                .load(
                    new Order(
                        new Segment("test", "m", ASSET, null, "r", "other", 1, 1),
                        "shop",
                        WriteDisposition.APPEND,
                        null,
                        null,
                        true,
                        false,
                        null,
                        false,
                        false,
                        0,
                        0),
                    order(orders(), "l1", 1, "a"),
                    Progress.NONE),
        "_mr_state is gone");
    new TestRun(loader(), ASSET, WriteDisposition.APPEND, Refresh.DROP_RESOURCES)
        .finish(order(orders(), "l2", 2, "b"));
    assertThat(names()).containsExactly("b");
  }

  @Test
  void refusesToGoOnBehindRowsThatSomebodyDropped() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    dropTable("orders__items");
    String[] why = {
      "Cannot load shop.orders",
      "1 row",
      "table orders__items is gone",
      "--refresh drop_resources",
      "state set shop.orders"
    };
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND).finish(order(orders(), "l2", 2, "b")),
        why);
    assertFails(
        Failure.DESTINATION_REFUSED,
        () ->
            run(new WriteDisposition(Kind.MERGE, Strategy.UPSERT, Map.of()))
                .finish(order(keyed(key("id")), "l2", 2, "b", "y")),
        why);
    assertThat(names()).as("nothing of a refused load stays").containsExactly("a");
    new TestRun(loader(), ASSET, WriteDisposition.APPEND, Refresh.DROP_RESOURCES)
        .finish(order(orders(), "l3", 3, "c", "z"));
    run(WriteDisposition.APPEND).finish(order(orders(), "l4", 4, "d"));
    assertThat(names()).containsExactly("c", "d");
    assertThat(skus()).containsExactly("z");
  }

  @Test
  void makesADroppedTableAgainWhenAllOfItComes() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    dropTable("orders__items");
    dropTable("orders");
    run(new WriteDisposition(Kind.REPLACE, null, null)).finish(order(orders(), "l2", 2, "b", "y"));
    assertThat(names()).containsExactly("b");
    dropTable("orders");
    loader()
        .ledger()
        .correct(
            new Ledger.Correction("test", ASSET, "shop", Ledger.Deed.RESET, null, null, false));
    run(WriteDisposition.APPEND).finish(order(orders(), "l3", 3, "c"));
    assertThat(names()).as("from the beginning nothing is missing").containsExactly("c");
    dropTable("orders");
    loader()
        .ledger()
        .correct(
            new Ledger.Correction(
                "test",
                ASSET,
                "shop",
                Ledger.Deed.SET,
                JsonNodeFactory.instance.objectNode().put("page", 1),
                null,
                false));
    run(WriteDisposition.APPEND).finish(order(orders(), "l4", 4, "d"));
    assertThat(names()).as("somebody said where to go on").containsExactly("d");
  }

  /** Drops a table of the dataset as its owner would. */
  abstract void dropTable(String name);

  @Test
  void keepsEveryCharacterOfACheckpoint() {
    String hostile = "a\0b\u0001c\ud83d\ude00\ud800d\udc00e\u001a\\u0000 0000";
    JsonNode checkpoint =
        JsonNodeFactory.instance.objectNode().put("done", true).put(hostile, hostile);
    loadFrom(1, null, checkpoint);
    JsonNode stored = loader().read("test", ASSET, null, "shop", null).checkpoint();
    assertThat(stored.path(hostile).textValue()).isEqualTo(hostile);
    loadFrom(2, stored, checkpoint);
    assertThat(loader().ledger().history("test", ASSET, 9))
        .extracting(event -> event.after().path(hostile).textValue())
        .containsExactly(hostile, hostile);
    assertThat(loader().ledger().states("test").get(0).checkpoint()).isEqualTo(checkpoint);
  }

  private void loadFrom(int seq, JsonNode before, JsonNode after) {
    TestRun numbers = run(WriteDisposition.APPEND);
    Segment segment = new Segment("test", "m", ASSET, null, "r", numbers.loadId(seq), 1, seq);
    loader()
        .load(
            new Order(
                segment,
                "shop",
                WriteDisposition.APPEND,
                before,
                after,
                true,
                false,
                null,
                false,
                false,
                0,
                0),
            null,
            Progress.NONE);
  }

  // ---- what children of an asset ask

  @Test
  void tellsTheLoadsOfAWindowWithoutThoseThatWentWhenItBeganAgain() {
    assertThat(loader().newest("test", ASSET, null)).as("never loaded").isNull();
    leaveAWindowOpen(WriteDisposition.APPEND);
    assertThat(loader().newest("test", ASSET, null))
        .isEqualTo(new Span(new Mark(1, 2), new Mark(2, 2)));
    assertThat(marks(Mark.NONE, new Mark(2, 2)))
        .containsExactly(new Mark(1, 1), new Mark(1, 2), new Mark(2, 1), new Mark(2, 2));
    assertThat(loader().newest("test", "shop.others", null)).as("of another asset").isNull();

    TestRun again = run(WriteDisposition.APPEND).restarting().closing();
    again.load(order(keyed(key("id")), again.loadId(1), 2, "b2"));

    assertThat(loader().newest("test", ASSET, null))
        .isEqualTo(new Span(new Mark(3, 0), new Mark(3, 1)));
    assertThat(marks(Mark.NONE, new Mark(3, 1)))
        .containsExactly(new Mark(1, 1), new Mark(1, 2), new Mark(3, 1));
    assertThat(marks(new Mark(1, 1), new Mark(1, 2))).containsExactly(new Mark(1, 2));
  }

  @Test
  void tellsTheRunThatShows() {
    WriteDisposition replace = new WriteDisposition(Kind.REPLACE, null, null);
    TestRun first = run(replace).closing();
    first.finish(order(orders(), first.loadId(1), 1, "a"));
    TestRun second = run(replace).closing();
    second.load(order(orders(), second.loadId(1), 2, "b"));
    assertThat(loader().newest("test", ASSET, "orders"))
        .as("the second has not ended")
        .isEqualTo(new Span(new Mark(1, 0), new Mark(1, 1)));

    second.finish(orders());

    assertThat(loader().newest("test", ASSET, "orders"))
        .isEqualTo(new Span(new Mark(2, 0), new Mark(2, 2)));
    assertThat(loader().newest("test", ASSET, "gone").isEmpty()).isTrue();
  }

  @Test
  void givesTheRowsOfALoadInChunks() {
    TestRun run = run(WriteDisposition.APPEND);
    TestPackage load = orders();
    for (int id = 1; id <= 5; id++) {
      order(load, run.loadId(1), id, "n" + id);
    }
    run.load(load);
    run.finish(order(orders(), run.loadId(2), 6, "n6"));
    List<Object> names = new ArrayList<>();
    String after = null;
    List<List<Object>> rows;
    do {
      rows = loader().rowsOf(run.loadId(1), "orders", List.of("name", "id"), after, 2).rows();
      assertThat(rows).hasSizeLessThanOrEqualTo(2);
      for (List<Object> row : rows) {
        names.add(row.get(0) + "=" + row.get(1));
        after = (String) row.get(2);
      }
    } while (!rows.isEmpty());
    assertThat(names).containsExactly("n1=1", "n2=2", "n3=3", "n4=4", "n5=5");
    assertThat(loader().rowsOf(run.loadId(1), "gone", List.of(), null, 2).rows()).isEmpty();
  }

  private List<Mark> marks(Mark after, Mark to) {
    return loader().loads("test", ASSET, new Span(after, to), 100).stream()
        .map(Loader.Loaded::mark)
        .toList();
  }

  /** Deletes the rows of {@code _mr_state} behind our back. */
  abstract void deleteState();

  @Test
  void showsThatLoadsWouldBeLetInAndLeavesNothing() {
    loader().probe();
    assertThat(loader().tables(true)).isEmpty();
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    int before = loader().tables(true).size();
    loader().probe();
    assertThat(loader().tables(true)).hasSize(before);
    assertThat(names()).containsExactly("a");
  }

  @Test
  void refusesToWriteInAQuery() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    assertFails(Failure.CONFIG_INVALID, () -> loader().query("DELETE FROM orders", 0), "read-only");
    assertFails(
        Failure.CONFIG_INVALID,
        () -> loader().query("SELECT 1; DROP TABLE orders", 0),
        "Cannot query");
    assertThat(loader().query("SELECT * FROM orders", 0).columns())
        .containsExactly("id", "name", "_mr_load_id", "_mr_id");
    assertThat(names()).containsExactly("a");
  }

  /** Statements that write beside the tables, where the engine has any. */
  abstract List<String> writing();

  @Test
  void queriesWriteNoFilesEither() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    for (String sql : writing()) {
      assertFails(Failure.CONFIG_INVALID, () -> loader().query(sql, 0), "read-only");
    }
    assertThat(names()).containsExactly("a");
    for (String sql :
        List.of(
            " -- all\n/* of */ (SELECT name FROM orders);",
            "WITH o AS (SELECT * FROM orders) SELECT name FROM o",
            "TABLE orders",
            "VALUES (1)",
            "EXPLAIN SELECT * FROM orders",
            "EXPLAIN ANALYZE SELECT * FROM orders")) {
      assertThat(loader().query(sql, 0).rows()).as(sql).isNotEmpty();
    }
  }
}
