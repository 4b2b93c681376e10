package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.bigint;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users of DuckDB hang on our tables, and change about them. */
class DuckDbUsersTest {
  private static final String SCHEMA = "\"Shop \"\"data\"\"\".";

  @TempDir Path folder;

  private Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }

  private TestRun run(WriteDisposition how) {
    return new TestRun(loader(), ASSET, how);
  }

  private List<Object> column(String sql) {
    return loader().query(sql, 0).rows().stream().map(r -> r.get(0)).toList();
  }

  private void load(WriteDisposition how, String name, Column... more) {
    TestRun run = run(how);
    run.load(order(keyed(key("id"), more), run.loadId(1), 1, name, "sku"));
    run.finish(order(keyed(key("id"), more), run.loadId(2), 2, name));
  }

  private void mine(String statement) {
    DuckDbContractTest.execute(folder, statement.replace("$", SCHEMA));
  }

  private static WriteDisposition how(String disposition) {
    return disposition.equals("replace") ? WriteDisposition.REPLACE : WriteDisposition.MERGE;
  }

  @ParameterizedTest
  @ValueSource(strings = {"replace", "merge"})
  void viewsCommentsAndDefaultsSurvive(String disposition) {
    load(how(disposition), "a");
    mine("CREATE VIEW $names AS SELECT name FROM $orders");
    mine("COMMENT ON TABLE $orders IS 'ours'");
    mine("ALTER TABLE $orders ADD COLUMN mine VARCHAR DEFAULT 'm'");
    load(how(disposition), "b");
    load(how(disposition), "c", text("note"));
    assertThat(column("SELECT * FROM names")).containsExactly("c", "c");
    assertThat(column("SELECT mine FROM orders")).containsExactly("m", "m");
    assertThat(column("SELECT comment FROM duckdb_tables() WHERE table_name = 'orders'"))
        .containsExactly("ours");
  }

  @ParameterizedTest
  @ValueSource(strings = {"replace", "merge"})
  void aUniqueIndexSurvivesOrTheLoadSaysWhy(String disposition) {
    load(how(disposition), "a");
    mine("CREATE UNIQUE INDEX one_id ON $orders (id)");
    try {
      load(how(disposition), "b");
      assertThat(column("SELECT name FROM orders")).containsExactly("b", "b");
    } catch (io.millrace.MillraceException e) {
      assertThat(e.failure()).isEqualTo(Failure.DATA_INVALID);
      assertThat(e.getMessage()).contains("a constraint refuses a row", "drop the index");
      assertThat(column("SELECT name FROM orders")).containsExactly("a", "a");
    }
    assertThat(column("SELECT index_name FROM duckdb_indexes()")).containsExactly("one_id");
  }

  @Test
  void saysThatATableWithAnIndexTakesNoNewColumns() {
    load(WriteDisposition.APPEND, "a");
    mine("CREATE INDEX by_name ON $orders (name)");
    TestRun run = run(WriteDisposition.APPEND);
    try {
      run.finish(order(keyed(key("id"), text("note")), "l", Map.of("note", "n"), 3, "b"));
      assertThat(column("SELECT note FROM orders WHERE id = 3")).containsExactly("n");
    } catch (io.millrace.MillraceException e) {
      assertThat(e.failure()).isEqualTo(Failure.DESTINATION_REFUSED);
      assertThat(e.getMessage()).contains("DuckDB refuses");
      assertThat(column("SELECT name FROM orders")).containsExactly("a", "a");
    }
  }

  @Test
  void refusesANameThatIsAView() {
    load(WriteDisposition.APPEND, "a");
    mine("CREATE VIEW $users AS SELECT 1 AS one");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () ->
            new TestRun(loader(), "shop.users", WriteDisposition.APPEND)
                .finish(
                    TestPackage.of("shop", "users")
                        .table("users", text("_mr_id"))
                        .row(Map.of("_mr_id", "u"))),
        "Cannot make table users",
        "a view",
        "set table_name");
  }

  @Test
  void namesTheColumnIntoWhichNothingGoes() {
    load(WriteDisposition.APPEND, "a", text("size"));
    mine("ALTER TABLE $orders ALTER COLUMN size TYPE INTEGER USING NULL");
    TestRun run = run(WriteDisposition.APPEND);
    assertFails(
        Failure.DATA_INVALID,
        () -> run.finish(order(keyed(key("id"), text("size")), "l", Map.of("size", "big"), 3, "b")),
        "Cannot load column orders.size",
        "does not fit");
    assertThat(column("SELECT name FROM orders")).containsExactly("a", "a");
  }

  @Test
  void takesTenThousandColumns() {
    Column[] many = new Column[10_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = bigint("c" + i);
    }
    TestRun run = run(WriteDisposition.APPEND);
    run.finish(order(keyed(key("id"), many), "l", Map.of("c9999", 7L), 3, "b"));
    assertThat(column("SELECT c9999 FROM orders")).containsExactly(7L);
  }

  @Test
  void widensColumns() {
    load(
        WriteDisposition.APPEND,
        "a",
        new Column("n", DataType.BIGINT, true, 16, null, null, Map.of()),
        new Column("d", DataType.DECIMAL, true, 5, 2, null, Map.of()));
    TestRun run = run(WriteDisposition.APPEND);
    TestPackage rows =
        keyed(
            key("id"), bigint("n"), new Column("d", DataType.DECIMAL, true, 10, 3, null, Map.of()));
    run.finish(order(rows, "l", Map.of("n", 1L << 40, "d", new BigDecimal("1234567.125")), 3, "b"));
    assertThat(column("SELECT n || ' ' || d FROM orders WHERE id = 3"))
        .containsExactly("1099511627776 1234567.125");
  }
}
