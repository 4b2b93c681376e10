package io.millrace.worker.command;

import static io.millrace.worker.command.ApiStandIn.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.run.Materialize;
import io.millrace.worker.Backend;
import io.millrace.worker.Cli;
import io.millrace.worker.RealServer;
import io.millrace.worker.RunLock;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code state}, {@code schema} and {@code rejects} around real runs against a real API. */
@Timeout(180)
class StateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final List<String> records = new ArrayList<>();
  private ApiStandIn api;

  @BeforeEach
  void serve() throws IOException {
    api = new ApiStandIn();
    api.on(
        "/orders",
        request -> {
          int since = Integer.parseInt(request.param("since"));
          return json(
              records.stream()
                  .filter(r -> Integer.parseInt(r.replaceAll(".*\"n\":(\\d+).*", "$1")) >= since)
                  .collect(Collectors.joining(",", "[", "]")));
        });
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: shop
        destination: {type: duckdb, path: s.duckdb, dataset: data}
        sources:
          shop:
            type: rest_api
            client: {base_url: "%s/"}
            resources:
              - name: orders
                write_disposition: append
                primary_key: id
                columns: {amount: {data_type: bigint}}
                schema_contract: {data_type: discard_row}
                endpoint:
                  path: orders
                  params: {since: "{incremental.start_value}"}
                  incremental: {cursor_path: n, initial_value: 0}
              - {name: other, endpoint: {path: other}}
        """
            .formatted(api.url()));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static String order(int n, String... items) {
    return "{\"id\":%d,\"n\":%d,\"items\":[%s]}"
        .formatted(
            n,
            n,
            List.of(items).stream()
                .map(i -> "{\"sku\":\"" + i + "\"}")
                .collect(Collectors.joining(",")));
  }

  private Cli.Result millrace(String... args) {
    return Cli.ofTheHouse(folder).run(args);
  }

  private JsonNode ok(String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--output", "json"));
    Cli.Result result = millrace(all.toArray(String[]::new));
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    JsonNode document = JSON.readTree(result.out());
    assertThat(document.get("version").asInt()).isEqualTo(1);
    return document;
  }

  private void run() throws IOException {
    ok("run", "shop.orders");
  }

  private List<Object> counts() throws IOException {
    List<Object> counts = new ArrayList<>();
    for (JsonNode t : ok("tables").get("tables")) {
      counts.add(Map.of(t.get("table").asText(), t.get("rows").asLong()));
    }
    return counts;
  }

  private static Map<String, Long> rows(String table, long n) {
    return Map.of(table, n);
  }

  /** Order 1 and 2, then 3, in two runs. */
  private void twoRuns() throws IOException {
    twoRuns("append");
    assertThat(counts()).containsExactly(rows("orders", 3), rows("orders__items", 3));
  }

  private void twoRuns(String how) throws IOException {
    assertThat(folder.resolve("millrace.yaml")).content().contains("write_disposition: " + how);
    records.add(order(1, "a", "b"));
    records.add(order(2));
    run();
    records.add(order(3, "c"));
    run();
  }

  private String firstLoad() throws IOException {
    JsonNode history = ok("state", "history", "shop.orders").get("history");
    return history.get(history.size() - 1).get("load_id").asText();
  }

  @Test
  void saysThatNothingIsThereYet() throws IOException {
    assertThat(millrace("state", "show").out()).contains("shop.orders", "never loaded");
    assertThat(millrace("state", "history", "shop.orders").err()).contains("`millrace run`");
    assertThat(millrace("schema", "show").err()).contains("Nothing loaded yet");
    assertThat(millrace("schema", "history").err()).contains("Nothing loaded yet");
    assertThat(millrace("schema", "diff").err()).contains("Nothing loaded yet");
    assertThat(millrace("rejects").err()).contains("Nothing was rejected");
    Cli.Result reset = millrace("state", "reset", "shop.orders", "--yes");
    assertThat(reset.code()).isEqualTo(2);
    assertThat(reset.err()).contains("nothing was loaded yet");
    assertThat(folder.resolve("s.duckdb")).doesNotExist();
  }

  @Test
  void showsStateHistoryAndSchemas() throws IOException {
    twoRuns();
    JsonNode state = ok("state", "show", "shop.orders").at("/states/0");
    assertThat(state.at("/checkpoint/cursor/running_max").asInt()).isEqualTo(3);
    assertThat(state.get("at").asText()).isEqualTo("up to 3");
    assertThat(ok("state", "show").get("states")).hasSize(2);
    JsonNode history = ok("state", "history", "shop.orders").get("history");
    assertThat(history).hasSize(2);
    assertThat(history.at("/0/rows/orders").asInt()).isEqualTo(1);
    assertThat(state.get("load_id")).isEqualTo(history.at("/0/load_id"));
    assertThat(millrace("state", "history", "shop.orders").out()).contains("load", "up to 2");

    records.add("{\"id\":4,\"n\":4,\"city\":\"Rome\",\"amount\":\"much\"}");
    records.add("{\"id\":5,\"n\":5,\"city\":\"Rome\"}");
    run();
    assertThat(millrace("schema", "show").out()).contains("orders__items", "below orders");
    assertThat(millrace("schema", "show", "orders").out()).contains("city", "text");
    assertThat(millrace("schema", "show", "ordrs").err()).contains("did you mean orders?");
    JsonNode diff = ok("schema", "diff").at("/diffs/0");
    assertThat(diff.get("changes").toString()).contains("added column orders.city (text)");
    assertThat(ok("schema", "history").get("versions").size()).isEqualTo(diff.get("to").asInt());
    assertThat(ok("schema", "diff", "1", diff.get("to").toString()).at("/diffs/0/from").asInt())
        .isEqualTo(1);
    assertThat(millrace("schema", "diff", "77").err()).contains("no such version: 77");

    JsonNode rejects = ok("rejects", "shop.orders");
    assertThat(rejects.get("total").asInt()).isEqualTo(1);
    assertThat(rejects.at("/reasons/0/count").asInt()).isEqualTo(1);
    assertThat(rejects.at("/rejects/0/record").asText()).contains("much");
    assertThat(millrace("rejects", "--limit", "0").out())
        .contains("shop.orders")
        .doesNotContain("much");
  }

  @Test
  void rewindWithItsRowsGoesOnFromThereWithoutDoubling() throws IOException {
    twoRuns();
    JsonNode done =
        ok("state", "rewind", "shop.orders", "--to", firstLoad(), "--delete-rows", "--yes");
    assertThat(done.at("/removed/orders").asInt()).isEqualTo(1);
    assertThat(done.at("/removed/orders__items").asInt()).isEqualTo(1);
    assertThat(counts()).containsExactly(rows("orders", 2), rows("orders__items", 2));
    run();
    assertThat(counts()).containsExactly(rows("orders", 3), rows("orders__items", 3));
    assertThat(ok("state", "history", "shop.orders").findValuesAsText("what"))
        .containsExactly("load", "rewind", "load");
  }

  @Test
  void rewindSaysWhyItCannotBringBackWhatMergeAndReplaceChanged() throws IOException {
    for (String how : List.of("merge", "replace")) {
      Files.deleteIfExists(folder.resolve("s.duckdb"));
      records.clear();
      Path file = folder.resolve("millrace.yaml");
      Files.writeString(
          file,
          Files.readString(file)
              .replaceAll("write_disposition: \\w+", "write_disposition: " + how));
      twoRuns(how);
      Cli.Result refused =
          millrace("state", "rewind", "shop.orders", "--to", firstLoad(), "--delete-rows", "--yes");
      assertThat(refused.code()).as(refused.err()).isEqualTo(4);
      assertThat(refused.err()).contains(how + " of orders", "cannot be brought back");
      ok("state", "rewind", "shop.orders", "--to", firstLoad(), "--yes");
      assertThat(ok("state", "show", "shop.orders").at("/states/0/at").asText())
          .isEqualTo("up to 2");
    }
  }

  @Test
  void resetReadsAllAgainAndSetReadsFromAValue() throws IOException {
    twoRuns();
    ok("state", "set", "shop.orders", "--cursor", "2", "--yes");
    run();
    assertThat(counts()).as("2 and 3 came again").contains(rows("orders", 5));
    ok("state", "reset", "shop.orders", "--yes");
    run();
    assertThat(counts()).as("all came again").contains(rows("orders", 8));
    Cli.Result wrong = millrace("state", "set", "shop.orders", "--cursor", "monday", "--yes");
    assertThat(wrong.err()).contains("are numbers: monday");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(millrace("state", "set", "shop.other", "--cursor", "1", "--yes").err())
        .contains("it has no cursor");
  }

  @Test
  void changesNothingWithoutAYesOrWhileItRuns() throws IOException {
    twoRuns();
    Cli.Result asked = millrace("state", "reset", "shop.orders");
    assertThat(asked.code()).isEqualTo(2);
    assertThat(asked.err()).contains("--yes", "nothing was changed");
    assertThat(Cli.ofTheHouse(folder).typing("n\n").run("state", "reset", "shop.orders").code())
        .isEqualTo(2);
    try (RunLock lock = RunLock.take(RunLock.of(folder), "a test")) {
      assertThat(lock).isNotNull();
      Cli.Result busy = millrace("state", "reset", "shop.orders", "--yes");
      assertThat(busy.code()).isEqualTo(4);
      assertThat(busy.err()).contains("already running: a test");
    }
    assertThat(ok("state", "history", "shop.orders").get("history")).hasSize(2);
    Cli.Result yes = Cli.ofTheHouse(folder).typing("y\n").run("state", "reset", "shop.orders");
    assertThat(yes.code()).as(yes.err()).isZero();
    assertThat(yes.err()).contains("[y/N]");
    assertThat(ok("state", "history", "shop.orders").get("history")).hasSize(3);
  }

  @Test
  void changesNothingWhileAServerRunsTheAsset() throws IOException {
    String address = RealServer.address();
    String project = "p" + UUID.randomUUID().toString().substring(0, 8);
    Path file = folder.resolve("millrace.yaml");
    Files.writeString(file, Files.readString(file).replace("project: shop", "project: " + project));
    twoRuns();
    String[][] commands = {
      {"state", "reset", "shop.orders", "--yes"},
      {"state", "set", "shop.orders", "--cursor", "1", "--yes"},
      {"state", "rewind", "shop.orders", "--to", firstLoad(), "--delete-rows", "--yes"}
    };
    String id = Materialize.id(project, "shop.orders", null);
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      WorkflowStub run =
          backend
              .client()
              .newUntypedWorkflowStub(
                  "Materialize",
                  WorkflowOptions.newBuilder()
                      .setWorkflowId(id)
                      .setTaskQueue("nobody-" + project)
                      .build());
      run.start(
          new Materialize.Input(project, "shop.orders", null, null, null, null, null, null, null));
      for (String[] command : commands) {
        Cli.Result refused = onServer(address, command);
        assertThat(refused.code()).as(command[1]).isEqualTo(4);
        assertThat(refused.err())
            .isEqualTo(
                "Cannot change the state of shop.orders: it is already running: "
                    + id
                    + " (wait for it, or `millrace cancel shop.orders`)\n");
      }
      assertThat(ok("state", "history", "shop.orders").get("history")).hasSize(2);
      run.terminate("the test is over");
    }
    Cli.Result done = onServer(address, commands[2]);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(counts()).containsExactly(rows("orders", 2), rows("orders__items", 2));
  }

  private Cli.Result onServer(String address, String... command) {
    return Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address).run(command);
  }
}
