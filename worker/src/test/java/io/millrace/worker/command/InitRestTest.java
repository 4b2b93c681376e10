package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.worker.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code init rest --url}: what it finds out is what a run then loads. */
@Timeout(120)
class InitRestTest {
  private static final int ALL = 57;

  @TempDir Path temp;
  private ApiStandIn api;
  private Cli cli;
  private String yaml;
  private String err;

  @BeforeEach
  void start() throws Exception {
    api = new ApiStandIn();
    cli = Cli.ofTheHouse(temp);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void findsALinkInTheBodyTheSelectorAndTheKey() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int page = request.number("page", 1);
          String next =
              last(page) ? "null" : "\"" + api.url() + "/v1/orders?page=" + (page + 1) + "\"";
          return ApiStandIn.json(
              "{\"meta\": {\"next\": %s}, \"orders\": %s}".formatted(next, page(page)));
        });
    init("/v1/orders");
    assertThat(api.asked).as("once, and once more for the second page").hasSize(2);
    assertThat(yaml)
        .contains("project: shop\n")
        .contains("base_url: \"" + api.url() + "/v1/\"\n")
        .contains("name: orders\n")
        .contains("primary_key: id   # every record seen has one of its own; so do order_uuid\n")
        .contains("write_disposition: merge ")
        .contains("data_selector: orders\n")
        .contains("paginator: {type: json_link, next_url_path: meta.next}")
        .contains("# the field meta.next; its link brings other records")
        .contains("# incremental: {cursor_path: updated_at, ");
    loads("orders");
  }

  @Test
  void findsTheLinkHeader() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int page = request.number("page", 1);
          ApiStandIn.Answer answer = ApiStandIn.json(page(page));
          String next = "</v1/orders?per_page=5&page=" + (page + 1) + ">; rel=\"next\"";
          return last(page) ? answer : answer.with("Link", next);
        });
    init("/v1/orders?per_page=5&state=open");
    assertThat(yaml)
        .contains("paginator: {type: header_link}")
        .contains("data_selector: \"$\"")
        .contains("params: {per_page: 5, state: open}");
    loads("orders");
  }

  @Test
  void findsACursorAndTheParameterThatTakesIt() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int page = request.number("pageToken", 1);
          String next = last(page) ? "" : ", \"nextPageToken\": \"" + (page + 1) + "\"";
          return ApiStandIn.json("{\"items\": %s%s}".formatted(page(page), next));
        });
    init("/v1/orders");
    assertThat(yaml)
        .contains("paginator: {type: cursor, cursor_path: nextPageToken, cursor_param: pageToken}");
    loads("orders");
  }

  @Test
  void findsPageNumbersByTryingTheSecondPage() throws Exception {
    api.on("/v1/orders", request -> ApiStandIn.json(page(request.number("page", 1))));
    init("/v1/orders");
    assertThat(api.asked).as("page 1 is the one that came, so they count from 1").hasSize(3);
    assertThat(yaml)
        .contains("{type: page_number, base_page: 1, page_param: page, total_path: null}");
    loads("orders");
  }

  @Test
  void findsOffsetAndLimitOfTheAddress() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int limit = request.number("limit", 5);
          int from = request.number("offset", 0);
          return ApiStandIn.json(
              "{\"total_count\": %d, \"data\": %s}"
                  .formatted(ALL, records(from, Math.min(ALL, from + limit))));
        });
    init("/v1/orders?offset=0&limit=10");
    assertThat(yaml)
        .contains(
            "{type: offset, limit: 10, offset_param: offset, limit_param: limit, total_path: total_count}")
        .doesNotContain("  params: {o")
        .doesNotContain("  params: {l");
    loads("orders");
  }

  @Test
  void findsOffsetAndLimitByATotalAlone() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int limit = request.number("limit", 10);
          int from = request.number("offset", 0);
          return ApiStandIn.json(
              "{\"meta\": {\"total\": %d, \"limit\": %d, \"offset\": %d}, \"data\": %s}"
                  .formatted(ALL, limit, from, records(from, Math.min(ALL, from + limit))));
        });
    init("/v1/orders?state=open");
    assertThat(yaml)
        .contains(
            "paginator: {type: offset, limit: 10, offset_param: offset, limit_param: limit,"
                + " total_path: meta.total}   # meta.total: 57; offset=10 brings other records\n")
        .contains("params: {state: open}");
    assertThat(api.asked).hasSize(2);
    loads("orders");
  }

  @Test
  void findsATotalAndPageNumbersTwoObjectsDeep() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int number = request.number("page[number]", 1);
          return ApiStandIn.json(
              "{\"meta\": {\"pagination\": {\"total\": %d, \"current_page\": %d}}, \"data\": %s}"
                  .formatted(ALL, number, page(number)));
        });
    init("/v1/orders?page%5Bnumber%5D=1");
    assertThat(yaml)
        .contains(
            "page_param: \"page[number]\", total_path: meta.pagination.total, total_is: rows}");
    loads("orders");
  }

  @Test
  void findsPageNumbersByATotalInAHeaderAlone() throws Exception {
    api.on(
        "/v1/orders",
        request ->
            ApiStandIn.json(page(request.number("page", 1)))
                .with("X-Total-Count", String.valueOf(ALL)));
    init("/v1/orders?limit=5");
    assertThat(yaml)
        .contains("base_page: 1, page_param: page, total_path: null}")
        .containsIgnoringCase("# header X-Total-Count: 57; page=2 brings other records");
    loads("orders");
  }

  @Test
  void findsPageNumbersFromOneAndFromZeroByATotalAlone() throws Exception {
    for (int base : new int[] {1, 0}) {
      api.asked.clear();
      api.on(
          "/v1/orders",
          request ->
              ApiStandIn.json(
                  "{\"total_count\": %d, \"data\": %s}"
                      .formatted(ALL, page(request.number("page", base) + 1 - base))));
      init("/v1/orders?per_page=5", "shop" + base);
      assertThat(yaml)
          .contains(
              "{type: page_number, base_page: "
                  + base
                  + ", page_param: page, total_path: total_count, total_is: rows}")
          .contains("# total_count: 57; page=" + (base + 1) + " brings other records")
          .contains("params: {per_page: 5}");
      assertThat(api.asked).as("page 1 again means that they count from it").hasSize(2 + base);
      loads("orders", "shop" + base);
    }
  }

  @Test
  void findsRecordsThatAreCountedFromOne() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int from = Math.max(1, request.number("startIndex", 1));
          String list = records(from - 1, Math.min(ALL, from - 1 + 8));
          return ApiStandIn.json(
              "{\"totalResults\": %d, \"startIndex\": %d, \"Resources\": %s}"
                  .formatted(ALL, from, list));
        });
    init("/v1/orders");
    assertThat(yaml)
        .contains(
            "{type: offset, limit: 8, offset: 1, offset_param: startIndex, limit_param: limit,"
                + " total_path: null}");
    loads("orders");
  }

  @Test
  void findsAStartWhoseNameIsOftenThatOfADate() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int from = request.number("start", 0);
          int to = Math.min(ALL, from + request.number("rows", 10));
          return ApiStandIn.json(
              "{\"response\": {\"numFound\": %d, \"start\": %d, \"docs\": %s}}"
                  .formatted(ALL, from, records(from, to)));
        });
    init("/v1/orders?start=0&rows=10");
    assertThat(yaml)
        .contains(
            "{type: offset, limit: 10, offset_param: start, limit_param: rows,"
                + " total_path: response.numFound}");
    loads("orders");
    assertThat(
            cli.run("init", "rest", "--url", api.url() + "/v1/orders?start=20", "--dir", "b")
                .code())
        .isZero();
    assertThat(temp.resolve("b/millrace.yaml")).content().contains("params: {start: 20}");
  }

  @Test
  void asksNoFurtherWhenTheTotalIsThere() throws Exception {
    api.on("/v1/orders", "{\"total\": %d, \"items\": %s}".formatted(10, records(0, 10)));
    init("/v1/orders");
    assertThat(api.asked).hasSize(1);
    assertThat(yaml).contains("paginator: {type: auto}   # no way to a next page was found");
  }

  @Test
  void triesTheParametersThatACursorMayHave() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int page = request.number("next_marker", 1);
          String next = last(page) ? "" : ", \"next_marker\": \"" + (page + 1) + "\"";
          return ApiStandIn.json("{\"items\": %s%s}".formatted(page(page), next));
        });
    init("/v1/orders");
    assertThat(yaml).contains("cursor_path: next_marker, cursor_param: next_marker}");
    loads("orders");
  }

  @Test
  void fieldsThatChangeMakeNoOtherPage() throws Exception {
    AtomicInteger clock = new AtomicInteger();
    api.on(
        "/v1/orders",
        request ->
            ApiStandIn.json(page(1).replace("2026-01-01", "2026-01-0" + clock.incrementAndGet())));
    init("/v1/orders");
    assertThat(api.asked).as("bounded").hasSize(4);
    assertThat(yaml)
        .contains(
            "paginator: {type: auto}   # page=1, page=2, offset=5 bring no other records; if there"
                + " are more pages, say how they go on");
    assertThat(err).as("nothing was told of").doesNotContain("Warning");
  }

  @Test
  void warnsWhenThereIsMoreAndNoWayToItIsFound() throws Exception {
    api.on(
        "/v1/orders",
        request ->
            ApiStandIn.json("{\"result\": {\"total\": 57, \"items\": %s}}".formatted(page(1))));
    init("/v1/orders");
    String more =
        "the answer tells of more records than the 5 that came (result.total: 57), and page=1,"
            + " page=2, offset=5 bring no other records";
    assertThat(err)
        .contains("Warning: only one page will be loaded: " + more)
        .contains("say how pages go on at `paginator` in millrace.yaml");
    assertThat(yaml)
        .contains("          # ONLY ONE PAGE WILL BE LOADED: " + more + ".\n")
        .contains("          # paginator: {type: offset, limit: 5, ")
        .contains("          paginator: {type: auto}\n");
    Cli.Result run = cli.run("run", "-c", "shop", "--output", "json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains(
            "api.orders: the API told of 57 records and 5 came: no way to a next page was found"
                + " (say the endpoint's `paginator`");
    assertThat(new ObjectMapper().readTree(run.out()).at("/assets/0/notes").toString())
        .isEqualTo("{\"more_told\":57,\"more_told_came\":5}");
  }

  @Test
  void warnsOfAFlagAlone() throws Exception {
    api.on(
        "/v1/orders",
        request -> ApiStandIn.json("{\"has_more\": true, \"data\": %s}".formatted(page(1))));
    init("/v1/orders");
    assertThat(err).contains("tells of more records than the 5 that came (has_more: true)");
    assertThat(cli.run("run", "-c", "shop").err())
        .contains("the API told of at least 1 page more than came");
  }

  @Test
  void stopsAskingAServerThatIsInTrouble() throws Exception {
    api.on(
        "/v1/orders",
        request ->
            request.param("page") == null
                ? ApiStandIn.json("{\"total\": 57, \"items\": %s}".formatted(page(1)))
                : ApiStandIn.status(429, "{}"));
    init("/v1/orders");
    assertThat(api.asked).hasSize(2);
    assertThat(err).contains("no second page came: ").contains("Warning: only one page");
  }

  @Test
  void takesAllRowsAnewWhenNothingTellsThemApart() throws Exception {
    api.on("/v1/days", "[{\"id\": 1, \"a\": 1}, {\"id\": 1, \"a\": 2}]");
    init("/v1/days");
    assertThat(yaml).contains("write_disposition: replace").doesNotContain("primary_key: ");
  }

  @Test
  void saysWhatToDoWhenTheApiWantsToKnowWhoAsks() throws Exception {
    api.on(
        "/v1/orders",
        request ->
            "Bearer canary-77aa01".equals(request.authorization())
                ? ApiStandIn.json(page(12))
                : ApiStandIn.status(401, "{}"));
    Cli.Result refused = run("/v1/orders");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.err())
        .contains(
            "the API wants to know who asks: status 401 (export API_TOKEN=… and add --auth bearer;");
    assertThat(temp.resolve("shop")).doesNotExist();
    Cli.Result unset = run("/v1/orders", "--auth", "bearer");
    assertThat(unset.code()).isEqualTo(2);
    assertThat(unset.err()).contains("${env:API_TOKEN}");

    cli.with("SHOP_TOKEN", "canary-77aa01");
    Cli.Result written = run("/v1/orders", "--auth", "bearer", "--name", "shop");
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out() + written.err()).doesNotContain("canary");
    assertThat(temp.resolve("shop/millrace.yaml"))
        .content()
        .contains("auth: {type: bearer, token: \"${env:SHOP_TOKEN}\"}")
        .doesNotContain("canary");
  }

  @Test
  void writesNoSecretOfAnAddress() throws Exception {
    api.on("/v1/orders", request -> ApiStandIn.json(page(12)));
    cli.with("API_API_KEY", "canary-9931ff");
    Cli.Result result = run("/v1/orders?api_key=typed-by-mistake&state=open");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(temp.resolve("shop/millrace.yaml"))
        .content()
        .contains("params: {api_key: \"${env:API_API_KEY}\", state: open}")
        .doesNotContain("typed-by-mistake");
    assertThat(api.asked.get(0).param("api_key")).isEqualTo("canary-9931ff");
    assertThat(result.err() + result.out()).doesNotContain("canary");
  }

  @Test
  void refusesToOverwriteBeforeItAsks() throws Exception {
    Files.createDirectory(temp.resolve("shop"));
    Files.writeString(temp.resolve("shop/millrace.yaml"), "mine");
    Cli.Result result = run("/v1/orders");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("the file is there already");
    assertThat(api.asked).isEmpty();
  }

  @Test
  void nothingThatAServerSaysBecomesConfiguration() throws Exception {
    api.on(
        "/v1/orders",
        """
        {"a\\n\\"'}: [{#${env:HOME}": {"data": [
          {"${env:HOME}_id": 1, "x\\n  evil: true # _id": "p", "updated_at": "2026-01-01"},
          {"${env:HOME}_id": 2, "x\\n  evil: true # _id": "q", "updated_at": "2026-01-02"}]},
         "next": "/v1/${env:HOME}"}
        """);
    Cli.Result result = run("/v1/orders");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(temp.resolve("shop/millrace.yaml"))
        .content()
        .contains("primary_key: \"x\\u000A  evil: true # _id\"")
        .doesNotContain("${")
        .doesNotContain("\n  evil");
  }

  @Test
  void refusesWhatIsNoAddressOfAList() {
    for (String url :
        new String[] {
          "ftp://x/y",
          "orders",
          "https://api.example.com",
          "https://u:p@api.example.com/x",
          "ht tp:"
        }) {
      Cli.Result result = cli.run("init", "rest", "--url", url);
      assertThat(result.code()).as(url).isEqualTo(2);
      assertThat(result.err()).startsWith("Cannot use --url: ").doesNotContain("u:p@");
    }
    assertThat(cli.run("init", "files", "--url", "https://x/y").err())
        .contains("this does not belong to it: --url");
  }

  private void init(String path) throws Exception {
    init(path, "shop");
  }

  private void init(String path, String folder) throws Exception {
    Cli.Result result = cli.run("init", "rest", "--url", api.url() + path, "--dir", folder);
    assertThat(result.code()).as(result.err()).isZero();
    err = result.err();
    yaml = Files.readString(temp.resolve(folder).resolve("millrace.yaml"));
  }

  private Cli.Result run(String path, String... more) {
    String[] args = {"init", "rest", "--url", api.url() + path, "--dir", "shop"};
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return cli.run(all);
  }

  /** The written project is right and a run of it lands every record once. */
  private void loads(String table) throws Exception {
    loads(table, "shop");
  }

  private void loads(String table, String folder) throws Exception {
    Cli.Result check = cli.run("check", "-c", folder);
    assertThat(check.code()).as(check.err() + yaml).isZero();
    Cli.Result run = cli.run("run", "-c", folder);
    assertThat(run.code()).as(run.err() + yaml).isZero();
    JsonNode tables =
        new ObjectMapper().readTree(cli.run("tables", "-c", folder, "--output", "json").out());
    assertThat(tables.at("/tables/0/table").asText()).isEqualTo(table);
    assertThat(tables.at("/tables/0/rows").asInt()).as(yaml).isEqualTo(ALL);
  }

  private static boolean last(int page) {
    return page * 5 >= ALL;
  }

  /** Five records a page, so that the number of records is no multiple. */
  private static String page(int page) {
    return records(Math.min(ALL, (page - 1) * 5), Math.min(ALL, page * 5));
  }

  private static String records(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            n ->
                "{\"total\": 5, \"order_uuid\": \"o-%d\", \"id\": %d, \"updated_at\": \"2026-01-01T00:00:00Z\"}"
                    .formatted(n, 1000 + n))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
