package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.bigint;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.required;
import static io.millrace.activities.destination.DestinationContract.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users of PostgreSQL hang on our tables, and change about them. */
class PostgresUsersTest {
  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = PostgresContractTest.dataset();
  private final String schema = PostgresContractTest.quoted(dataset) + ".";
  private final String role = PostgresContractTest.grant(server, dataset);
  private final Loader loader = server.loader(dataset, Map.of("username", role));

  @AfterEach
  void drop() {
    PostgresContractTest.drop(server, dataset, role);
  }

  private TestRun run(WriteDisposition how) {
    return new TestRun(loader, ASSET, how);
  }

  private List<Object> column(String sql) {
    return loader.query(sql, 0).rows().stream().map(r -> r.get(0)).toList();
  }

  private void load(WriteDisposition how, String name, Column... more) {
    TestRun run = run(how).closing();
    run.load(order(keyed(key("id"), more), run.loadId(1), 1, name, "sku"));
    run.finish(order(keyed(key("id"), more), run.loadId(2), 2, name));
  }

  private void mine(String... statements) {
    for (String statement : statements) {
      String as = statement.contains(" PUBLICATION ") ? "" : "SET ROLE \"" + role + "\"; ";
      server.execute(as + statement.replace("$", schema));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"replace", "merge"})
  void whatTheyAddedSurvives(String disposition) {
    WriteDisposition how =
        disposition.equals("replace") ? WriteDisposition.REPLACE : WriteDisposition.MERGE;
    load(how, "a");
    mine(
        "CREATE VIEW $names AS SELECT name FROM $orders",
        "CREATE INDEX by_name ON $orders (name)",
        "ALTER TABLE $orders ADD CONSTRAINT one_id UNIQUE (id)",
        "COMMENT ON TABLE $orders IS 'ours'",
        "COMMENT ON COLUMN $orders.name IS 'the name'",
        "ALTER TABLE $orders ADD COLUMN upper TEXT GENERATED ALWAYS AS (upper(name)) STORED",
        "ALTER TABLE $orders ADD COLUMN seen TIMESTAMPTZ NOT NULL DEFAULT now()",
        "ALTER TABLE $orders ADD COLUMN number BIGINT GENERATED ALWAYS AS IDENTITY",
        "GRANT SELECT ON $orders TO PUBLIC",
        "CREATE TABLE $notes (order_id BIGINT REFERENCES $orders (id) DEFERRABLE)",
        "INSERT INTO $notes VALUES (1), (2)");
    load(how, "b");
    load(how, "c", text("note"));
    assertThat(column("SELECT * FROM names")).containsExactly("c", "c");
    assertThat(column("SELECT upper FROM orders WHERE seen IS NOT NULL AND number > 0"))
        .containsExactly("C", "C");
    assertThat(
            column(
                "SELECT indexname FROM pg_indexes WHERE tablename = 'orders' AND schemaname = '"
                    + dataset
                    + "' ORDER BY 1"))
        .containsExactly("by_name", "one_id");
    assertThat(
            column(
                "SELECT obj_description('orders'::regclass) || col_description('orders'::regclass, 2)"))
        .containsExactly("oursthe name");
    assertThat(column("SELECT has_table_privilege('public', 'orders', 'SELECT')"))
        .containsExactly(true);
    assertThat(column("SELECT count(*) FROM notes")).containsExactly(2L);
    assertFails(
        Failure.DATA_INVALID,
        () -> run(WriteDisposition.REPLACE).finish(order(keyed(key("id")), "l", 9, "e")),
        "a constraint refuses a row",
        "notes",
        "must be DEFERRABLE");
    assertThat(column("SELECT count(*) FROM notes")).containsExactly(2L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CASCADE", "SET NULL"})
  void refusesToDeleteRowsWithWhichOthersWouldGo(String action) {
    load(WriteDisposition.MERGE, "a");
    mine(
        "ALTER TABLE $orders ADD UNIQUE (id)",
        "CREATE TABLE $notes (order_id BIGINT REFERENCES $orders (id) ON DELETE " + action + ")",
        "INSERT INTO $notes VALUES (1)");
    for (WriteDisposition how : List.of(WriteDisposition.MERGE, WriteDisposition.REPLACE)) {
      assertFails(
          Failure.DESTINATION_REFUSED,
          () -> run(how).finish(order(keyed(key("id")), "l", 1, "b")),
          "Cannot delete rows of table orders",
          "notes_order_id_fkey of ",
          "NO ACTION DEFERRABLE");
    }
    run(WriteDisposition.APPEND).finish(order(keyed(key("id")), "l", 3, "c"));
    assertThat(column("SELECT order_id FROM notes")).containsExactly(1L);
    assertThat(column("SELECT name FROM orders ORDER BY 1")).containsExactly("a", "a", "c");
  }

  @Test
  void refusesANameThatIsAView() {
    mine("CREATE VIEW $orders AS SELECT 1 AS one");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(WriteDisposition.APPEND, "a"),
        "Cannot make table orders",
        "a view",
        "set table_name");
  }

  @Test
  void saysThatAPublishedTableNeedsAnIdentityToLoseRows() {
    load(WriteDisposition.REPLACE, "a");
    mine("CREATE PUBLICATION published FOR TABLE $orders");
    try {
      assertFails(
          Failure.DESTINATION_REFUSED,
          () -> load(WriteDisposition.REPLACE, "b"),
          "replica identity");
      mine("ALTER TABLE $orders REPLICA IDENTITY FULL");
      load(WriteDisposition.REPLACE, "b");
      assertThat(column("SELECT name FROM orders")).containsExactly("b", "b");
      assertThat(column("SELECT count(*) FROM pg_publication_tables WHERE tablename = 'orders'"))
          .containsExactly(1L);
    } finally {
      mine("DROP PUBLICATION published");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "replace", "merge"})
  void loadsIntoColumnsWhoseTypeTheyChanged(String disposition) {
    WriteDisposition how =
        switch (disposition) {
          case "append" -> WriteDisposition.APPEND;
          case "replace" -> WriteDisposition.REPLACE;
          default -> WriteDisposition.MERGE;
        };
    load(how, "a", Column.of("doc", DataType.JSON));
    mine(
        "ALTER TABLE $orders ALTER COLUMN id TYPE NUMERIC",
        "ALTER TABLE $orders ALTER COLUMN name TYPE TEXT",
        "ALTER TABLE $orders ALTER COLUMN doc TYPE JSON");
    TestRun run = run(how);
    TestPackage rows = keyed(key("id"), Column.of("doc", DataType.JSON));
    run.finish(order(rows, run.loadId(1), Map.of("doc", "{\"a\": 1}"), 3, "b"));
    assertThat(column("SELECT id::VARCHAR || name || doc FROM orders WHERE id = 3"))
        .containsExactly("3b{\"a\": 1}");
  }

  @Test
  void refusesATypeIntoWhichNothingGoes() {
    load(WriteDisposition.APPEND, "a", bigint("size"));
    mine("ALTER TABLE $orders ALTER COLUMN size TYPE DATE USING NULL");
    TestRun run = run(WriteDisposition.APPEND);
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run.finish(order(keyed(key("id"), bigint("size")), "l", Map.of("size", 1L), 3, "b")),
        "somebody made or changed a column by hand",
        "size",
        "date",
        "bigint",
        "rename that column");
    assertThat(column("SELECT name FROM orders")).containsExactly("a", "a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"replace", "merge"})
  void refusesToLoadBesideRowsThatItCannotSee(String disposition) {
    WriteDisposition how =
        disposition.equals("replace") ? WriteDisposition.REPLACE : WriteDisposition.MERGE;
    load(how, "a");
    mine(
        "ALTER TABLE $orders ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE $orders FORCE ROW LEVEL SECURITY",
        "CREATE POLICY late ON $orders USING (id > 1)");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(how, "b"),
        "the role may not do this",
        "row-level security policy for table \"orders\"");
    assertThat(column("SELECT name FROM orders"))
        .as("a query sees what its role may")
        .containsExactly("a");
    mine("ALTER TABLE $orders NO FORCE ROW LEVEL SECURITY");
    load(how, "b");
    assertThat(column("SELECT name FROM orders")).containsExactly("b", "b");
  }

  @Test
  void saysThatATriggerKeepsRowsOut() {
    load(WriteDisposition.APPEND, "a");
    mine(
        "CREATE FUNCTION $nope() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER nope BEFORE INSERT ON $orders FOR EACH ROW WHEN (new.id = 1) EXECUTE FUNCTION $nope()");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(WriteDisposition.APPEND, "b"),
        "Cannot load table orders",
        "kept 0 of 1 rows",
        "a trigger on it");
    assertThat(column("SELECT name FROM orders")).containsExactly("a", "a");
  }

  @Test
  void refusesAGeneratedColumnOfAKeysName() {
    load(WriteDisposition.APPEND, "a");
    mine("ALTER TABLE $orders ADD COLUMN size TEXT GENERATED ALWAYS AS (name || '!') STORED");
    TestRun run = run(WriteDisposition.APPEND);
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run.finish(order(keyed(key("id"), text("size")), "l", Map.of("size", "x"), 3, "b")),
        "somebody made or changed a column by hand",
        "column \"size\"",
        "rename that column");
    mine("ALTER TABLE $orders RENAME COLUMN size TO loud");
    run(WriteDisposition.APPEND)
        .finish(order(keyed(key("id"), text("size")), "l", Map.of("size", "x"), 3, "b"));
    assertThat(column("SELECT loud || size FROM orders WHERE id = 3")).containsExactly("b!x");
  }

  @Test
  void refusesATableThatIsTooWideBeforeAnyChange() {
    load(WriteDisposition.APPEND, "a");
    Column[] many = new Column[1_597];
    for (int i = 0; i < many.length; i++) {
      many[i] = bigint("c" + i);
    }
    assertFails(
        Failure.DATA_INVALID,
        () -> run(WriteDisposition.APPEND).finish(order(keyed(key("id"), many), "l", 3, "b")),
        "Cannot load table orders",
        "PostgreSQL has no room",
        "1597 more, room for 1596",
        "limits.columns_per_table");
    assertThat(column("SELECT count(*) FROM _mr_receipts")).containsExactly(2L);
    assertThat(
            column(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0"))
        .containsExactly(4L);
  }

  @Test
  void countsColumnsThatWereDropped() {
    load(WriteDisposition.APPEND, "a");
    List<String> adds = new ArrayList<>();
    List<String> drops = new ArrayList<>();
    for (int i = 0; i < 1_594; i++) {
      adds.add("ADD COLUMN d" + i + " INT");
      drops.add("DROP COLUMN d" + i);
    }
    mine("ALTER TABLE $orders " + String.join(", ", adds));
    mine("ALTER TABLE $orders " + String.join(", ", drops));
    load(WriteDisposition.APPEND, "b", text("x"), text("y"));
    assertFails(
        Failure.DATA_INVALID,
        () -> load(WriteDisposition.APPEND, "c", text("x"), text("y"), text("z")),
        "1 more, room for 0, dropped ones count");
    assertThat(column("SELECT name FROM orders ORDER BY 1")).containsExactly("a", "a", "b", "b");
  }

  @Test
  void refusesARowThatIsTooWideForAPageAndKeepsTheOldTable() {
    load(WriteDisposition.APPEND, "a");
    Column[] many = new Column[1_200];
    for (int i = 0; i < many.length; i++) {
      many[i] = bigint("c" + i);
    }
    TestPackage rows = keyed(key("id"), many);
    Map<String, Object> cells = new java.util.HashMap<>();
    for (Column column : many) {
      cells.put(column.name(), Long.MAX_VALUE);
    }
    assertFails(
        Failure.DATA_INVALID,
        () -> run(WriteDisposition.APPEND).finish(order(rows, "l", cells, 3, "b")),
        "row is too big",
        "limits.columns_per_table");
    assertThat(
            column(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0"))
        .containsExactly(4L);
  }

  @Test
  void refusesNamesThatPostgresWouldCut() {
    String sixtyFour = "x".repeat(64);
    assertFails(
        Failure.DATA_INVALID,
        () -> load(WriteDisposition.APPEND, "a", text(sixtyFour)),
        "Cannot make column " + sixtyFour,
        "keeps 63 bytes");
    assertFails(
        Failure.DATA_INVALID,
        () -> load(WriteDisposition.APPEND, "a", text("é".repeat(32))),
        "keeps 63 bytes");
    load(WriteDisposition.APPEND, "a", text("é".repeat(31) + "x"));
    assertThat(column("SELECT name FROM orders")).containsExactly("a", "a");
  }

  @Test
  void widensColumnsAndLetsThemBeEmpty() {
    load(
        WriteDisposition.APPEND,
        "a",
        new Column("n", DataType.BIGINT, true, 16, null, null, Map.of()),
        new Column("d", DataType.DECIMAL, true, 5, 2, null, Map.of()),
        new Column("s", DataType.TEXT, true, 5, null, null, Map.of()));
    TestRun run = run(WriteDisposition.APPEND);
    TestPackage rows =
        keyed(
            key("id"),
            bigint("n"),
            new Column("d", DataType.DECIMAL, true, 10, 3, null, Map.of()),
            text("s"));
    run.finish(
        order(
            rows,
            "l",
            Map.of(
                "n",
                1L << 40,
                "d",
                new java.math.BigDecimal("1234567.125"),
                "s",
                "longer than five"),
            3,
            "b"));
    assertThat(column("SELECT n || ' ' || d || ' ' || s FROM orders WHERE id = 3"))
        .containsExactly("1099511627776 1234567.125 longer than five");
    Column must = required("must", DataType.TEXT);
    run(WriteDisposition.APPEND)
        .finish(order(keyed(key("id"), must), "l2", Map.of("must", "m"), 4, "c"));
    assertThat(column("SELECT count(*) FROM orders WHERE must IS NULL"))
        .as("rows that are there have no value in a column that needs one")
        .containsExactly(3L);
  }

  @Test
  void aQueryOfASuperuserWritesNoFileOfTheServer() {
    Path file = Path.of(System.getProperty("java.io.tmpdir"), "millrace-" + UUID.randomUUID());
    Loader all = server.loader(dataset, Map.of());
    assertFails(
        Failure.CONFIG_INVALID,
        () -> all.query("COPY (SELECT 1) TO '" + file + "'", 0),
        "read-only");
    assertThat(file).doesNotExist();
  }
}
