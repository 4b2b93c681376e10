package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.worker.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CheckLiveTest {
  private static final String CANARY = "canary-51f0c2-token";

  @TempDir Path folder;
  private ApiStandIn api;
  private Cli.Result result;
  private JsonNode document;

  @BeforeEach
  void start() throws Exception {
    api = new ApiStandIn();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void asksEachEndpointOnceAndTellsWhatCame() throws Exception {
    api.on(
        "/v1/orders",
        request ->
            ApiStandIn.status(
                    200,
                    """
                    {"data": [{"id": 1, "at": "2026-01-01T00:00:00Z", "who": {"name": "Ada"},
                               "tags": ["a"], "lines": [{"n": 1}], "paid": true, "note": null}],
                     "paging": {"next": "/v1/orders?page=2"}}
                    """)
                .with("Content-Type", "application/json")
                .with("X-RateLimit-Limit", "60")
                .with("X-RateLimit-Remaining", "59"));
    check(
        """
        resources:
          - {name: orders, primary_key: id, write_disposition: merge}
        """);
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    assertThat(api.asked).as("one request of the endpoint").hasSize(1);
    assertThat(api.asked.get(0).authorization())
        .as("the same credentials as a run")
        .isEqualTo("Bearer " + CANARY);
    JsonNode orders = document.at("/live/0");
    assertThat(orders.get("asset").asText()).isEqualTo("shop.orders");
    assertThat(orders.get("status").asText()).isEqualTo("ok");
    assertThat(orders.at("/answer/status").asInt()).isEqualTo(200);
    assertThat(orders.at("/answer/millis").isNumber()).isTrue();
    assertThat(orders.at("/answer/bytes").asInt()).isGreaterThan(100);
    assertThat(orders.at("/answer/rate_limit/x-ratelimit-remaining").asText()).isEqualTo("59");
    assertThat(orders.at("/records").toString()).isEqualTo("{\"selector\":\"data\",\"count\":1}");
    assertThat(orders.at("/paginator").toString())
        .isEqualTo(
            "{\"type\":\"json_link\",\"detected\":true,\"path\":\"paging.next\",\"next\":\"%s/v1/orders?page=2\"}"
                .formatted(api.url()));
    assertThat(orders.at("/first_record").toString())
        .isEqualTo(
            "[{\"field\":\"id\",\"type\":\"bigint\"},{\"field\":\"at\",\"type\":\"timestamp\"},"
                + "{\"field\":\"who.name\",\"type\":\"text\"},"
                + "{\"field\":\"tags\",\"type\":\"list of text\"},"
                + "{\"field\":\"lines\",\"type\":\"list of records\"},"
                + "{\"field\":\"paid\",\"type\":\"bool\"},{\"field\":\"note\",\"type\":null}]");
    assertThat(orders.get("warnings")).isEmpty();
    assertThat(document.at("/destinations/0/status").asText()).isEqualTo("ok");
    assertThat(files()).as("nothing is left behind").containsExactly("millrace.yaml");
  }

  @Test
  void tellsPeopleTheSameInText() throws Exception {
    api.on("/v1/orders", "[{\"id\": 1}, {\"id\": 2}]");
    write("resources: [orders]");
    Cli.Result text = cli().run("check", "--live");
    assertThat(text.code()).isZero();
    assertThat(text.out())
        .contains("shop.orders\n")
        .contains("  asked      GET " + api.url() + "/v1/orders\n")
        .containsPattern("  answer     200 in \\d+ ms, 22 B, application/json\n")
        .contains("  records    2 at $\n")
        .contains("  paginator  single_page (detected)\n")
        .contains("  next page  none\n")
        .contains("  record     id bigint\n")
        .contains("destination default\n  write      a table was made, written and taken back\n");
  }

  @Test
  void warnsOfAPageThatTellsOfMoreAndLeadsNowhere() throws Exception {
    api.on("/v1/orders", "{\"items\": [{\"id\": 1}], \"meta\": {\"total\": 250}}");
    check("resources: [orders]");
    assertThat(result.code()).isZero();
    assertThat(live("shop.orders").get("warnings").toString())
        .isEqualTo(
            "[\"the answer tells of more records than the 1 that came (meta.total: 250) and no way"
                + " to a next page was found: say the paginator\"]");
  }

  @Test
  void aFailureDoesNotStopTheOthersAndItsClassIsTheExitCode() throws Exception {
    api.on("/v1/good", "[{\"id\": 1}]");
    api.on("/v1/later", request -> limited("Retry-After", "3600"));
    check("resources: [gone, good, later]");
    assertThat(result.code()).as("both refuse us").isEqualTo(3);
    assertThat(api.asked).as("a failure is not tried again").hasSize(3);
    assertThat(document.get("ok").asBoolean()).isFalse();
    JsonNode gone = live("shop.gone");
    assertThat(gone.get("status").asText()).isEqualTo("failed");
    assertThat(gone.at("/answer/status").asInt()).isEqualTo(404);
    assertThat(gone.at("/failure/code").asText()).isEqualTo("SOURCE_REFUSED");
    assertThat(gone.at("/failure/message").asText()).contains("check `base_url` and `path`");
    assertThat(live("shop.good").get("status").asText()).isEqualTo("ok");
    assertThat(live("shop.later").at("/answer/rate_limit/retry-after").asText()).isEqualTo("3600");
  }

  @Test
  void differentClassesOfFailuresExitWithOne() throws Exception {
    api.on(
        "/v1/away",
        request -> ApiStandIn.status(302, "").with("Location", "http://other.example/"));
    check("resources: [gone, away]");
    assertThat(live("shop.away").at("/failure/code").asText()).isEqualTo("POLICY_REFUSED");
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void saysWhatTheSelectorDoesNotFind() throws Exception {
    api.on("/v1/orders", "{\"results\": [{\"id\": 1}]}");
    check("resources: [{name: orders, endpoint: {data_selector: data}}]");
    assertThat(result.code()).isEqualTo(3);
    assertThat(document.at("/live/0/failure/message").asText())
        .contains("there is nothing at the data_selector: data", "(the answer has results;");
  }

  @Test
  void warnsOfWhatARunWouldNotSay() throws Exception {
    api.on("/v1/rows", "{\"total\": 3, \"items\": [{\"a\": 1}, {\"a\": 2}, {\"a\": 3}]}");
    String thirty =
        Stream.iterate(1, n -> n + 1).limit(30).map(n -> "{\"id\":" + n + "}").toList().toString();
    api.on("/v1/thirty", thirty);
    api.on("/v1/empty", "{\"items\": []}");
    check(
        """
        resources:
          - name: rows
            write_disposition: merge
            endpoint: {paginator: {type: page_number, base_page: 1}}
          - thirty
          - empty
          - name: keyed
            primary_key: uuid
            endpoint:
              path: thirty
              paginator: single_page
              incremental: {cursor_path: updated_at}
        """);
    assertThat(result.code()).isZero();
    assertThat(warnings("shop.rows"))
        .contains("it merges and has no primary_key")
        .contains("total_path total is 3, which looks like a number of rows");
    assertThat(warnings("shop.thirty"))
        .contains("there are exactly 30 records and no way to a next page was found");
    assertThat(warnings("shop.empty")).contains("there are no records at items");
    assertThat(warnings("shop.keyed"))
        .contains("the first record has no primary_key uuid")
        .contains("the first record has no cursor_path updated_at")
        .doesNotContain("exactly 30");
  }

  @Test
  void looksAtAChildWithTheFirstRecordOfItsParent() throws Exception {
    api.on("/v1/orders", "[{\"no\": 6, \"kind\": \"draft\"}, {\"no\": 7, \"kind\": \"sold\"}]");
    api.on("/v1/orders/7/items", "[{\"sku\": \"p/q\"}, {\"sku\": \"r\"}]");
    api.on("/v1/notes", request -> ApiStandIn.json("[{\"order\": " + request.param("o") + "}]"));
    api.on("/v1/none", "[]");
    check(
        """
        resources:
          - name: notes
            endpoint: {path: notes, params: {o: "{resources.items._orders_id}", s: "{resources.items.sku}"}}
          - name: items
            primary_key: [_orders_id, sku]
            include_from_parent: [id]
            endpoint: {path: "orders/{resources.orders.id}/items"}
          - name: orders
            processing_steps: [{filter: "kind == 'sold'"}, {rename: {no: id}}]
          - none
          - {name: of_none, endpoint: {path: "none/{resources.none.id}/x"}}
          - {name: of_gone, endpoint: {path: "x/{resources.gone.id}"}}
          - gone
          - {name: fieldless, endpoint: {path: "x/{resources.orders.nowhere}"}}
        """);
    assertThat(api.asked.stream().map(ApiStandIn.Asked::path).toList())
        .as("each endpoint once, its parents before it")
        .containsExactly("/v1/gone", "/v1/none", "/v1/orders", "/v1/orders/7/items", "/v1/notes");
    assertThat(api.asked.get(4).params()).containsEntry("o", "7").containsEntry("s", "p/q");
    assertThat(live("shop.items").at("/first_record").toString())
        .isEqualTo(
            "[{\"field\":\"sku\",\"type\":\"text\"},{\"field\":\"_orders_id\",\"type\":\"bigint\"}]");
    assertThat(live("shop.items").get("warnings")).as("its key is there").isEmpty();
    assertThat(live("shop.of_none").get("reason").asText())
        .isEqualTo("needs a record of its parent none, and none came");
    assertThat(live("shop.of_gone").get("status").asText()).isEqualTo("skipped");
    assertThat(live("shop.gone").at("/answer/status").asInt()).isEqualTo(404);
    assertThat(live("shop.fieldless").at("/failure/message").asText())
        .contains("its parent's record has no such field: nowhere");
  }

  @Test
  void countsTheFilesOfAFolder() throws Exception {
    Files.createDirectory(folder.resolve("data"));
    Files.writeString(folder.resolve("data/a.jsonl"), "{\"id\":1}\n");
    Files.writeString(folder.resolve("data/b.jsonl"), "{\"id\":2}\n");
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: shop
        destination: {type: duckdb, path: shop.duckdb}
        sources:
          files:
            type: filesystem
            bucket_url: data
            resources:
              - {name: some, file_glob: "*.jsonl", format: jsonl}
              - {name: none, file_glob: "*.json", format: json}
        """);
    run();
    assertThat(result.code()).isZero();
    assertThat(live("files.some").at("/files/count").asInt()).isEqualTo(2);
    assertThat(live("files.some").at("/files/bytes").asInt()).isEqualTo(18);
    assertThat(live("files.some").at("/files/first").asText()).isEqualTo("a.jsonl");
    assertThat(warnings("files.none")).contains("no file matches in ");
  }

  @Test
  void aDestinationThatCannotBeWrittenFails() throws Exception {
    api.on("/v1/orders", "[{\"id\": 1}]");
    Files.writeString(folder.resolve("shop.duckdb"), "this is no database");
    check("resources: [orders]");
    assertThat(document.at("/live/0/status").asText()).isEqualTo("ok");
    assertThat(document.at("/destinations/0/status").asText()).isEqualTo("failed");
    assertThat(result.code()).isEqualTo(3);
  }

  @Test
  void aProbeLeavesALoadedDestinationAsItIs() throws Exception {
    api.on("/v1/orders", "[{\"id\": 1}]");
    write("resources: [orders]");
    assertThat(cli().run("run").code()).isZero();
    String before = cli().run("tables", "--system").out();
    assertThat(before).contains("orders", "_mr_state");
    check("resources: [orders]");
    assertThat(result.code()).isZero();
    assertThat(cli().run("tables", "--system").out()).isEqualTo(before);
  }

  @Test
  void asksOnlyWhatIsSelected() throws Exception {
    api.on("/v1/a", "[{\"id\": 1}]").on("/v1/b", "[{\"id\": 1}]");
    write("resources: [a, b]");
    assertThat(cli().run("check", "--live", "shop.b").code()).isZero();
    assertThat(api.asked).hasSize(1);
    Cli.Result refused = cli().run("check", "shop.b");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("(add --live to ask the selected assets' sources)");
  }

  @Test
  void showsNoSecretWhereverTheServerPutsIt() throws Exception {
    String echo =
        "{\"data\": [{\"%1$s\": \"%1$s\", \"id\": 1}], \"next\": \"/v1/echo?after=2&api_key=%1$s\"}"
            .formatted(CANARY);
    api.on(
        "/v1/echo",
        request ->
            ApiStandIn.status(200, echo)
                .with("Content-Type", "application/json; x=" + CANARY)
                .with("X-RateLimit-Note", CANARY));
    api.on("/v1/bad", request -> ApiStandIn.status(400, "{\"you\": \"" + CANARY + "\"}"));
    String resources =
        """
        resources:
          - {name: echo, endpoint: {params: {api_key: "${env:SHOP_TOKEN}"}}}
          - {name: bad, endpoint: {params: {api_key: "${env:SHOP_TOKEN}"}}}
        """;
    check(resources);
    assertThat(result.out()).contains("SOURCE_REFUSED").doesNotContain(CANARY);
    assertThat(result.err()).doesNotContain(CANARY);
    Cli.Result text = cli().run("check", "--live");
    assertThat(text.out() + text.err()).contains("x-ratelimit-note: ***").doesNotContain(CANARY);
  }

  @Test
  void aTokenThatIsNotSetIsToldAtItsEndpoint() throws Exception {
    write("resources: [orders]");
    Cli.Result unset = Cli.ofTheHouse(folder).run("check", "--live", "--output", "json");
    assertThat(unset.code()).isEqualTo(2);
    assertThat(new ObjectMapper().readTree(unset.out()).at("/live/0/failure/code").asText())
        .isEqualTo("SECRET_MISSING");
  }

  private static ApiStandIn.Answer limited(String header, String value) {
    return ApiStandIn.status(429, "{}").with(header, value);
  }

  private JsonNode live(String asset) {
    for (JsonNode one : document.get("live")) {
      if (one.get("asset").asText().equals(asset)) {
        return one;
      }
    }
    throw new AssertionError("nothing is told of " + asset);
  }

  private String warnings(String asset) {
    return live(asset).get("warnings").toString();
  }

  private void check(String resources) throws Exception {
    write(resources);
    run();
  }

  private void run() throws IOException {
    result = cli().run("check", "--live", "--output", "json");
    document = new ObjectMapper().readTree(result.out());
    assertThat(document.get("version").asInt()).isEqualTo(1);
  }

  private Cli cli() {
    return Cli.ofTheHouse(folder).with("SHOP_TOKEN", CANARY);
  }

  private void write(String resources) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: shop
        destination: {type: duckdb, path: shop.duckdb}
        sources:
          shop:
            type: rest_api
            client:
              base_url: %s/v1/
              auth: {type: bearer, token: "${env:SHOP_TOKEN}"}
        """
                .formatted(api.url())
            + resources.strip().indent(4));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(f -> f.getFileName().toString()).toList();
    }
  }
}
