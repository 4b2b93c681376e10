package io.millrace.worker.command;

import static io.millrace.worker.command.ApiStandIn.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.run.Materialize;
import io.millrace.worker.Backend;
import io.millrace.worker.Cli;
import io.millrace.worker.RealServer;
import io.temporal.client.WorkflowOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code renormalize} after real runs against a real API, which must not hear of it. */
@Timeout(300)
class RenormalizeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What loads would have made of it: a text, and a table of its own. */
  private static final String BEFORE = "columns: {amount: {data_type: text}}";

  private static final String AFTER =
      "columns: {amount: {data_type: decimal, precision: 18, scale: 2}}, max_table_nesting: 0";

  @TempDir Path folder;
  private final String project = "p" + UUID.randomUUID().toString().substring(0, 8);
  private final List<String> records = new ArrayList<>();
  private ApiStandIn api;

  @BeforeEach
  void serve() throws IOException {
    api = new ApiStandIn();
    api.on(
        "/orders",
        request -> {
          int since = request.number("since", 0);
          int page = request.number("page", 1);
          List<String> fresh = records.stream().filter(r -> number(r) >= since).toList();
          int from = Math.min(fresh.size(), (page - 1) * 2);
          String items = String.join(",", fresh.subList(from, Math.min(fresh.size(), from + 2)));
          return json("{\"items\":[%s],\"pages\":%d}".formatted(items, (fresh.size() + 1) / 2));
        });
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static int number(String record) {
    return Integer.parseInt(record.replaceAll(".*\"n\":(\\d+).*", "$1"));
  }

  private static String order(int n, String... items) {
    return "{\"id\":%d,\"n\":%d,\"amount\":\"%d.50\",\"items\":[%s]}"
        .formatted(
            n,
            n,
            n,
            Stream.of(items).map(i -> "{\"sku\":\"" + i + "\"}").collect(Collectors.joining(",")));
  }

  private static Path project(Path folder, String name, String url, String how, String hints)
      throws IOException {
    return Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: %s
        destination: {type: duckdb, path: s.duckdb, dataset: data}
        segment: {pages: 1}
        sources:
          shop:
            type: rest_api
            client:
              base_url: "%s/"
              paginator: {type: page_number, base_page: 1, total_path: pages}
            resources:
              - name: orders
                write_disposition: %s
                primary_key: id
                endpoint:
                  path: orders
                  data_selector: items
                  params: {since: "{incremental.start_value}"}
                  incremental: {cursor_path: n, initial_value: 0}
                %s
        """
            .formatted(name, url, how, hints.replace(", max_table", "\n        max_table")));
  }

  private void project(String how, String hints) throws IOException {
    project(folder, project, api.url(), how, hints);
  }

  private static JsonNode ok(Path folder, String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--output", "json"));
    Cli.Result result = Cli.ofTheHouse(folder).run(all.toArray(String[]::new));
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return JSON.readTree(result.out());
  }

  private JsonNode ok(String... args) throws IOException {
    return ok(folder, args);
  }

  private Cli.Result refused(int code, String... args) {
    Cli.Result result = Cli.ofTheHouse(folder).run(args);
    assertThat(result.code()).as(result.err() + result.out()).isEqualTo(code);
    return result;
  }

  private static List<String> query(Path folder, String sql) throws IOException {
    List<String> rows = new ArrayList<>();
    ok(folder, "query", sql).get("rows").forEach(row -> rows.add(row.toString()));
    return rows;
  }

  /** Orders 1 to 3 in two segments, then 4 and 5. */
  private void twoRuns() throws IOException {
    records.addAll(List.of(order(1, "a", "b"), order(2), order(3, "c")));
    ok("run");
    records.addAll(List.of(order(4, "d"), order(5)));
    ok("run");
  }

  /** The tables, their columns and their rows, without the names of loads and rows. */
  private static List<String> everything(Path folder) throws IOException {
    List<String> all = new ArrayList<>();
    for (JsonNode table : ok(folder, "tables").get("tables")) {
      String name = table.get("table").asText();
      all.add(table.get("columns").toString());
      String columns =
          table.get("columns").findValuesAsText("name").stream()
              .filter(c -> !c.matches("_mr_(id|load_id|parent_id|root_id)"))
              .collect(Collectors.joining(", "));
      all.addAll(query(folder, "SELECT %s FROM %s ORDER BY ALL".formatted(columns, name)));
    }
    return all;
  }

  private List<String> loads() throws IOException {
    List<String> loads = new ArrayList<>();
    ok("state", "history", "shop.orders")
        .get("history")
        .forEach(
            event -> {
              if (event.get("what").asText().equals("load")) {
                loads.add(0, event.get("load_id").asText());
              }
            });
    return loads;
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "merge", "replace"})
  void givesTheTablesOfAFreshLoadWithoutAskingTheSource(String how, @TempDir Path fresh)
      throws IOException {
    project(how, BEFORE);
    twoRuns();
    JsonNode state = ok("state", "show").at("/states/0");
    List<String> ids = query(folder, "SELECT id, _mr_id, _mr_load_id FROM orders ORDER BY id");
    List<String> loads = loads();
    int asked = api.asked.size();

    project(how, AFTER);
    JsonNode done = ok("renormalize", "shop.orders");

    assertThat(api.asked).as("the source was not asked").hasSize(asked);
    assertThat(done.at("/assets/0/status").asText()).isEqualTo("succeeded");
    assertThat(done.at("/assets/0/requests").asInt()).isZero();
    assertThat(done.at("/assets/0/notes/renormalized").asInt())
        .isEqualTo(how.equals("replace") ? 3 : 4); // of the newest run alone
    JsonNode after = ok("state", "show").at("/states/0");
    assertThat(after.get("checkpoint")).isEqualTo(state.get("checkpoint"));
    assertThat(after.get("epoch").asInt()).isGreaterThan(state.get("epoch").asInt());
    assertThat(query(folder, "SELECT id, _mr_id, _mr_load_id FROM orders ORDER BY id"))
        .as("rows keep their names")
        .isEqualTo(ids);
    assertThat(loads()).as("so do loads").isEqualTo(loads);

    project(fresh, "fresh", api.url(), how, AFTER);
    ok(fresh, "run");
    assertThat(everything(folder)).isEqualTo(everything(fresh));

    asked = api.asked.size();
    ok("renormalize", "shop.orders");
    assertThat(everything(folder)).as("once more changes nothing").isEqualTo(everything(fresh));
    assertThat(api.asked).hasSize(asked);

    records.add(order(6));
    ok("run");
    assertThat(api.asked.get(asked).param("since"))
        .as("the cursor is where it was, unless everything is replaced")
        .isEqualTo(how.equals("replace") ? api.asked.get(0).param("since") : "5");
    assertThat(query(folder, "SELECT max(id) FROM orders")).containsExactly("[6]");
  }

  @Test
  void bringsInWhatTheContractRejected() throws IOException {
    project(
        "append",
        "columns: {amount: {data_type: bigint}}\n        schema_contract: {data_type: discard_row}");
    twoRuns();
    assertThat(ok("rejects").get("total").asInt()).isEqualTo(5);
    assertThat(ok("tables").get("tables")).isEmpty();

    project("append", AFTER);
    ok("renormalize", "shop.orders");

    assertThat(query(folder, "SELECT sum(amount), count(*) FROM orders"))
        .containsExactly("[17.5,5]");
    assertThat(ok("rejects").get("total").asInt()).isZero();
  }

  @Test
  void refusesADefinitionUnderWhichNothingIsLeft() throws IOException {
    project("append", BEFORE);
    twoRuns();
    List<String> before = everything(folder);
    project(
        "append",
        "columns: {amount: {data_type: bigint}}\n        schema_contract: {data_type: discard_row}");
    assertThat(refused(1, "renormalize", "shop.orders").err())
        .contains("Cannot renormalize shop.orders: every record would be rejected now: 5");
    assertThat(everything(folder)).isEqualTo(before);
    assertThat(ok("rejects").get("total").asInt()).isZero();
    ok("run");
  }

  @Test
  void refusesLoadsWhosePagesAreGoneAndSaysWhichAreLeft() throws IOException {
    project("append", BEFORE);
    twoRuns();
    List<String> loads = loads();
    remove(folder.resolve(".millrace/staging/loads/shop.orders").resolve(loads.get(0)));
    List<String> before = everything(folder);
    project("append", AFTER);

    assertThat(refused(4, "renormalize", "shop.orders").err())
        .contains(
            "the raw pages of 1 of 4 loads are not kept any more, the newest of them is "
                + loads.get(0),
            "--from " + loads.get(1),
            "staging.keep");
    assertThat(everything(folder)).as("nothing was changed").isEqualTo(before);
    assertThat(refused(2, "renormalize", "shop.orders", "--from", "nope").err())
        .contains("no such load, or nothing of it is left: nope")
        .doesNotContain("could be normalized again");

    JsonNode done = ok("renormalize", "shop.orders", "--from", loads.get(1));
    assertThat(done.at("/assets/0/notes/renormalized").asInt()).isEqualTo(3);
    assertThat(query(folder, "SELECT id, amount FROM orders ORDER BY id"))
        .as("rows that stay keep the type of their column")
        .hasSize(5);
    assertThat(query(folder, "SELECT sku FROM orders__items ORDER BY sku"))
        .containsExactly("[\"a\"]", "[\"b\"]");
    assertThat(query(folder, "SELECT id, items FROM orders WHERE items IS NOT NULL ORDER BY id"))
        .hasSize(3);
    assertThat(ok("state", "history", "shop.orders").at("/history/0/what").asText())
        .isEqualTo("renormalize");
  }

  private static void remove(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }

  @Test
  void bringsNothingBackThatARefreshTook() throws IOException {
    project("merge", BEFORE);
    twoRuns();
    records.clear();
    records.add(order(7, "x"));
    ok("run", "--refresh", "drop_data");
    project("merge", AFTER);
    ok("renormalize", "shop.orders");
    assertThat(query(folder, "SELECT id FROM orders")).containsExactly("[7]");
  }

  @Test
  void saysWhatCannotBeNormalizedAgain() throws IOException {
    project("append", BEFORE);
    assertThat(ok("renormalize", "shop.orders").at("/assets/0/status").asText())
        .isEqualTo("unchanged");
    for (String how : List.of("{disposition: merge, strategy: scd2}", "skip")) {
      project(how, BEFORE);
      records.add(order(1));
      ok("run");
      assertThat(refused(4, "renormalize", "shop.orders").err())
          .contains("Cannot renormalize shop.orders: ", how.equals("skip") ? "skip" : "scd2");
    }
    assertThat(refused(2, "renormalize", "shop.orders", "--since", "yesterday").err())
        .contains("this is no time: --since yesterday");
    assertThat(refused(2, "renormalize").err()).contains("Cannot understand the command line");
  }

  @Test
  void worksThroughAServerAndRefusesWhileTheAssetRuns() throws Exception {
    String address = RealServer.address();
    String queue = "test-" + UUID.randomUUID();
    Map<String, String> there = Map.of("TEMPORAL_ADDRESS", address);
    project("append", BEFORE);
    Cli worker = Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address);
    Future<Cli.Result> working = worker.start("worker", "--queues", queue);
    while (!worker.said().contains("Worker for") && !working.isDone()) {
      Thread.onSpinWait();
    }
    records.addAll(List.of(order(1, "a", "b"), order(2), order(3, "c")));
    assertThat(at(there, "run", "--queue", queue).code()).isZero();
    worker.signal("TERM");
    assertThat(working.get(60, TimeUnit.SECONDS).code()).isZero();
    int asked = api.asked.size();

    project("append", AFTER);
    Cli next = Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address);
    Future<Cli.Result> on = next.start("worker", "--queues", queue);
    while (!next.said().contains("Worker for") && !on.isDone()) {
      Thread.onSpinWait();
    }
    Cli.Result done = at(there, "renormalize", "shop.orders", "--queue", queue);
    assertThat(done.code()).as(done.err()).isZero();
    next.signal("TERM");
    assertThat(on.get(60, TimeUnit.SECONDS).code()).isZero();

    assertThat(api.asked).hasSize(asked);
    assertThat(query(folder, "SELECT sum(amount), count(*) FROM orders"))
        .containsExactly("[7.5,3]");
    assertThat(ok("tables").get("tables")).hasSize(1);

    try (Backend backend = Backend.connect(address, null, Map.of())) {
      String id = Materialize.id(project, "shop.orders", null);
      var run =
          backend
              .client()
              .newUntypedWorkflowStub(
                  "Materialize",
                  WorkflowOptions.newBuilder()
                      .setWorkflowId(id)
                      .setTaskQueue("nobody-" + queue)
                      .build());
      run.start(
          new Materialize.Input(project, "shop.orders", null, null, null, null, null, null, null));
      Cli.Result refused = at(there, "renormalize", "shop.orders", "--queue", queue);
      assertThat(refused.code()).isEqualTo(4);
      assertThat(refused.err()).contains("is already running: " + id + " (wait for it)");
      run.terminate("the test is over");
    }
  }

  private Cli.Result at(Map<String, String> server, String... args) {
    Cli cli = Cli.ofTheHouse(folder);
    server.forEach(cli::with);
    return cli.run(args);
  }
}
