package io.millrace.worker.command;

import static io.millrace.worker.command.ApiStandIn.json;
import static io.millrace.worker.command.ApiStandIn.status;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.worker.Cli;
import io.millrace.worker.FakeRooms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The examples of {@code docs/guides} do what the pages say. */
@Timeout(180)
class GuidesTest {
  private static final Path GUIDES = Path.of("..", "docs", "guides");
  private static final Pattern BLOCK = Pattern.compile("(?m)^```(\\S.*)\\n((?s:.*?))^```$");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private ApiStandIn api;

  @BeforeEach
  void start() throws Exception {
    api = new ApiStandIn();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void aNewApi() throws Exception {
    api.on(
        "/v1/orders",
        request -> {
          int page = request.number("page", 1);
          String next = page == 3 ? "null" : "\"/v1/orders?page=" + (page + 1) + "\"";
          return json("{\"data\": %s, \"paging\": {\"next\": %s}}".formatted(page(page), next));
        });
    take("a-new-api");
    JsonNode live = ok("check", "--live").at("/live/0");
    assertThat(live.get("status").asText()).isEqualTo("ok");
    assertThat(live.get("warnings")).isEmpty();
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("orders", 15L));
  }

  @Test
  void expiringTokens() throws Exception {
    AtomicInteger tokens = new AtomicInteger();
    AtomicInteger uses = new AtomicInteger();
    api.on(
        "/oauth/token",
        request -> {
          String form = request.body();
          assertThat(form).contains("client_secret=canary-secret-1", "scope=read");
          uses.set(0);
          return json(
              "{\"access_token\": \"canary-token-%d\", \"expires_in\": 3600}"
                  .formatted(tokens.incrementAndGet()));
        });
    api.on(
        "/v1/orders",
        request -> {
          boolean fresh = ("Bearer canary-token-" + tokens).equals(authorization(request));
          return fresh && uses.incrementAndGet() <= 2 ? numbered(request) : status(401, "{}");
        });
    take("expiring-tokens");
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("orders", 15L));
    assertThat(tokens).as("each token was taken for two pages").hasValue(2);
  }

  @Test
  void onlyNewRows() throws Exception {
    List<String> records = new ArrayList<>(List.of(order(1, "01"), order(2, "02")));
    api.on(
        "/v1/orders",
        request -> {
          String since = request.param("updated_since");
          return json(
              records.stream()
                  .filter(r -> r.replaceAll(".*\"(2026[^\"]*)\".*", "$1").compareTo(since) >= 0)
                  .collect(Collectors.joining(",", "[", "]")));
        });
    take("only-new-rows");
    ok("run");
    records.set(1, order(2, "03"));
    records.add(order(3, "04"));
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("orders", 3L));
    assertThat(api.asked.stream().map(r -> r.param("updated_since")))
        .containsExactly("2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z");
    assertThat(ok("plan").toString()).contains("2026-02-04T00:00:00Z");
  }

  @Test
  void rateLimits() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    api.on(
        "/v1/orders",
        request -> asked.incrementAndGet() % 2 == 0 ? status(429, "{}") : numbered(request));
    take("rate-limits");
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("orders", 15L));
  }

  @Test
  void resume() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    api.on(
        "/v1/orders",
        request -> {
          int page = request.number("page", 1);
          return page == 5 && broken.get() ? status(500, "{}") : json(page > 6 ? "[]" : page(page));
        });
    take("resume");
    assertThat(millrace("run").code()).isEqualTo(3);
    int before = api.asked.size();
    broken.set(false);
    ok("run");
    assertThat(api.asked.get(before).param("page")).isEqualTo("5");
    assertThat(rows()).as("none twice, none lost").isEqualTo(Map.of("orders", 30L));
  }

  @Test
  void graphql() throws Exception {
    api.on(
        "/graphql",
        request -> {
          JsonNode body = body(request);
          assertThat(body.get("query").asText()).contains("nodes { id total customer { name } }");
          String after = body.at("/variables/after").asText("null");
          int page = after.equals("null") ? 1 : Integer.parseInt(after.substring(1));
          return json(
              """
              {"data": {"orders": {"nodes": %s,
                "pageInfo": {"endCursor": "c%d", "hasNextPage": %s}}}}
              """
                  .formatted(page(page), page + 1, page < 3));
        });
    take("graphql");
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("orders", 15L));
    api.on("/graphql", "{\"errors\": [{\"message\": \"no\"}]}");
    assertThat(millrace("run").code()).isEqualTo(3);
    assertThat(millrace("run").err()).contains("there is nothing at the data_selector");
  }

  @Test
  void files() throws Exception {
    Path visits = Files.createDirectories(folder.resolve("data/visits/2026"));
    Files.writeString(visits.resolve("a.jsonl"), "{\"id\": 1, \"at\": \"2026-03-01T00:00:00Z\"}\n");
    Files.writeString(
        visits.resolve("b.jsonl"),
        "{\"id\": 1, \"at\": \"2026-03-02T00:00:00Z\"}\n{\"id\": 2, \"at\": \"2026-03-03T00:00:00Z\"}\n");
    take("files");
    ok("run");
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("visits", 2L, "latest", 2L));
  }

  @Test
  void comingFromDlt() throws Exception {
    api.on(
        "/repos/dlt-hub/dlt/issues",
        request -> {
          assertThat(request.param("since")).isEqualTo("2024-01-25T11:21:28Z");
          assertThat(request.param("per_page")).isEqualTo("100");
          int page = request.number("page", 1);
          String next =
              "<"
                  + api.url()
                  + request.path()
                  + "?since=2024-01-25T11:21:28Z&per_page=100&page="
                  + (page + 1)
                  + ">; rel=\"next\"";
          return page == 3 ? json(page(page)) : json(page(page)).with("Link", next);
        });
    api.on("/repos/dlt-hub/dlt/contributors", "[{\"id\": 7, \"login\": \"ada\"}]");
    take("coming-from-dlt");
    ok("run");
    assertThat(rows()).isEqualTo(Map.of("issues", 15L, "contributors", 1L));
    assertThat(ok("tables", "--system").toString()).contains("_dlt_loads", "_dlt_id");
  }

  /** What it lands, and with which role, is the contract of PostgreSQL's tests. */
  @Test
  void postgresql() throws Exception {
    take("postgresql");
  }

  @Test
  void noExampleIsWithoutATest() throws Exception {
    List<String> tests =
        Stream.of(GuidesTest.class.getDeclaredMethods())
            .filter(m -> m.isAnnotationPresent(Test.class))
            .map(m -> m.getName().replaceAll("(?=[A-Z])", "-").toLowerCase(java.util.Locale.ROOT))
            .toList();
    examples()
        .forEach(
            (info, text) -> {
              if (info.startsWith("yaml")) {
                assertThat(info)
                    .as("a block of YAML names its example")
                    .startsWith("yaml example=");
                String name = info.substring("yaml example=".length());
                // the page about children is tested with them
                assertThat(tests.contains(name) || name.startsWith("children"))
                    .as("a test runs the example %s", name)
                    .isTrue();
              }
            });
  }

  @Test
  void everyCommandOfAPageIsOne() throws Exception {
    CommandLine line =
        new Millrace(
                new io.millrace.worker.Env(
                    System.out,
                    System.err,
                    Map.of(),
                    folder,
                    false,
                    0,
                    (n, a) -> () -> {},
                    c -> {}),
                new FakeRooms())
            .commandLine();
    int seen = 0;
    for (String page : pages()) {
      Matcher command = Pattern.compile("(?m)^\\$ millrace (.*)$").matcher(page);
      while (command.find()) {
        line.parseArgs(command.group(1).split(" "));
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(4);
  }

  // --- the server's side

  private static ApiStandIn.Answer numbered(ApiStandIn.Asked request) {
    int page = request.number("page", 1);
    return json(page > 3 ? "[]" : page(page));
  }

  private static String page(int page) {
    return IntStream.range((page - 1) * 5, page * 5)
        .mapToObj(
            n ->
                "{\"id\": %d, \"total\": 1.5, \"updated_at\": \"2026-01-01T00:00:00Z\", \"customer\": {\"name\": \"n\"}}"
                    .formatted(n))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String order(int id, String day) {
    return "{\"id\": %d, \"updated_at\": \"2026-02-%sT00:00:00Z\"}".formatted(id, day);
  }

  private static String authorization(ApiStandIn.Asked request) {
    return request.authorization();
  }

  private static JsonNode body(ApiStandIn.Asked request) {
    try {
      return JSON.readTree(request.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  // --- the page's side

  private void take(String example) throws IOException {
    String text = examples().get("yaml example=" + example);
    assertThat(text).as("the guides have the example %s", example).isNotNull();
    Files.writeString(folder.resolve("millrace.yaml"), text);
    ok("check");
  }

  private static Map<String, String> examples() throws IOException {
    Map<String, String> examples = new LinkedHashMap<>();
    for (String page : pages()) {
      Matcher block = BLOCK.matcher(page);
      while (block.find()) {
        String before = examples.put(block.group(1), block.group(2));
        assertThat(before == null || !block.group(1).contains("example="))
            .as("two examples are called %s", block.group(1))
            .isTrue();
      }
    }
    return examples;
  }

  private static List<String> pages() throws IOException {
    List<String> pages = new ArrayList<>();
    try (Stream<Path> files = Files.list(GUIDES)) {
      for (Path file : files.sorted().toList()) {
        pages.add(Files.readString(file, StandardCharsets.UTF_8));
      }
    }
    return pages;
  }

  private JsonNode ok(String... words) throws IOException {
    Cli.Result result = millrace(words);
    assertThat(result.code()).as("%s: %s", List.of(words), result.err()).isZero();
    assertThat(result.out() + result.err()).doesNotContain("canary");
    return JSON.readTree(result.out());
  }

  private Cli.Result millrace(String... words) {
    List<String> args = new ArrayList<>(List.of(words));
    args.addAll(List.of("--output", "json"));
    return Cli.ofTheHouse(folder)
        .with("API_URL", api.url())
        .with("SHOP_SECRET", "canary-secret-1")
        .with("SHOP_TOKEN", "canary-token-0")
        .with("GITHUB_TOKEN", "canary-token-9")
        .run(args.toArray(new String[0]));
  }

  private Map<String, Long> rows() throws IOException {
    Map<String, Long> rows = new TreeMap<>();
    for (JsonNode table : ok("tables").get("tables")) {
      rows.put(table.get("table").asText(), table.get("rows").asLong());
    }
    return rows;
  }
}
