package io.millrace.worker.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.worker.Cli;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everything under {@code examples}, and what {@code init} writes, runs as it is. */
@Timeout(300)
class ExamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What PokéAPI answered in 2026, give or take. */
  private static final Map<String, Integer> POKEDEX =
      Map.of("pokemon", 1302, "berry", 64, "location", 1070);

  @TempDir Path temp;

  @Test
  void pokeapiLandsInThreeTablesAndTwiceIsTheSame() throws Exception {
    Path folder = copyOf("pokeapi");
    List<String> asked = new ArrayList<>();
    HttpServer standIn = pokeApi(asked);
    try {
      String url = "http://127.0.0.1:" + standIn.getAddress().getPort() + "/api/v2/";
      Map<String, String> variables = Map.of("POKEAPI_URL", url);
      for (int run = 1; run <= 2; run++) {
        JsonNode document = millrace(folder, variables, "run");
        assertThat(document.get("assets")).hasSize(3);
        assertThat(rows(folder, variables)).isEqualTo(POKEDEX);
      }
      assertThat(asked)
          .as("two pages, one page, two pages, twice")
          .hasSize(10)
          .contains("/api/v2/pokemon?limit=1000", "/api/v2/pokemon?offset=1000&limit=1000");
    } finally {
      standIn.stop(0);
    }
  }

  @Test
  void filesLandInATableForEachListAndTwiceIsTheSame() throws Exception {
    Path folder = copyOf("files");
    for (int run = 1; run <= 2; run++) {
      millrace(folder, Map.of(), "run");
      assertThat(rows(folder, Map.of()))
          .isEqualTo(Map.of("visits", 7, "visits__clicks", 8, "visits__clicks__labels", 2));
    }
  }

  @Test
  void whatInitWritesForFilesRunsAsItIs() throws Exception {
    millrace(temp, Map.of(), "init", "files");
    millrace(temp, Map.of(), "check");
    millrace(temp, Map.of(), "run");
    assertThat(rows(temp, Map.of())).containsEntry("visits", 5).containsEntry("visits__clicks", 6);
  }

  @Test
  void whatInitWritesForRestHasNoProblems() throws Exception {
    millrace(temp, Map.of(), "init", "rest");
    millrace(temp, Map.of(), "check");
  }

  private Path copyOf(String example) throws IOException {
    Path from = Path.of("..", "examples", example);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(f -> !f.toString().contains(".millrace")).toList()) {
        if (Files.isRegularFile(file) && !file.toString().contains(".duckdb")) {
          Path to = temp.resolve(from.relativize(file));
          Files.createDirectories(to.getParent());
          Files.copy(file, to);
        }
      }
    }
    return temp;
  }

  private static Map<String, Integer> rows(Path folder, Map<String, String> variables)
      throws Exception {
    Map<String, Integer> rows = new HashMap<>();
    for (JsonNode table : millrace(folder, variables, "tables").get("tables")) {
      rows.put(table.get("table").asText(), table.get("rows").asInt());
    }
    return rows;
  }

  private static JsonNode millrace(Path folder, Map<String, String> variables, String... words)
      throws Exception {
    List<String> args = new ArrayList<>(List.of(words));
    args.addAll(List.of("--output", "json"));
    Cli cli = Cli.ofTheHouse(folder);
    variables.forEach(cli::with);
    Cli.Result result = cli.run(args.toArray(new String[0]));
    assertThat(result.code()).as("%s: %s%n%s", args, result.err(), result.out()).isZero();
    return JSON.readTree(result.out());
  }

  /**
   * Answers as PokéAPI does: {@code count}, absolute {@code next} and {@code previous}, names and
   * links.
   */
  private static HttpServer pokeApi(List<String> asked) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v2/",
        exchange -> {
          try (exchange) {
            synchronized (asked) {
              asked.add(exchange.getRequestURI().toString());
            }
            answer(exchange, "http://127.0.0.1:" + server.getAddress().getPort());
          }
        });
    server.start();
    return server;
  }

  private static void answer(HttpExchange exchange, String base) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String kind = path.substring("/api/v2/".length()).replace("/", "");
    String query = "&" + exchange.getRequestURI().getQuery();
    int limit = number(query, "&limit=", 20);
    int offset = number(query, "&offset=", 0);
    int count = POKEDEX.getOrDefault(kind, 0);
    ObjectNode body = JSON.createObjectNode().put("count", count);
    int next = offset + limit;
    body.put("next", next < count ? base + path + "?offset=" + next + "&limit=" + limit : null);
    int previous = offset - limit;
    body.put(
        "previous", previous < 0 ? null : base + path + "?offset=" + previous + "&limit=" + limit);
    ArrayNode results = body.putArray("results");
    for (int n = offset + 1; n <= Math.min(next, count); n++) {
      results
          .addObject()
          .put("name", kind + "-" + n)
          .put("url", "https://pokeapi.co/api/v2/" + kind + "/" + n + "/");
    }
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static int number(String query, String key, int otherwise) {
    int at = query.indexOf(key);
    if (at < 0) {
      return otherwise;
    }
    int end = query.indexOf('&', at + 1);
    return Integer.parseInt(query.substring(at + key.length(), end < 0 ? query.length() : end));
  }
}
