package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.worker.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InitOpenApiTest {
  private static final Path SHOP = Path.of("src/test/resources/openapi/shop.yaml");

  @TempDir Path temp;
  private Cli cli;

  @BeforeEach
  void start() {
    cli = Cli.ofTheHouse(temp);
  }

  @Test
  void everyListBecomesAResourceThatCheckAccepts() throws Exception {
    String yaml = written(SHOP);
    assertThat(yaml)
        .startsWith("# Written from shop.yaml: Shop # API\n")
        .contains("base_url: \"https://shop.example.com/v2/\"")
        .contains(
            "auth: {type: api_key, name: X-Shop-Key, location: header, api_key: \"${env:SHOP_API_KEY}\"}")
        .contains(
            """
                  - name: orders
                    primary_key: id
                    write_disposition: merge
                    endpoint:
                      path: orders
                      data_selector: data
                      params: {per_page: 250}
                      paginator: {type: page_number, base_page: 1, page_param: page, total_path: null}
            """)
        .contains(
            """
                  - name: customers
                    primary_key: uuid
                    write_disposition: merge
                    endpoint:
                      path: "shops/${vars.shop}/customers"
                      data_selector: customers
                      params: {region: "${vars.region}"}
                      paginator: {type: cursor, cursor_path: next_cursor, cursor_param: cursor}
            """)
        .contains("  shop: \"${env:SHOP_SHOP}\"\n", "  region: \"${env:SHOP_REGION:-eu}\"\n")
        .contains(
            "{type: offset, limit: 100, offset_param: offset, limit_param: limit, total_path: total_count}")
        .contains("primary_key: sku")
        .contains(
            """
                  - name: tags
                    endpoint:
                      path: tags
                      data_selector: "$"
                      paginator: {type: header_link}
            """);
    check();
  }

  @Test
  void saysOfEveryOtherGetWhyNot() throws Exception {
    assertThat(written(SHOP))
        .contains("#   GET /orders/{order_id}: it answers with one thing, not with a list\n")
        .contains("#   GET /circle: its schema lies in another document, or nowhere\n")
        .contains("#   GET /elsewhere: its schema lies in another document, or nowhere\n")
        .contains("#   GET /csv: no answer of JSON is described\n")
        .contains("#   GET /old: it is deprecated\n")
        .contains("#   GET /x${env:HOME}: its path would be a reference\n")
        .contains("#   GET /line project: evil: ")
        .doesNotContain("\nproject: evil");
  }

  @Test
  void aPathWithTheIdOfAnotherListIsItsChild() throws Exception {
    String yaml = written(SHOP);
    assertThat(yaml)
        .contains(
            """
                  - name: events
                    primary_key: id
                    write_disposition: merge
                    endpoint:
                      path: "orders/{resources.orders.id}/events"
            """)
        .contains(
            "path: \"orders/{resources.events.order_id}/events/{resources.events.id}/notes\"");
  }

  @Test
  void whatIsWrittenRuns() throws Exception {
    try (ApiStandIn api = new ApiStandIn()) {
      Files.writeString(
          temp.resolve("api.json"),
          """
          {"openapi": "3.0.3", "servers": [{"url": "%s/v2"}], "paths": {
            "/orders": {"get": {"parameters": [
                {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}],
              "responses": {"200": {"content": {"application/json": {"schema":
                {"type": "object", "properties": {"data": %2$s}}}}}}}},
            "/orders/{order_id}/events": {"get": {"responses": {"200": {"content":
              {"application/json": {"schema": %2$s}}}}}}}}
          """
              .formatted(
                  api.url(),
                  "{\"type\": \"array\", \"items\": {\"type\": \"object\", \"properties\":"
                      + " {\"id\": {\"type\": \"integer\"}}}}"));
      api.on(
          "/v2/orders",
          request ->
              ApiStandIn.json(
                  request.number("page", 1) < 3
                      ? "{\"data\": [{\"id\": %d}]}".formatted(request.number("page", 1))
                      : "{\"data\": []}"));
      api.on("/v2/orders/1/events", "[{\"id\": 11}, {\"id\": 12}]");
      api.on("/v2/orders/2/events", "[{\"id\": 21}]");
      written(temp.resolve("api.json"));
      Cli.Result live = cli.run("check", "--live", "-c", "p", "--output", "json");
      assertThat(live.code()).as(live.out() + live.err()).isZero();
      Cli.Result run = cli.run("run", "-c", "p");
      assertThat(run.code()).as(run.out() + run.err()).isZero();
      Cli.Result rows = cli.run("query", "-c", "p", "select id from events order by id");
      assertThat(rows.out()).contains("11", "12", "21");
    }
  }

  @Test
  void refusesWhatIsNoOpenApiDocument() throws Exception {
    assertThat(refused("{\"swagger\": \"2.0\"}"))
        .contains("it is Swagger 2.0 (convert it to OpenAPI 3)");
    assertThat(refused("[1]")).contains("it does not say openapi: 3");
    assertThat(refused("{\"openapi\": \"3.0.0\"")).contains("it is not JSON: ");
    assertThat(refused("a: [")).contains("Cannot read the file as YAML");
    assertThat(refused("openapi: 3.0.3\npaths: {}")).contains("it has no GET at all");
    assertThat(cli.run("init", "openapi").err()).contains("none is named");
    assertThat(cli.run("init", "openapi", "nowhere.json").err())
        .contains("the file cannot be read");
  }

  @Test
  void aBombOfSchemasEndsSoon() throws Exception {
    StringBuilder schemas = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String next = "{\"$ref\": \"#/components/schemas/S" + (i + 1) % 40 + "\"}";
      schemas
          .append(i == 0 ? "" : ",")
          .append("\"S" + i + "\": {\"allOf\": [" + next + "," + next + "," + next + "]}");
    }
    Path file = temp.resolve("bomb.json");
    Files.writeString(
        file,
        """
        {"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": {"200": {"content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}}},
         "components": {"schemas": {%s}}}
        """
            .formatted(schemas));
    Cli.Result result = cli.run("init", "openapi", file.toString());
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("it answers with one thing, not with a list");
  }

  /** With {@code MILLRACE_OPENAPI}, a document of thousands of endpoints, for example GitHub's. */
  @Test
  void aLargeDocumentGivesAProjectThatCheckAccepts() throws Exception {
    String large = System.getenv("MILLRACE_OPENAPI");
    assumeThat(large).as("MILLRACE_OPENAPI names an OpenAPI document").isNotNull();
    String yaml = written(Path.of(large));
    Files.writeString(Path.of("target/large-openapi.yaml"), yaml);
    assertThat(yaml.lines().filter(line -> line.startsWith("      - name: ")).count())
        .isBetween(1L, 200L);
    check();
  }

  private String written(Path document) throws Exception {
    Cli.Result result =
        cli.run(
            "init",
            "openapi",
            document.toAbsolutePath().toString(),
            "--dir",
            "p",
            "--name",
            "shop");
    assertThat(result.code()).as(result.err()).isZero();
    return Files.readString(temp.resolve("p/millrace.yaml"));
  }

  private void check() throws Exception {
    Cli.Result check = cli.run("check", "-c", "p", "--output", "json");
    assertThat(check.code()).as(check.err()).isZero();
    JsonNode document = new ObjectMapper().readTree(check.out());
    assertThat(document.get("problems")).isEmpty();
    assertThat(document.get("assets").asInt()).isPositive();
  }

  private String refused(String content) throws Exception {
    Path file = Files.writeString(temp.resolve("document"), content);
    Cli.Result result = cli.run("init", "openapi", file.toString());
    assertThat(result.code()).isEqualTo(2);
    assertThat(temp.resolve("millrace.yaml")).doesNotExist();
    return result.err();
  }
}
