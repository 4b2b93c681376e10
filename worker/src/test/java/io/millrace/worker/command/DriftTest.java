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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An API whose pages move while they are read, newest first: what is inserted in front pushes the
 * last record of a page onto the next one. With everything real, from the command line to the file
 * of the database.
 */
@Timeout(300)
class DriftTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private HttpServer server;
  private final List<Integer> orders = new ArrayList<>();
  private int asked;

  /** Before which requests an order is inserted. */
  private List<Integer> insertsBefore = List.of();

  /** The request that gets the very first page again. */
  private int repeats = -1;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/orders", this::page);
    server.start();
    for (int id = 9; id >= 1; id--) {
      orders.add(id);
    }
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void recordThatMovedToTheNextPageIsAppendedOnce() throws Exception {
    project("");
    insertsBefore = List.of(1, 3);
    Cli.Result result = run();
    JsonNode asset = JSON.readTree(result.out()).at("/assets/0");
    assertThat(ids("orders", "id")).containsExactlyElementsOf(numbers(1, 9));
    assertThat(ids("orders__lines", "of")).containsExactlyElementsOf(numbers(1, 9));
    assertThat(asset.at("/rows/orders").asInt()).isEqualTo(9);
    assertThat(asset.at("/notes/repeated_keys").asInt()).isEqualTo(2);
    assertThat(result.err())
        .contains(
            "shop.orders: 2 records came again with a key that this window had: left out, the first one stays");
    assertThat(column("select notes from _mr_receipts where notes is not null"))
        .as("the receipts of the segments of one page that brought one again")
        .containsExactly("{\"repeated_keys\":1}", "{\"repeated_keys\":1}");
  }

  @Test
  void pageThatComesASecondTimeIsAppendedOnce() throws Exception {
    project("");
    repeats = 2;
    JsonNode asset = JSON.readTree(run().out()).at("/assets/0");
    assertThat(ids("orders", "id")).as("the third page was another").hasSize(6);
    assertThat(asset.at("/notes/repeated_keys").asInt()).isEqualTo(3);
  }

  @Test
  void nextRunAppendsWhatCameBefore() throws Exception {
    project("");
    run();
    run();
    assertThat(ids("orders", "id")).hasSize(18);
  }

  @Test
  void dltAppendsWhatComesAgain() throws Exception {
    project("schema: {compat: dlt}\n");
    insertsBefore = List.of(1);
    JsonNode asset = JSON.readTree(run().out()).at("/assets/0");
    assertThat(ids("orders", "id")).hasSize(10).contains(7, 7);
    assertThat(asset.has("notes")).isFalse();
  }

  private void page(HttpExchange exchange) throws IOException {
    if (insertsBefore.contains(asked)) {
      orders.add(0, 100 + asked);
    }
    int offset =
        Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*offset=|&.*", ""));
    int from = Math.min(orders.size(), asked == repeats ? 0 : offset);
    asked++;
    String items =
        orders.subList(from, Math.min(orders.size(), from + 3)).stream()
            .map(id -> "{\"id\":%d,\"lines\":[{\"of\":%d}]}".formatted(id, id))
            .collect(Collectors.joining(","));
    byte[] body = ("{\"items\":[" + items + "]}").getBytes(UTF_8);
    try (exchange) {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void project(String schema) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: drift
        destination: {type: duckdb, path: d.duckdb, dataset: data}
        segment: {pages: 1}
        %ssources:
          shop:
            type: rest_api
            client:
              base_url: http://127.0.0.1:%d/
              paginator: {type: offset, limit: 3, total_path: null}
            resources:
              - name: orders
                primary_key: id
                write_disposition: append
                endpoint: {path: orders, data_selector: items}
        """
            .formatted(schema, server.getAddress().getPort()));
  }

  private Cli.Result run() {
    Cli.Result result = Cli.ofTheHouse(folder).run("run", "--output", "json");
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return result;
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).boxed().toList();
  }

  private List<Integer> ids(String table, String column) throws IOException {
    return column("select \"%s\" from %s order by 1".formatted(column, table)).stream()
        .map(Integer::valueOf)
        .toList();
  }

  private List<String> column(String sql) throws IOException {
    Cli.Result result = Cli.ofTheHouse(folder).run("query", sql, "--output", "json");
    assertThat(result.code()).as(result.err()).isZero();
    List<String> values = new ArrayList<>();
    for (JsonNode row : JSON.readTree(result.out()).get("rows")) {
      values.add((row.isArray() ? row.get(0) : row.elements().next()).asText());
    }
    return values;
  }
}
