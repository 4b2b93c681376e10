package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.orders;
import static io.millrace.activities.destination.DestinationContract.text;
import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about a DuckDB file. */
class DuckDbFileTest {
  @TempDir Path folder;

  private Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }

  private Path file() {
    return folder.resolve("data/shop.duckdb");
  }

  private TestRun run(WriteDisposition disposition) {
    return new TestRun(loader(), ASSET, disposition);
  }

  private List<Object> names() {
    return loader().query("SELECT name FROM orders ORDER BY id", 0).rows().stream()
        .map(r -> r.get(0))
        .toList();
  }

  @Test
  void aQueryShowsMomentsWithTheirSeconds() throws Exception {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    List<Object> row =
        loader()
            .query(
                "SELECT TIMESTAMPTZ '2026-02-02 10:00:00+00', TIMESTAMPTZ '2026-02-02 10:00:05.25+00',"
                    + " TIME '10:00:00', TIMESTAMP '2026-02-02 10:00:00', DATE '2026-02-02', NULL::TIMESTAMPTZ",
                0)
            .rows()
            .get(0);
    assertThat((String) row.get(0))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:00(Z|[+-]\\d\\d:\\d\\d)");
    assertThat(Instant.parse((String) row.get(0))).isEqualTo("2026-02-02T10:00:00Z");
    assertThat((String) row.get(1)).contains(":05.25");
    assertThat(row.subList(2, 6))
        .containsExactly("10:00:00", "2026-02-02 10:00:00.0", "2026-02-02", null);
  }

  @Test
  void readingAMissingFileMakesNothing() throws IOException {
    assertThat(loader().read("test", ASSET, null, "shop", null).epoch()).isZero();
    assertThat(loader().tables(true)).isEmpty();
    assertFails(
        Failure.DESTINATION_REFUSED, () -> loader().query("SELECT 1", 0), "no such file", "run");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void refusesAFileThatIsNoDatabase() throws IOException {
    Files.createDirectories(file().getParent());
    Files.write(file(), "not a database\n".repeat(2000).getBytes(StandardCharsets.UTF_8));
    byte[] before = Files.readAllBytes(file());
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND),
        file().toString(),
        "no DuckDB database");
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void namesTheProcessThatHoldsTheFile() throws Exception {
    run(WriteDisposition.APPEND).load(order(orders(), "l1", 1, "a"));
    Process holder = java(folder, HoldFile.class, List.of(), file().toString());
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("holding");
      Loader impatient =
          DuckDbContractTest.loader(folder, Map.of("lock_timeout", "0.2s", "read_timeout", "0.1s"));
      TestRun run = null;
      assertFails(
          Failure.DESTINATION_LOCKED,
          () -> impatient.read("test", ASSET, null, "shop", null),
          file().toString(),
          "PID " + holder.pid());
      assertThat(run).isNull();
      assertFails(
          Failure.DESTINATION_LOCKED,
          () ->
              impatient.load(
                  new TestRun(
                          DuckDbContractTest.loader(folder.resolve("other"), Map.of()),
                          ASSET,
                          WriteDisposition.APPEND)
                      .order(1, null, true, false),
                  order(orders(), "l2", 2, "b"),
                  Progress.NONE),
          "PID " + holder.pid());
      Future<Integer> patient =
          background(() -> loader().read("test", ASSET, null, "shop", null).seq());
      holder.outputWriter().append("let go\n").flush();
      assertThat(patient.get(30, TimeUnit.SECONDS)).as("a reader waits").isEqualTo(1);
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  private static <T> Future<T> background(java.util.concurrent.Callable<T> work) {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      return executor.submit(work);
    } finally {
      executor.shutdown();
    }
  }

  /** Holds a database file open until a line comes in. */
  static final class HoldFile {
    public static void main(String[] args) throws Exception {
      try (var connection = java.sql.DriverManager.getConnection("jdbc:duckdb:" + args[0])) {
        System.out.println(connection.isClosed() ? "closed" : "holding");
        System.in.read();
      }
    }
  }

  static Process java(Path tmp, Class<?> main, List<String> options, String... args)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.add("-Xmx256m");
    // the driver unpacks its library into the temporary folder, and who is killed leaves it there
    command.add("-Djava.io.tmpdir=" + tmp);
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  @Test
  void loadsOfOneFileWaitForEachOther() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> loads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String resource = "r" + i;
        loads.add(
            pool.submit(
                () ->
                    new TestRun(loader(), "shop." + resource, WriteDisposition.APPEND)
                        .finish(
                            TestPackage.of("shop", resource)
                                .table(resource, Column.of("id", DataType.BIGINT), text("_mr_id"))
                                .row(cells("id", 1L, "_mr_id", "x")))));
      }
      for (Future<?> load : loads) {
        load.get(60, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(loader().tables(false)).hasSize(8);
    assertThat(loader().read("test", ASSET, null, "shop", null).schema().tables()).hasSize(8);
  }

  @Test
  void readersNeverSeeAHoleWhileAReplaceRuns() throws Exception {
    run(WriteDisposition.APPEND).finish(hundred("l0"));
    Future<List<Object>> reader =
        background(
            () -> {
              List<Object> counts = new ArrayList<>();
              for (int i = 0; i < 30; i++) {
                counts.add(loader().query("SELECT count(*) FROM orders", 0).rows().get(0).get(0));
              }
              return counts;
            });
    for (int i = 0; i < 5; i++) {
      TestRun run = run(WriteDisposition.REPLACE);
      run.load(hundred("l" + i));
      run.finish(orders());
    }
    assertThat(reader.get(60, TimeUnit.SECONDS)).containsOnly(100L);
  }

  private static TestPackage hundred(String load) {
    TestPackage all = orders().batches(64);
    for (int i = 0; i < 100; i++) {
      order(all, load, i, "n" + i);
    }
    return all;
  }

  @Test
  void viewsIndexesAndDefaultsOfTheUserSurviveAReplace() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a", "x"));
    String dataset = "\"Shop \"\"data\"\"\".";
    DuckDbContractTest.execute(
        folder, "CREATE VIEW " + dataset + "all_names AS SELECT name FROM " + dataset + "orders");
    replaceInTwo("b");
    assertThat(loader().query("SELECT * FROM all_names", 0).rows()).containsExactly(List.of("b"));
    DuckDbContractTest.execute(folder, "CREATE INDEX by_id ON " + dataset + "orders (id)");
    DuckDbContractTest.execute(
        folder, "ALTER TABLE " + dataset + "orders ADD COLUMN mine VARCHAR DEFAULT 'm'");
    replaceInTwo("c");
    assertThat(loader().query("SELECT name, mine FROM orders", 0).rows())
        .containsExactly(List.of("c", "m"));
    assertThat(
            loader()
                .query("SELECT index_name FROM duckdb_indexes() WHERE table_name = 'orders'", 0)
                .rows())
        .containsExactly(List.of("by_id"));
  }

  private void replaceInTwo(String name) {
    TestRun run = run(WriteDisposition.REPLACE);
    run.load(order(orders(), name, 1, name));
    run.finish(orders());
    assertThat(names()).containsExactly(name);
  }

  @Test
  void largeLoadsLeaveTheRowsOfEarlierLoadsAlone() throws Exception {
    TestRun run = run(WriteDisposition.APPEND);
    for (long load = 0; load < 3; load++) {
      run.load(numbers(load, 17_000));
    }
    run.finish(numbers(3, 10));
    assertThat(rowGroups()).as("one per load, the few of the last included").isEqualTo(4);
  }

  @Test
  void smallLoadsShareRowGroups() throws Exception {
    for (long load = 0; load < 6; load++) {
      run(WriteDisposition.APPEND).finish(numbers(load, 100));
    }
    assertThat(rowGroups()).as("not one per load").isLessThan(6);
  }

  private static TestPackage numbers(long load, int rows) {
    TestPackage made =
        TestPackage.of("shop", "orders").table("orders", Column.of("id", DataType.BIGINT));
    for (long i = 0; i < rows; i++) {
      made.row(Map.of("id", load * 1_000_000 + i));
    }
    return made;
  }

  private long rowGroups() {
    return ((Number)
            loader()
                .query("SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('orders')", 0)
                .rows()
                .get(0)
                .get(0))
        .longValue();
  }

  @Test
  void refusesNamesThatDifferInCaseOnlyBeforeAnyChange() {
    assertFails(
        Failure.DATA_INVALID,
        () -> run(WriteDisposition.APPEND).finish(order(orders(text("Name")), "l1", 1, "a")),
        "orders.name and orders.Name");
    TestPackage tables =
        order(orders(), "l1", 1, "a").table("Orders", text("_mr_id")).row(cells("_mr_id", "x"));
    assertFails(
        Failure.DATA_INVALID,
        () -> run(WriteDisposition.APPEND).finish(tables),
        "orders and Orders");
    assertFails(
        Failure.DATA_INVALID,
        () ->
            run(WriteDisposition.APPEND)
                .finish(
                    TestPackage.of("shop", "orders")
                        .table("_MR_state", text("_mr_id"))
                        .row(cells("_mr_id", "x"))),
        "keeps its own state there");
    assertThat(loader().tables(true)).isEmpty();
  }

  @Test
  void refusesStateAndSchemaOfANewerVersion() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    String dataset = "\"Shop \"\"data\"\"\".";
    DuckDbContractTest.execute(folder, "UPDATE " + dataset + "_mr_version SET engine_version = 99");
    assertFails(Failure.DESTINATION_REFUSED, () -> run(WriteDisposition.APPEND), "99", "upgrade");
    DuckDbContractTest.execute(
        folder, "ALTER TABLE " + dataset + "_mr_state ADD COLUMN mood VARCHAR");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND),
        "_mr_state",
        "mood",
        "upgrade");
  }

  @Test
  void addsTheColumnsThatAnOlderVersionDidNotHave() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    DuckDbContractTest.execute(
        folder, "ALTER TABLE \"Shop \"\"data\"\"\"._mr_receipts DROP COLUMN notes");
    TestRun run = run(WriteDisposition.APPEND);
    run.load(order(orders(), "l2", 2, "b"));
    assertThat(run.finish(order(orders(), "l3", 3, "c")).replayed()).isFalse();
    assertThat(names()).containsExactly("a", "b", "c");
    assertThat(columns("_mr_receipts")).endsWith("notes JSON");
  }

  @Test
  void refusesADatasetThatOnlyLooksLikeOurs() throws IOException {
    Files.createDirectories(file().getParent());
    String dataset = "\"Shop \"\"data\"\"\"";
    DuckDbContractTest.execute(folder, "CREATE SCHEMA " + dataset);
    DuckDbContractTest.execute(folder, "CREATE TABLE " + dataset + "._mr_version (version INT)");
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> run(WriteDisposition.APPEND),
        "Cannot use dataset Shop \"data\"",
        "another program made it",
        "_mr_version",
        "take another dataset");
  }

  @Test
  void systemTablesHaveTheColumnsOfDlt() {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    assertThat(columns("_mr_loads"))
        .containsExactly(
            "load_id VARCHAR NOT NULL",
            "schema_name VARCHAR",
            "status BIGINT NOT NULL",
            "inserted_at TIMESTAMP WITH TIME ZONE NOT NULL",
            "schema_version_hash VARCHAR");
    assertThat(columns("_mr_version"))
        .containsExactly(
            "version BIGINT NOT NULL",
            "engine_version BIGINT NOT NULL",
            "inserted_at TIMESTAMP WITH TIME ZONE NOT NULL",
            "schema_name VARCHAR NOT NULL",
            "version_hash VARCHAR NOT NULL",
            "schema VARCHAR NOT NULL");
  }

  private List<String> columns(String table) {
    return loader().tables(true).stream()
        .filter(t -> t.table().equals(table))
        .flatMap(t -> t.columns().stream())
        .map(c -> c.name() + " " + c.type() + (c.nullable() ? "" : " NOT NULL"))
        .toList();
  }

  @Test
  void queriesReachNeitherFilesNorExtensions() throws IOException {
    run(WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    Path secret = Files.writeString(folder.resolve("secret.csv"), "s\n1\n");
    for (String sql :
        List.of(
            "SELECT * FROM read_csv('" + secret + "')",
            "COPY orders TO '" + folder.resolve("out.csv") + "'",
            "ATTACH '" + folder.resolve("other.duckdb") + "'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "SET memory_limit = '10GB'")) {
      assertFails(
          Failure.CONFIG_INVALID,
          () -> loader().query(sql, 0),
          "Cannot query",
          "DuckDB refuses the statement",
          "it may only read");
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("data", "secret.csv");
    }
  }

  @Test
  void queriesStopAtTheLimitAndKeepTypes() {
    Loader.Rows rows;
    run(WriteDisposition.APPEND).finish(hundred("l"));
    rows =
        loader()
            .query(
                "SELECT id, name, true AS yes, NULL AS no, 1.50::DECIMAL(4,2) AS d, DATE '2024-01-02' AS day FROM orders ORDER BY id",
                2);
    assertThat(rows.columns()).containsExactly("id", "name", "yes", "no", "d", "day");
    assertThat(rows.rows()).hasSize(2);
    assertThat(rows.rows().get(1))
        .containsExactly(1L, "n1", true, null, new java.math.BigDecimal("1.50"), "2024-01-02");
  }

  @Test
  void tellsAQueryHowToNameATableOfADatasetThatIsCalledAsTheFile() {
    Loader loader = DuckDbContractTest.loader(folder, "same", Map.of("path", "same.duckdb"));
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(order(orders(), "l1", 1, "a"));
    assertFails(
        Failure.CONFIG_INVALID,
        () -> loader.query("SELECT * FROM same.orders", 0),
        "write the table's name alone");
    assertThat(loader.query("SELECT * FROM orders", 0).rows()).hasSize(1);
  }

  @Test
  void theFileMayBeCalledAsTheDataset() {
    for (String name : List.of("same", "temp", "main", "system", "memory")) {
      Loader loader = DuckDbContractTest.loader(folder, name, Map.of("path", name + ".duckdb"));
      for (int i = 0; i < 2; i++) {
        TestRun run = new TestRun(loader, ASSET, WriteDisposition.MERGE);
        run.load(order(DestinationContract.keyed(DestinationContract.key("id")), "l", 1, "a", "x"));
        run.finish(order(DestinationContract.keyed(DestinationContract.key("id")), "m", 1, "b"));
      }
      assertThat(loader.query("SELECT name FROM orders", 0).rows())
          .as(name)
          .containsExactly(List.of("b"));
    }
  }

  @Test
  void stopsWhenTheStepIsCancelled() {
    RuntimeException cancelled = new IllegalStateException("cancelled");
    Progress progress =
        new Progress() {
          @Override
          public void report(long pages, long rows, long bytes) {
            if (rows > 0) {
              throw cancelled;
            }
          }

          @Override
          public boolean draining() {
            return false;
          }
        };
    TestRun run = run(WriteDisposition.APPEND);
    assertThatThrownBy(() -> loader().load(run.order(1, null, true, false), hundred("l"), progress))
        .isSameAs(cancelled);
    assertThat(loader().tables(true)).isEmpty();
  }

  @Test
  void refusesPathsThatAreNoFiles() {
    for (String path : List.of(":memory:", "a;b", " ")) {
      assertThatThrownBy(() -> DuckDbContractTest.loader(folder, Map.of("path", path)))
          .isInstanceOf(MillraceException.class)
          .hasMessageContaining("is no file name");
    }
    assertFails(
        Failure.CONFIG_INVALID,
        () -> DuckDbContractTest.loader(folder, Map.of("lock_timeout", "soon")),
        "lock_timeout is no duration: soon");
  }
}
