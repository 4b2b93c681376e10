package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.bigint;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.required;
import static io.millrace.activities.destination.DestinationContract.text;
import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What every destination does with the strategies that judge rows by more than their key, and with
 * the options of merges. Each test gets an empty destination.
 */
abstract class MergeContract {
  private static final String NAMES = "SELECT name FROM orders ORDER BY id, name";
  private static final String SKUS = "SELECT sku FROM orders__items ORDER BY sku";

  /** The destination of this test. */
  abstract Loader loader();

  static WriteDisposition merge(Strategy strategy, Object... options) {
    return new WriteDisposition(Kind.MERGE, strategy, cells(options));
  }

  private TestRun run(WriteDisposition disposition) {
    return new TestRun(loader(), DestinationContract.ASSET, disposition);
  }

  private List<Object> column(String sql) {
    return loader().query(sql, 0).rows().stream().map(r -> r.get(0)).toList();
  }

  // ---- versions

  /** Orders with versions: what the normalizer makes under {@code scd2}. */
  static TestPackage versioned(Column... more) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.of("valid_from", DataType.TIMESTAMP).with("x-valid-from", true),
                Column.of("valid_to", DataType.TIMESTAMP).with("x-valid-to", true),
                bigint("id"),
                text("name")));
    columns.addAll(List.of(more));
    columns.add(required("_mr_load_id", DataType.TEXT));
    boolean own = columns.stream().anyMatch(c -> c.hinted("x-row-version"));
    Column id = required("_mr_id", DataType.TEXT);
    columns.add(own ? id : id.with("x-row-version", true));
    return TestPackage.of("shop", "orders")
        .child(
            "orders__items",
            "orders",
            text("sku"),
            required("_mr_parent_id", DataType.TEXT),
            required("_mr_list_idx", DataType.BIGINT),
            required("_mr_id", DataType.TEXT))
        .table("orders", columns.toArray(Column[]::new));
  }

  /** A record whose row id comes from what is in it. */
  static TestPackage version(TestPackage to, long id, String name, String... skus) {
    return version(to, Map.of(), id + name + String.join(",", skus), id, name, skus);
  }

  private static TestPackage version(
      TestPackage to, Map<String, Object> more, String row, long id, String name, String... skus) {
    Map<String, Object> cells = cells("id", id, "name", name, "_mr_load_id", "l", "_mr_id", row);
    cells.putAll(more);
    to.in("orders").row(cells);
    for (int i = 0; i < skus.length; i++) {
      to.in("orders__items")
          .row(
              cells(
                  "sku",
                  skus[i],
                  "_mr_parent_id",
                  row,
                  "_mr_list_idx",
                  (long) i,
                  "_mr_id",
                  row + "." + i));
    }
    return to.in("orders");
  }

  private List<Object> current() {
    return column("SELECT name FROM orders WHERE valid_to IS NULL ORDER BY id, name");
  }

  private List<Object> ended() {
    return column("SELECT name FROM orders WHERE valid_to IS NOT NULL ORDER BY id, name");
  }

  @Test
  void keepsEveryVersionOfARow() {
    WriteDisposition scd2 = merge(Strategy.SCD2);
    run(scd2).finish(version(version(versioned(), 1, "a", "x"), 2, "b"));
    TestRun second = run(scd2);
    second.load(version(versioned(), 1, "a", "x"));
    assertThat(ended()).as("nothing ends before the run does").isEmpty();
    Committed committed = second.finish(version(version(versioned(), 2, "b2", "y"), 3, "c"));
    assertThat(committed.rows()).isEqualTo(Map.of("orders", 2L, "orders__items", 1L));
    assertThat(current()).containsExactly("a", "b2", "c");
    assertThat(ended()).containsExactly("b");
    assertThat(column(SKUS)).containsExactly("x", "y");
    run(scd2).finish(version(version(versioned(), 2, "b"), 3, "c"));
    assertThat(current()).as("a version may come back").containsExactly("b", "c");
    assertThat(ended()).containsExactly("a", "b", "b2");
    assertThat(
            column(
                "SELECT count(*) FROM orders a JOIN orders b ON a.valid_to = b.valid_from AND a.id = b.id"))
        .as("a version ends when the next one begins")
        .containsExactly(2L);
  }

  @Test
  void takesAVersionOnceHoweverOftenItComes() {
    TestRun run = run(merge(Strategy.SCD2));
    run.load(version(version(versioned(), 1, "a", "x"), 1, "a", "x"));
    run.finish(version(versioned(), 1, "a", "x"));
    assertThat(current()).containsExactly("a");
    assertThat(column(SKUS)).containsExactly("x");
  }

  @Test
  void takesAVersionAsOftenAsItComesWhereDltDoes() {
    run(merge(Strategy.SCD2)).compat().finish(version(version(versioned(), 1, "a"), 1, "a"));
    assertThat(current()).containsExactly("a", "a");
  }

  @Test
  void endsOnlyVersionsOfMergeKeysThatCame() {
    Column id = required("id", DataType.BIGINT).with("merge_key", true);
    WriteDisposition scd2 = merge(Strategy.SCD2);
    TestPackage first = versioned();
    run(scd2).finish(version(version(withMergeKey(first, id), 1, "a"), 2, "b"));
    run(scd2).finish(version(withMergeKey(versioned(), id), 2, "b2"));
    assertThat(current()).containsExactly("a", "b2");
    assertThat(ended()).containsExactly("b");
  }

  private static TestPackage withMergeKey(TestPackage of, Column id) {
    List<Column> columns = new ArrayList<>(of.schema().table("orders").orElseThrow().columns());
    columns.replaceAll(c -> c.name().equals(id.name()) ? id : c);
    return TestPackage.of("shop", "orders")
        .child(
            "orders__items",
            "orders",
            of.schema().table("orders__items").orElseThrow().columns().toArray(Column[]::new))
        .table("orders", columns.toArray(Column[]::new));
  }

  @Test
  void writesTheTimesThatTheOptionsName() {
    String at = "2024-08-21T12:15:00+02:00";
    run(merge(Strategy.SCD2, "boundary_timestamp", at, "active_record_timestamp", "9999-12-31"))
        .finish(version(versioned(), 1, "a"));
    run(merge(
            Strategy.SCD2,
            "boundary_timestamp",
            "2024-08-22",
            "active_record_timestamp",
            "9999-12-31"))
        .finish(version(versioned(), 1, "b"));
    assertThat(
            column(
                """
                SELECT name FROM orders WHERE valid_from = CAST('2024-08-21 10:15:00+00' AS TIMESTAMP WITH TIME ZONE)
                  AND valid_to = CAST('2024-08-22 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                """))
        .containsExactly("a");
    assertThat(
            column(
                "SELECT name FROM orders WHERE valid_to = CAST('9999-12-31 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)"))
        .containsExactly("b");
  }

  @Test
  void comparesVersionsByTheColumnThatTellsThem() {
    Column version = required("ver", DataType.TEXT).with("x-row-version", true);
    WriteDisposition scd2 = merge(Strategy.SCD2, "row_version_column_name", "ver");
    run(scd2).finish(version(versioned(version), Map.of("ver", "v1"), "r1", 1, "a", "x"));
    Committed committed =
        run(scd2)
            .finish(
                version(
                    version(versioned(version), Map.of("ver", "v1"), "r2", 1, "other", "y"),
                    Map.of("ver", "v2"),
                    "r3",
                    2,
                    "b",
                    "z"));
    assertThat(current()).containsExactly("a", "b");
    assertThat(column(SKUS)).as("no row is without its parent").containsExactly("x", "z");
    assertThat(committed.rows()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
  }

  @Test
  void endsAllVersionsWhenAWholeRunBringsNone() {
    WriteDisposition scd2 = merge(Strategy.SCD2);
    run(scd2).finish(version(versioned(), 1, "a", "x"));
    run(scd2).finish(null);
    assertThat(current()).isEmpty();
    assertThat(ended()).containsExactly("a");
  }

  @Test
  void endsNoVersionsWhenARunAskedOnlyForWhatIsNew() {
    WriteDisposition scd2 = merge(Strategy.SCD2);
    run(scd2).finish(version(versioned(), 1, "a", "x"));
    run(scd2).closing().finish(null);
    assertThat(current()).containsExactly("a");
  }

  @Test
  void leavesVersionsAloneWhenTheRunNeverFinishes() {
    WriteDisposition scd2 = merge(Strategy.SCD2);
    run(scd2).finish(version(versioned(), 1, "a"));
    run(scd2).load(version(versioned(), 1, "b"));
    assertThat(current()).containsExactly("a");
    run(scd2).finish(version(versioned(), 1, "c"));
    assertThat(current()).containsExactly("c");
    assertThat(ended()).containsExactly("a");
  }

  @Test
  void keepsVersionsWhenEveryRecordWasRejected() {
    WriteDisposition scd2 = merge(Strategy.SCD2);
    run(scd2).finish(version(versioned(), 1, "a"));
    assertFails(
        Failure.DATA_INVALID,
        () ->
            run(scd2)
                .finish(
                    versioned()
                        .rejects()
                        .row(
                            cells(
                                "asset", "shop.orders",
                                "table_name", "orders",
                                "path", "$.id",
                                "reason", "no id",
                                "record", "{}"))),
        "every record was rejected");
    assertThat(current()).containsExactly("a");
  }

  // ---- cdc

  @Test
  void removesWhatDidNotCome() {
    WriteDisposition cdc = merge(Strategy.CDC);
    run(cdc).finish(order(order(keyed(key("id")), "l1", 1, "a", "x"), "l1", 2, "b", "y"));
    TestRun second = run(cdc);
    second.load(order(keyed(key("id")), "l2", 2, "b2", "z"));
    assertThat(column(NAMES)).as("nothing goes before the run ends").containsExactly("a", "b");
    second.finish(order(keyed(key("id")), "l3", 3, "c"));
    assertThat(column(NAMES)).containsExactly("b2", "c");
    assertThat(column(SKUS)).containsExactly("z");
    run(cdc).finish(null);
    assertThat(column(NAMES)).as("an empty result is a result").isEmpty();
    assertThat(column(SKUS)).isEmpty();
  }

  @Test
  void removesWhatDidNotComeOnlyWithinMergeKeys() {
    Column day = text("day").with("merge_key", true);
    WriteDisposition cdc = merge(Strategy.CDC);
    run(cdc)
        .finish(
            order(
                order(keyed(key("id"), day), "l1", Map.of("day", "mon"), 1, "a", "x"),
                "l1",
                Map.of("day", "tue"),
                2,
                "b",
                "y"));
    run(cdc).finish(order(keyed(key("id"), day), "l2", Map.of("day", "mon"), 3, "c"));
    assertThat(column(NAMES)).containsExactly("b", "c");
    assertThat(column(SKUS)).containsExactly("y");
  }

  @Test
  void removesWhatDidNotComeOnlyWithinTheScope() {
    WriteDisposition cdc =
        merge(
            Strategy.CDC,
            "destination_scope",
            "{table}.id >= (SELECT min(id) FROM {staging_table})");
    run(cdc)
        .finish(order(order(order(keyed(key("id")), "l1", 1, "a"), "l1", 2, "b"), "l1", 3, "c"));
    run(cdc).finish(order(keyed(key("id")), "l2", 2, "b2"));
    assertThat(column(NAMES)).containsExactly("a", "b2");
  }

  @Test
  void needsKeysToFindWhatDidNotCome() {
    assertFails(
        Failure.CONFIG_INVALID,
        () -> run(merge(Strategy.CDC)).finish(order(DestinationContract.orders(), "l1", 1, "a")),
        "strategy cdc needs a primary key");
  }

  // ---- options

  @Test
  void loadsOnlyRowsThatTheFilterLetsIn() {
    WriteDisposition filtered =
        merge(Strategy.DELETE_INSERT, "source_filter", "name <> 'no' OR id = 9");
    run(filtered)
        .finish(
            order(
                order(order(keyed(key("id")), "l1", 1, "a", "x"), "l1", 2, "no", "y"),
                "l1",
                9,
                "no",
                "z"));
    assertThat(column(NAMES)).containsExactly("a", "no");
    assertThat(column(SKUS)).containsExactly("x", "z");
    run(filtered).finish(order(keyed(key("id")), "l2", 1, "no", "w"));
    assertThat(column(NAMES)).as("a filtered row replaces nothing").containsExactly("a", "no");
  }

  @Test
  void leavesOutWhatIsBelowVersionsThatTheFilterTakesWithDltsRulesToo() {
    TestRun filtered = run(merge(Strategy.SCD2, "source_filter", "name <> 'no'")).compat();
    filtered.finish(version(version(versioned(), 1, "a", "x"), 2, "no", "y"));
    assertThat(column(NAMES)).containsExactly("a");
    assertThat(column(SKUS)).containsExactly("x");
  }

  @Test
  void deletesByTheScopeAloneWithDltsRules() {
    WriteDisposition scoped = merge(Strategy.DELETE_INSERT, "destination_scope", "name LIKE 'eu%'");
    TestPackage first = order(order(keyed(key("id")), "l1", 1, "eu1"), "l1", 2, "us1", "y");
    run(scoped).compat().finish(first);
    run(scoped).compat().finish(order(keyed(key("id")), "l2", 2, "us2", "z"));
    assertThat(column(NAMES)).containsExactly("us1", "us2");
    assertThat(column(SKUS)).as("what is below the other row too").containsExactly("y", "z");
  }

  private static TestPackage own(TestPackage to, String table, String disposition, String load) {
    Column id = required("_mr_load_id", DataType.TEXT);
    return to.own(table, disposition, key("sku"), id, required("_mr_id", DataType.TEXT))
        .row(cells("sku", 1L, "_mr_load_id", load, "_mr_id", load))
        .in("orders");
  }

  @Test
  void mergesRowsOfAListWithAKeyOfItsOwnOnlyWhereHintsSaySoWithDltsRules() {
    for (String disposition : List.of("append", "merge")) {
      for (String load : List.of("l1", "l2")) {
        TestPackage list = own(keyed(key("id")), "orders__" + disposition, disposition, load);
        run(WriteDisposition.MERGE).compat().finish(list);
        TestPackage below = own(versioned(), "versions__" + disposition, disposition, load);
        run(merge(Strategy.SCD2)).compat().finish(below);
      }
    }
    for (String above : List.of("orders", "versions")) {
      assertThat(column("SELECT sku FROM " + above + "__append")).containsExactly(1L, 1L);
      assertThat(column("SELECT sku FROM " + above + "__merge")).containsExactly(1L);
    }
  }

  @Test
  void keepsTheFirstOfEqualRecordsWithDltsRules() {
    Column sorted = bigint("version").with("dedup_sort", "desc");
    TestPackage equal = keyed(key("id"), sorted);
    for (String name : List.of("first", "second")) {
      order(equal, "l1", Map.of("version", 7L), 1, name, name);
    }
    run(WriteDisposition.MERGE).compat().finish(equal);
    assertThat(column(NAMES)).containsExactly("first");
    assertThat(column(SKUS)).containsExactly("first");
  }

  @Test
  void replacesTheWholeScope() {
    WriteDisposition scoped = merge(Strategy.DELETE_INSERT, "destination_scope", "name LIKE 'eu%'");
    run(scoped)
        .finish(
            order(
                order(order(keyed(key("id")), "l1", 1, "eu1", "x"), "l1", 2, "us1", "y"),
                "l1",
                3,
                "eu2"));
    TestRun second = run(scoped);
    second.load(order(keyed(key("id")), "l2", 4, "eu3", "z"));
    second.finish(order(keyed(key("id")), "l3", 5, "eu4"));
    assertThat(column(NAMES)).containsExactly("us1", "eu3", "eu4");
    assertThat(column(SKUS)).containsExactly("y", "z");
  }

  @Test
  void leavesRowsThatDidNotChange() {
    WriteDisposition upsert = merge(Strategy.UPSERT, "skip_unchanged_rows", true);
    run(upsert).finish(same(same(keyed(key("id")), "l1", 1, "a", "x"), "l1", 2, "b"));
    run(upsert).finish(same(same(keyed(key("id")), "l2", 1, "a", "x", "y"), "l2", 2, "b2"));
    assertThat(column("SELECT _mr_load_id FROM orders ORDER BY id")).containsExactly("l1", "l2");
    assertThat(column(NAMES)).containsExactly("a", "b2");
    assertThat(column(SKUS)).as("what is below is compared by nobody").containsExactly("x", "y");
  }

  @Test
  void insertsADeletedRowThatItDoesNotHaveOnlyAsDltDoes() {
    WriteDisposition upsert = merge(Strategy.UPSERT);
    Column gone = Column.of("gone", DataType.BOOL).with("hard_delete", true);
    Map<String, Object> deleted = Map.of("gone", true);
    run(upsert).finish(order(keyed(key("id"), gone), "l1", 1, "a", "x"));
    run(upsert).finish(order(keyed(key("id"), gone), "l2", deleted, 2, "b", "y"));
    assertThat(column(NAMES)).containsExactly("a");
    run(upsert)
        .compat()
        .finish(
            order(
                order(keyed(key("id"), gone), "l3", deleted, 2, "b", "y"), "l3", deleted, 1, "a"));
    assertThat(column(NAMES)).containsExactly("b");
    assertThat(column(SKUS)).as("nothing is below it").isEmpty();
  }

  /** A record whose row id comes from its key. */
  static TestPackage same(TestPackage to, String load, long id, String name, String... skus) {
    to.in("orders").row(cells("id", id, "name", name, "_mr_load_id", load, "_mr_id", "k" + id));
    for (int i = 0; i < skus.length; i++) {
      to.in("orders__items")
          .row(
              cells(
                  "sku", skus[i],
                  "_mr_root_id", "k" + id,
                  "_mr_parent_id", "k" + id,
                  "_mr_list_idx", (long) i,
                  "_mr_id", "k" + id + "." + i));
    }
    return to.in("orders");
  }

  @Test
  void refusesOptionsThatTheStrategyDoesNotHave() {
    for (WriteDisposition wrong :
        List.of(
            merge(Strategy.UPSERT, "destination_scope", "id > 1"),
            merge(Strategy.INSERT_ONLY, "skip_unchanged_rows", true),
            merge(Strategy.CDC, "boundary_timestamp", "2024-01-01"))) {
      assertFails(
          Failure.CONFIG_INVALID,
          () -> run(wrong).finish(order(keyed(key("id")), "l1", 1, "a")),
          "has no option");
    }
    assertThat(loader().tables(false)).isEmpty();
  }
}
