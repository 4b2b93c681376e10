package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.worker.Cli;
import io.millrace.worker.FakeRooms;
import io.millrace.worker.FakeSteps;
import io.millrace.worker.RunLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code run} on the embedded server, with the real workflows and activities without an engine. */
@Timeout(120)
class RunCommandTest {
  @TempDir Path folder;
  private final FakeRooms rooms = new FakeRooms();
  private final FakeSteps steps = new FakeSteps();
  private Cli cli;

  @BeforeEach
  void aProject() throws Exception {
    Files.writeString(folder.resolve("millrace.yaml"), FakeRooms.PROJECT);
    rooms.activities.add(steps);
    steps.drainedBy = rooms;
    cli = new Cli(folder, rooms);
  }

  private static JsonNode json(Cli.Result result) throws Exception {
    return new ObjectMapper().readTree(result.out());
  }

  @Test
  void landsTheAssetsAndTellsRowsPagesAndTables() {
    Cli.Result result = cli.run("run");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .isEqualTo(
            """
             asset          | status    | rows | pages | requests |  bytes | rows per table
            ----------------+-----------+------+-------+----------+--------+----------------
             shop.customers | succeeded |   20 |     4 |        6 | 2.0 kB | customers 20
             shop.orders    | succeeded |   20 |     4 |        6 | 2.0 kB | orders 20
            """);
    assertThat(result.err())
        .contains("shop.customers: succeeded, 20 rows in 1 table, 4 pages, 2.0 kB\n")
        .contains("the workers' file is another one than yours\n")
        .containsPattern("40 rows of 2 assets in [0-9.]+ s, [0-9,]+ rows/s\n$");
    assertThat(steps.loads).hasValue(4);
    assertThat(rooms.closed).isTrue();
  }

  @Test
  void tellsWhichColumnsCameToTablesThatWereThere() {
    steps.changes.put("customers 1", List.of("added column customers.total__v_text (text)"));
    steps.changes.put("orders 1", List.of("added table orders"));
    steps.changes.put(
        "orders 2", List.of("added column orders.late (text)", "added column orders__x.y (text)"));
    Cli.Result result = cli.run("run");
    assertThat(result.err())
        .contains("shop.customers: added column customers.total__v_text (text)\n")
        .contains("shop.orders: added column orders__x.y (text)\n")
        .as("this run made the table")
        .doesNotContain("orders.late");
    assertThat(cli.run("run", "-q").err()).isEmpty();
  }

  @Test
  void namesFiveNewColumnsAndCountsTheOthers() {
    steps.changes.put("customers 1", columns(6));
    steps.changes.put("orders 1", columns(60));
    String five =
        IntStream.rangeClosed(1, 5)
            .mapToObj(i -> "added column t.c" + i + " (text)")
            .collect(Collectors.joining(", "));
    assertThat(cli.run("run").err())
        .contains("shop.customers: " + five + " and 1 more\n")
        .as("a run counts no more than fifty")
        .contains("shop.orders: " + five + " and at least 45 more\n");
  }

  private static List<String> columns(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(i -> "added column t.c" + i + " (text)").toList();
  }

  @Test
  void countsOneNameAsOne() {
    steps.notes.put("shop.customers 1", Map.of("names_apart", 1L));
    steps.notes.put("shop.orders 1", Map.of("names_apart", 4_000L));
    assertThat(cli.run("run").err())
        .contains(
            "shop.customers: 1 name would have met another in one column or table:",
            "shop.orders: 4,000 names would have met another in one column or table:");
  }

  @Test
  void saysNothingButDataWhenQuiet() {
    Cli.Result result = cli.run("run", "-q");
    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("shop.orders");
  }

  @Test
  void writesOneStableDocument() throws Exception {
    Cli.Result result = cli.run("run", "--output", "json");
    JsonNode document = json(result);
    assertThat(document.get("version").asInt()).isEqualTo(1);
    assertThat(document.get("command").asText()).isEqualTo("run");
    assertThat(document.get("ok").asBoolean()).isTrue();
    assertThat(document.at("/run/id").asText()).matches("run:shop:[0-9A-Z]{26}");
    assertThat(document.at("/run/status").asText()).isEqualTo("succeeded");
    assertThat(document.at("/run/seconds").isNumber()).isTrue();
    JsonNode asset = document.at("/assets/1");
    assertThat(asset.fieldNames())
        .toIterable()
        .containsExactly(
            "asset",
            "status",
            "rows",
            "rejected",
            "pages",
            "requests",
            "bytes",
            "segments",
            "load_ids",
            "schema_changes",
            "checkpoint",
            "failure");
    assertThat(asset.get("rows").toString()).isEqualTo("{\"orders\":20}");
    assertThat(asset.get("load_ids")).hasSize(2);
    assertThat(asset.get("failure").isNull()).isTrue();
  }

  @Test
  void takesTheFailedAssetsClassAsItsExitCodeAndSkipsWhatNeedsIt() throws Exception {
    steps.failures.put("shop.customers", Failure.SOURCE_UNREACHABLE);
    Cli.Result result = cli.run("run", "--output", "json");
    assertThat(result.code()).isEqualTo(3);
    JsonNode document = json(result);
    assertThat(document.get("ok").asBoolean()).isFalse();
    assertThat(document.at("/run/status").asText()).isEqualTo("failed");
    assertThat(document.at("/assets/0/status").asText()).isEqualTo("failed");
    assertThat(document.at("/assets/0/failure/code").asText()).isEqualTo("SOURCE_UNREACHABLE");
    assertThat(document.at("/assets/0/failure/message").asText())
        .isEqualTo("Cannot fetch shop.customers: SOURCE_UNREACHABLE (try later)");
    assertThat(document.at("/assets/1/status").asText()).isEqualTo("skipped");
    assertThat(document.at("/assets/1/failure/code").asText()).isEqualTo("UPSTREAM");
  }

  @Test
  void triesAFailedStepOnceOnly() {
    steps.failures.put("shop.customers", Failure.SOURCE_UNREACHABLE);
    Cli.Result result = cli.run("run");
    assertThat(steps.fetches).as("the embedded server does not try again").hasValue(1);
    assertThat(result.err())
        .contains("shop.customers: Cannot fetch shop.customers: SOURCE_UNREACHABLE (try later)\n");
  }

  @Test
  void failsAsAWholeWhenThePlanFails() throws Exception {
    steps.failures.put("plan", Failure.CONFIG_INVALID);
    Cli.Result result = cli.run("run", "--output", "json");
    assertThat(result.code()).isEqualTo(2);
    assertThat(json(result).at("/failure/message").asText())
        .isEqualTo("Cannot fetch plan: CONFIG_INVALID (try later)");
    assertThat(json(result).at("/run/status").asText()).isEqualTo("failed");
  }

  @Test
  void drawsOneLinePerAssetOnATerminal() {
    Cli.Result result = cli.onTerminal().run("run");
    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("\u001b[2Kshop.customers").endsWith("rows/s\n");
  }

  @Test
  void refusesASelectionWithoutAssets() {
    Cli.Result result = cli.run("run", "shop.orders", "--exclude", "shop.*");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo(
            "Cannot run: the selection holds no asset: shop.orders without shop.* (`millrace assets` lists them)\n");
  }

  @Test
  void refusesNonsenseNumbers() {
    assertThat(cli.run("run", "--limit", "0").err())
        .isEqualTo("Cannot run: --limit must be at least 1: 0 (leave it out for the default)\n");
    assertThat(cli.run("run", "--full-refresh", "--refresh", "drop_data").code()).isEqualTo(2);
  }

  @Test
  void exitsWith4WhenItMayNotWaitForAnotherRun() {
    try (RunLock other = RunLock.take(RunLock.of(folder), "process 1, run:shop:x")) {
      assertThat(other).isNotNull();
      Cli.Result result = cli.run("run", "--on-running", "fail");
      assertThat(result.code()).isEqualTo(4);
      assertThat(result.err())
          .isEqualTo(
              "Cannot run the project: it is already running: process 1, run:shop:x (wait for it, or leave out --on-running fail to do so)\n");
    }
  }

  @Test
  void waitsForAnotherRunByDefault() throws Exception {
    RunLock other = RunLock.take(RunLock.of(folder), "process 1, run:shop:x");
    Future<Cli.Result> run = cli.start("run");
    await(
        () ->
            cli.said()
                .contains("Waiting for another run of this project to end: process 1, run:shop:x"));
    other.close();
    assertThat(run.get(60, TimeUnit.SECONDS).code()).isZero();
  }

  @Test
  void joinsARunOfTheSameAssetsInsteadOfDoingItAgain() throws Exception {
    Future<Cli.Result> first = heldUp();
    Cli second = new Cli(folder, rooms);
    Future<Cli.Result> joined = second.start("run", "shop.orders", "--output", "json");
    await(() -> second.said().contains("Waiting for another run of this project to end: process "));
    steps.hold = false;
    Cli.Result ran = first.get(60, TimeUnit.SECONDS);
    Cli.Result result = joined.get(60, TimeUnit.SECONDS);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(steps.loads).as("nothing was loaded twice").hasValue(4);
    String id = json(ran).at("/run/id").asText();
    assertThat(json(result).at("/run/id").asText()).isEqualTo(id);
    assertThat(result.err()).contains("Joined " + id + ", which did the same\n");
    assertThat(json(result).get("assets")).as("only what was asked for").hasSize(1);
    assertThat(json(result).at("/assets/0/rows/orders").asLong()).isEqualTo(20);

    assertThat(cli.run("run").code()).isZero();
    assertThat(steps.loads).as("a run that waited for nobody runs").hasValue(8);
  }

  @Test
  void joinsARunThatFailsAndFailsWithIt() throws Exception {
    steps.failures.put("shop.orders", Failure.SOURCE_REFUSED);
    Future<Cli.Result> first = heldUp();
    Cli second = new Cli(folder, rooms);
    Future<Cli.Result> joined = second.start("run");
    await(() -> second.said().contains("Waiting for another run"));
    steps.hold = false;
    assertThat(first.get(60, TimeUnit.SECONDS).code()).isEqualTo(3);
    Cli.Result result = joined.get(60, TimeUnit.SECONDS);
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err()).contains("shop.orders: Cannot fetch shop.orders: SOURCE_REFUSED");
    assertThat(steps.loads).hasValue(2);
  }

  @Test
  void runsAfterARunThatDidSomethingElseOrWasStopped() throws Exception {
    Future<Cli.Result> first = heldUp();
    Cli second = new Cli(folder, rooms);
    Future<Cli.Result> other = second.start("run", "--refresh", "drop_data");
    await(() -> second.said().contains("Waiting for another run"));
    steps.hold = false;
    assertThat(first.get(60, TimeUnit.SECONDS).code()).isZero();
    assertThat(other.get(60, TimeUnit.SECONDS).code()).isZero();
    assertThat(steps.loads).as("it was to forget first").hasValue(8);

    Future<Cli.Result> stopped = heldUp();
    Cli third = new Cli(folder, rooms);
    Future<Cli.Result> after = third.start("run");
    await(() -> third.said().contains("Waiting for another run"));
    cli.signal("INT");
    assertThat(stopped.get(60, TimeUnit.SECONDS).code()).isEqualTo(130);
    assertThat(after.get(60, TimeUnit.SECONDS).code()).isZero();
    assertThat(steps.loads).as("two before it was stopped, and all four").hasValue(8 + 2 + 4);
  }

  @Test
  void runsWhateverLiesInTheFolder() throws Exception {
    Path file = Files.createDirectories(folder.resolve(".millrace")).resolve("last-run.json");
    for (String content : List.of("", "{", "null", "{}", "[]", "{\"assets\":[null]}")) {
      Files.writeString(file, content);
      steps.loads.set(0);
      assertThat(cli.run("run").code()).as(content).isZero();
      assertThat(steps.loads).as(content).hasValue(4);
    }
    assertThat(Files.readString(file)).contains("\"shop.orders\"");
  }

  /** A run that is held up at its second page. */
  private Future<Cli.Result> heldUp() throws InterruptedException {
    steps.hold = true;
    rooms.drained = false; // the end of a run before drained its worker
    int before = steps.fetches.get();
    Future<Cli.Result> run = cli.start("run", "--output", "json");
    await(() -> steps.fetches.get() == before + 2);
    return run;
  }

  @Test
  void tellsThatNoFileMatches() throws Exception {
    Files.createDirectory(folder.resolve("data"));
    Cli.Result result = Cli.ofTheHouse(folder).run("run", "shop.customers", "--output", "json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains(
            "shop.customers: no file matches, so it read nothing (check its `file_glob` and the source's `bucket_url`)\n");
    assertThat(json(result).at("/assets/0/notes").toString()).isEqualTo("{\"no_files\":1}");
  }

  @Test
  void tellsTheVariantColumnThatARealLoadAdds() throws Exception {
    Path file = Files.createDirectory(folder.resolve("data")).resolve("customers.jsonl");
    Cli house = Cli.ofTheHouse(folder);
    Files.writeString(file, "{\"id\": 1, \"total\": 5}\n");
    assertThat(house.run("run", "shop.customers").err()).doesNotContain("added");
    Files.writeString(file, "{\"id\": 2, \"total\": \"many\"}\n");
    Cli.Result result = house.run("run", "shop.customers");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("shop.customers: added column customers.total__v_text (text)\n");
    assertThat(house.run("plan", "shop.customers").out()).contains("| every file, again |");
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void stopsAtThePageBoundaryAndKeepsWhatIsFetched(String signal, int code) throws Exception {
    steps.hold = true;
    Future<Cli.Result> run = cli.start("run", "--output", "json");
    assertThat(steps.reached.await(60, TimeUnit.SECONDS)).isTrue();
    cli.signal(signal);
    Cli.Result result = run.get(60, TimeUnit.SECONDS);
    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).contains("Stopping at the next page (Ctrl-C again stops now)");
    assertThat(json(result).at("/run/status").asText()).isEqualTo("cancelled");
    assertThat(json(result).at("/assets/0/rows").toString())
        .as("what was fetched is loaded")
        .isEqualTo("{\"customers\":20}");
    assertThat(json(result).at("/assets/1/status").asText()).isEqualTo("cancelled");
    assertThat(cli.hears(signal)).isFalse();
  }

  private static void await(java.util.function.BooleanSupplier condition)
      throws InterruptedException {
    for (int i = 0; i < 6000; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("it did not happen within a minute");
  }
}
