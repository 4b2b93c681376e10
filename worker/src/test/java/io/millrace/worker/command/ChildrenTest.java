package io.millrace.worker.command;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import io.millrace.worker.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Resources that are read once for each record of their parent, from the command line down. */
@Timeout(300)
class ChildrenTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final WireMockServer api =
      new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));

  @BeforeEach
  void start() {
    api.start();
  }

  @AfterEach
  void stop() {
    api.stop();
  }

  @Test
  void readsAResourceForEachRecordOfItsParent() throws Exception {
    project(
        "- orders",
        "- {name: items, endpoint: {path: 'orders/{resources.orders.id}/items', params: {by: '{resources.orders.customer.name}'}}}");
    answer("/orders", "[{'id':1,'customer':{'name':'a b'}},{'id':'x/y','customer':{'name':'c'}}]");
    answer("/orders/1/items", "[{'sku':'p'},{'sku':'q'}]", "by", "a b");
    answer("/orders/x%2Fy/items", "[{'sku':'r'}]", "by", "c");

    JsonNode run = run();

    assertThat(run.at("/assets/1/asset").asText()).isEqualTo("shop.items");
    assertThat(rows("select sku from items order by sku")).containsExactly("p", "q", "r");
    assertThat(asked())
        .containsExactlyInAnyOrder(
            "/orders", "/orders/1/items?by=a%20b", "/orders/x%2Fy/items?by=c");
  }

  @Test
  void includesKeysOfTheParentWithTheirTypesThroughAnyNumberOfGenerations() throws Exception {
    project(
        "- orders",
        "- {name: items, include_from_parent: [id, big, made, 'odd key'], endpoint: {path: 'items/{resources.orders.id}', data_selector: list}}",
        "- {name: notes, include_from_parent: [sku, _orders_id], endpoint: {path: notes, params: {order: '{resources.items._orders_id}', sku: '{resources.items.sku}'}}}");
    answer(
        "/orders",
        "[{'id':7,'big':12345678901234567890.125,'made':'2026-01-02T03:04:05Z','odd key':{'a':[1,'\u00e9']}}]");
    answer("/items/7", "{'list':[{'sku':'p'},{'sku':'q','n':1.50}]}");
    answer("/notes", "[{'text':'one'}]", "order", "7", "sku", "p");
    answer("/notes", "[{},{'text':'two'}]", "order", "7", "sku", "q");

    run();

    assertThat(
            rows(
                "select sku, _orders_id, typeof(_orders_id), typeof(_orders_made) from items order by 1"))
        .containsExactly(
            "p 7 BIGINT TIMESTAMP WITH TIME ZONE", "q 7 BIGINT TIMESTAMP WITH TIME ZONE");
    assertThat(
            rows(
                "select value from items__xorders_odd_key__a".replace("xorders", "_orders")
                    + " order by 1"))
        .isNotEmpty();
    assertThat(
            rows(
                "select coalesce(text,'-'), _items_sku, _items__orders_id from notes order by 2, 1"))
        .containsExactly("one p 7", "- q 7", "two q 7");
  }

  @Test
  void keepsTypesInABodyAndReadsTheOlderForm() throws Exception {
    project(
        "- orders",
        "- {name: old, endpoint: {path: 'old/{order}', params: {order: {type: resolve, resource: orders, field: id}, plain: 1}}}",
        "- {name: found, endpoint: {method: POST, path: search, data_selector: hits, json: {id: '{resources.orders.id}', flag: '{resources.orders.flag}', text: 'no {resources.orders.id}'}}}");
    answer("/orders", "[{'id':7,'flag':true}]");
    answer("/old/7", "{'a':1}", "plain", "1");
    api.stubFor(
        post(urlPathEqualTo("/search"))
            .withRequestBody(equalToJson("{\"id\":7,\"flag\":true,\"text\":\"no 7\"}"))
            .willReturn(okJson("{\"hits\":[{\"hit\":1}]}")));

    run();

    assertThat(rows("select a from old")).containsExactly("1");
    assertThat(rows("select hit from found")).containsExactly("1");
  }

  @Test
  void visitsAllParentsInEachRunAndOnlyChangedOnesOfAnIncrementalParent() throws Exception {
    String items = "endpoint: {path: 'items/{resources.%s.id}'}}";
    project(
        "- {name: plain, write_disposition: replace, endpoint: {path: plain}}",
        "- {name: newer, primary_key: id, write_disposition: merge, endpoint: {path: newer, incremental: {cursor_path: at, initial_value: 0}}}",
        "- {name: of_plain, " + items.formatted("plain"),
        "- {name: of_newer, " + items.formatted("newer"));
    answer("/plain", "[{'id':1},{'id':2}]");
    answer("/newer", "[{'id':3,'at':1},{'id':4,'at':2}]");
    answer("/items/1", "{'of':1}");
    answer("/items/2", "{'of':2}");
    answer("/items/3", "{'of':3}");
    answer("/items/4", "{'of':4}");
    answer("/items/5", "{'of':5}");
    run();
    api.resetRequests();
    answer("/newer", "[{'id':3,'at':1},{'id':4,'at':3},{'id':5,'at':4}]");

    JsonNode second = run();

    assertThat(second.toString()).as("nothing was left open").doesNotContain("resumed");
    assertThat(asked())
        .as("4 changed, 5 is new, 3 stayed")
        .containsExactlyInAnyOrder(
            "/plain", "/newer", "/items/1", "/items/2", "/items/4", "/items/5");
    api.resetRequests();
    JsonNode alone = run("shop.of_plain", "shop.of_newer");
    assertThat(asked()).as("alone").containsExactlyInAnyOrder("/items/1", "/items/2");
    assertThat(alone.at("/assets/0/notes/no_parents").asInt()).isEqualTo(1);
  }

  @Test
  void losesNoParentWhenAChildFailsWhoseParentHasMovedOn() throws Exception {
    project(
        "- {name: orders, endpoint: {path: orders, incremental: {cursor_path: at, initial_value: 0}}}",
        "- {name: items, endpoint: {path: 'items/{resources.orders.id}'}}");
    answer("/orders", "[{'id':1,'at':1},{'id':2,'at':2},{'id':3,'at':3}]");
    answer("/items/1", "{'of':1}");
    answer("/items/3", "{'of':3}");
    api.stubFor(get(urlPathEqualTo("/items/2")).willReturn(aResponse().withStatus(403)));

    Cli.Result failed = Cli.ofTheHouse(folder).run("run");

    assertThat(failed.code()).as(failed.err()).isEqualTo(3);
    assertThat(failed.err()).contains("record of orders number 2 of load", "id = 2");
    answer("/orders", "[{'id':4,'at':4}]");
    answer("/items/2", "{'of':2}");
    answer("/items/4", "{'of':4}");
    run();
    assertThat(rows("select \"of\" from items order by 1")).containsExactly("1", "2", "3", "4");
  }

  @Test
  void makesLostListsAgainOfTheParentsTable() throws Exception {
    project(
        "- orders",
        "- {name: items, include_from_parent: [id], endpoint: {path: 'items/{resources.orders.customer.id}'}}");
    answer("/orders", "[{'id':1,'customer':{'id':'a'}},{'id':2,'customer':{'id':'b'}}]");
    answer("/items/a", "{'of':'a'}");
    answer("/items/b", "{'of':'b'}");
    run("shop.orders");
    try (Stream<Path> lists = Files.walk(folder.resolve(".millrace/staging/loads"))) {
      for (Path path : lists.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }

    run("shop.items");

    assertThat(rows("select \"of\", _orders_id from items order by 1"))
        .containsExactly("a 1", "b 2");
  }

  @Test
  void saysWhatToDoWithoutAParent() throws Exception {
    project("- orders", "- {name: items, endpoint: {path: 'items/{resources.orders.id}'}}");
    Cli.Result alone = Cli.ofTheHouse(folder).run("run", "shop.items");
    assertThat(alone.code()).isEqualTo(2);
    assertThat(alone.err())
        .contains(
            "Cannot read shop.items: its parent has never loaded anything: shop.orders",
            "millrace run shop.orders shop.items");
    answer("/orders", "[{'name':'no id'}]");

    Cli.Result lacks = Cli.ofTheHouse(folder).run("run");

    assertThat(lacks.err())
        .contains("Cannot read shop.items: its parent's record has no such field: id")
        .contains("record of orders number 1 of load");
    assertThat(rows("select name from orders")).containsExactly("no id");
  }

  @Test
  void skipsParentsThatHaveNoChildrenOrNotTheField() throws Exception {
    project(
        "- orders",
        "- {name: items, include_from_parent: [id], endpoint: {path: 'items/{resources.orders.key}',"
            + " on_parent_field_missing: skip, paginator: {type: page_number, base_page: 1, total_path: null},"
            + " response_actions: [{status_code: 404, action: skip_parent}]}}");
    answer(
        "/orders",
        "[{'id':1,'key':'a'},{'id':2,'key':'gone'},{'id':3,'key':null},{'id':4},{'id':5,'key':'b'}]");
    answer("/items/a", "[{'n':1}]", "page", "1");
    answer("/items/a", "[]", "page", "2");
    answer("/items/b", "[{'n':2}]", "page", "1");
    api.stubFor(
        get(urlPathEqualTo("/items/b"))
            .withQueryParam("page", equalTo("2"))
            .willReturn(aResponse().withStatus(404)));
    api.stubFor(get(urlPathEqualTo("/items/gone")).willReturn(aResponse().withStatus(404)));

    JsonNode run = run();

    assertThat(rows("select _orders_id, n from items order by 1")).containsExactly("1 1", "5 2");
    assertThat(run.at("/assets/1/notes/skipped_parents").asInt())
        .as("one that is not there, and one that ended so on its second page")
        .isEqualTo(2);
    assertThat(run.at("/assets/1/notes/parents_without_field").asInt()).isEqualTo(2);
    Cli.Result again = Cli.ofTheHouse(folder).run("run");
    assertThat(again.out() + again.err())
        .contains("2 records of its parent had no value for a placeholder")
        .contains("because a response action says skip_parent");
  }

  @Test
  void showsTheEdge() throws Exception {
    project("- orders", "- {name: items, endpoint: {path: 'items/{resources.orders.id}'}}");
    JsonNode assets = JSON.readTree(Cli.ofTheHouse(folder).run("assets", "--output", "json").out());
    assertThat(assets.at("/assets/1/upstream/0").asText()).isEqualTo("shop.orders");
    JsonNode plan = JSON.readTree(Cli.ofTheHouse(folder).run("plan", "--output", "json").out());
    assertThat(plan.at("/assets/1/upstream/0").asText()).isEqualTo("shop.orders");
    assertThat(Cli.ofTheHouse(folder).run("check").code()).isZero();
  }

  @Test
  void keepsTheListsUntilTheChildHasPassedThem() throws Exception {
    project(
        "- {name: orders, write_disposition: skip, endpoint: {path: orders}}",
        "- {name: items, endpoint: {path: 'items/{resources.orders.id}'}}",
        "- other");
    answer("/orders", "[{'id':1},{'id':2}]");
    answer("/other", "[]");
    answer("/items/1", "{'of':1}");
    answer("/items/2", "{'of':2}");
    run("shop.orders");
    age();
    run("shop.other"); // sweeps
    assertThat(lists()).as("nobody has passed it").hasSize(1);

    run("shop.items");

    assertThat(rows("select \"of\" from items order by 1")).containsExactly("1", "2");
    age();
    run("shop.other");
    assertThat(lists()).as("passed").isEmpty();
    Cli.Result lost = Cli.ofTheHouse(folder).run("run", "shop.items");
    assertThat(lost.err())
        .contains("Cannot find the parents of shop.items", "shop.orders --refresh drop_data");
  }

  /** Everything staged was last touched two days ago. */
  private void age() throws IOException {
    FileTime then = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    try (Stream<Path> all = Files.walk(folder.resolve(".millrace/staging"))) {
      for (Path path : all.toList()) {
        Files.setLastModifiedTime(path, then);
      }
    }
  }

  private List<Path> lists() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(".millrace/staging/loads"))) {
      return all.filter(path -> path.getFileName().toString().startsWith("parents-")).toList();
    }
  }

  private void answer(String path, String json, String... params) {
    MappingBuilder request = get(urlPathEqualTo(path));
    for (int i = 0; i < params.length; i += 2) {
      request.withQueryParam(params[i], equalTo(params[i + 1]));
    }
    api.stubFor(request.willReturn(okJson(json.replace('\'', '"'))));
  }

  /** Paths and parameters that the server was asked for, since it was told to forget. */
  private List<String> asked() {
    return api.getAllServeEvents().stream().map(e -> e.getRequest().getUrl()).toList();
  }

  private void project(String... resources) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: family
        destination: {type: duckdb, path: family.duckdb, dataset: data}
        sources:
          shop:
            type: rest_api
            client:
              base_url: http://127.0.0.1:%d/
            resources:
        """
                .formatted(api.port())
            + String.join("\n", resources).indent(6));
  }

  private JsonNode run(String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("run", "--output", "json"));
    args.addAll(List.of(more));
    Cli.Result result = Cli.ofTheHouse(folder).run(args.toArray(String[]::new));
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return JSON.readTree(result.out());
  }

  /** Each row's values, joined by blanks. */
  private List<String> rows(String sql) throws Exception {
    Cli.Result result = Cli.ofTheHouse(folder).run("query", sql, "--output", "json");
    assertThat(result.code()).as(result.err()).isZero();
    List<String> rows = new ArrayList<>();
    for (JsonNode row : JSON.readTree(result.out()).get("rows")) {
      List<String> values = new ArrayList<>();
      row.elements().forEachRemaining(value -> values.add(value.asText()));
      rows.add(String.join(" ", values));
    }
    return rows;
  }
}
