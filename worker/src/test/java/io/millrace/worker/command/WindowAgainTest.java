package io.millrace.worker.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.worker.Cli;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run leaves its window open, and the next one cannot go on where it stopped: with everything
 * real, from the command line to the file of the database.
 */
@Timeout(300)
class WindowAgainTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"append", "merge"})
  void readsAFileAgainThatChangedWhileItsWindowWasOpen(String disposition) throws Exception {
    project(
        disposition,
        """
            type: filesystem
            bucket_url: data/
        """,
        "file_glob: \"*.jsonl\"");
    Path file = Files.createDirectories(folder.resolve("data")).resolve("a.jsonl");
    Files.writeString(file, lines(1, 4));
    run();
    assertThat(ids()).containsExactly(1, 2, 3, 4);
    Files.writeString(file, lines(11, 19));
    JsonNode part = run("--limit", "1");
    assertThat(part.at("/assets/0/rows/orders").asInt()).isBetween(1, 8);
    Files.writeString(file, lines(21, 26) + "\n");

    JsonNode again = run();

    assertThat(ids()).containsExactly(1, 2, 3, 4, 21, 22, 23, 24, 25, 26);
    assertThat(children()).as("two lines of each order").containsExactlyElementsOf(twice(ids()));
    assertThat(again.at("/assets/0/rows/orders").asInt()).isEqualTo(6);
    assertThat(again.at("/assets/0/notes").has("resumed")).isFalse();
    assertThat(again.at("/assets/0/restarted").asText())
        .startsWith("Read its open window again from its start: Cannot read on in shop.orders:")
        .contains("a file changed during the run", "a.jsonl")
        .endsWith(
            "the rows that it had were removed: %d of orders, %d of orders__lines"
                .formatted(
                    part.at("/assets/0/rows/orders").asInt(),
                    part.at("/assets/0/rows/orders__lines").asInt()));
    assertThat(run().at("/assets/0").has("restarted")).as("only once").isFalse();
  }

  @Test
  void tellsThatItFinishedAnEarlierRun() throws Exception {
    project("merge", "    type: filesystem\n    bucket_url: data/\n", "file_glob: \"*.jsonl\"");
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("b.jsonl"), lines(1, 9));
    run("--limit", "1");

    Cli.Result second = Cli.ofTheHouse(folder).run("run", "--output", "json");

    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.err())
        .contains(
            "shop.orders: went on with the run that was interrupted: run again for what is newer than that one\n");
    assertThat(JSON.readTree(second.out()).at("/assets/0/notes/resumed").asInt()).isEqualTo(1);
    assertThat(run().at("/assets/0").has("notes")).as("nothing was left open").isFalse();
    assertThat(ids()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void readsAnApiAgainWhoseCursorExpired() throws Exception {
    List<String> asked = new ArrayList<>();
    HttpServer api =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    int[] session = {1};
    api.createContext("/orders", exchange -> page(exchange, asked, session));
    api.start();
    try {
      project(
          "append",
          """
              type: rest_api
              client:
                base_url: http://127.0.0.1:%d/
                paginator: {type: cursor, cursor_path: next, cursor_param: cursor}
          """
              .formatted(api.getAddress().getPort()),
          "endpoint: {path: orders, data_selector: items}");
      run("--limit", "2");
      assertThat(ids()).containsExactly(1, 2, 3, 4);
      session[0]++;

      JsonNode again = run();

      assertThat(ids()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(children()).hasSize(12);
      assertThat(again.at("/assets/0/restarted").asText())
          .contains("does not know the place any more", "status 410", "removed: 4 of orders");
      assertThat(asked).containsExactly("null", "1-3", "1-5", "null", "2-3", "2-5");
    } finally {
      api.stop(0);
    }
  }

  /** Two orders a page; a cursor is of a session, and of no other. */
  private static void page(HttpExchange exchange, List<String> asked, int[] session)
      throws IOException {
    String query = exchange.getRequestURI().getQuery();
    String cursor = query == null ? null : query.replaceFirst("^.*cursor=", "");
    asked.add(String.valueOf(cursor));
    byte[] body = "{\"error\":\"cursor expired\"}".getBytes(UTF_8);
    int status = 410;
    if (cursor == null || cursor.startsWith(session[0] + "-")) {
      int first = cursor == null ? 1 : Integer.parseInt(cursor.substring(2));
      String next = first < 5 ? "\"" + session[0] + "-" + (first + 2) + "\"" : "null";
      String items = lines(first, first + 1).strip().replace('\n', ',');
      body = ("{\"items\":[" + items + "],\"next\":" + next + "}").getBytes(UTF_8);
      status = 200;
    }
    try (exchange) {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void project(String disposition, String source, String resource) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: again
        destination:
          type: duckdb
          path: again.duckdb
          dataset: data
        segment: {bytes: 100B, pages: 1}
        sources:
          shop:
        """
            + source.indent(0)
            + """
                resources:
                  - name: orders
                    primary_key: id
                    write_disposition: %s
                    %s
            """
                .formatted(disposition, resource));
  }

  /** Orders of these ids, each with two lines. */
  private static String lines(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(id -> "{\"id\":%d,\"lines\":[{\"of\":%d},{\"of\":%d}]}\n".formatted(id, id, id))
        .collect(Collectors.joining());
  }

  private JsonNode run(String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("run", "--output", "json"));
    args.addAll(List.of(more));
    Cli.Result result = Cli.ofTheHouse(folder).run(args.toArray(String[]::new));
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return JSON.readTree(result.out());
  }

  private List<Integer> ids() throws Exception {
    return numbers("select id from orders order by 1");
  }

  private List<Integer> children() throws Exception {
    return numbers("select \"of\" from orders__lines order by 1");
  }

  private static List<Integer> twice(List<Integer> ids) {
    return ids.stream().flatMap(id -> IntStream.of(id, id).boxed()).toList();
  }

  private List<Integer> numbers(String sql) throws Exception {
    Cli.Result result = Cli.ofTheHouse(folder).run("query", sql, "--output", "json");
    assertThat(result.code()).as(result.err()).isZero();
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode row : JSON.readTree(result.out()).get("rows")) {
      numbers.add((row.isArray() ? row.get(0) : row.elements().next()).asInt());
    }
    return numbers;
  }
}
