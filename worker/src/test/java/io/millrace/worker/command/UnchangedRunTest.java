package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.worker.Cli;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An API that says when nothing changed, with everything real. */
@Timeout(180)
class UnchangedRunTest {
  @TempDir Path folder;
  private final List<Integer> answered = new ArrayList<>();
  private HttpServer api;
  private volatile String body = "[{\"id\":1},{\"id\":2}]";

  @BeforeEach
  void serve() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    api.createContext("/customers", this::answer);
    api.start();
  }

  @AfterEach
  void stop() {
    api.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String etag = "\"" + body.hashCode() + "\"";
    boolean same = etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("ETag", etag);
    exchange.sendResponseHeaders(same ? 304 : 200, same ? -1 : bytes.length);
    synchronized (answered) {
      answered.add(same ? 304 : 200);
    }
    try (exchange) {
      if (!same) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @Test
  void unchangedResourceIsOneAnswerAndNoRowIsWritten() throws IOException {
    for (String disposition : List.of("append", "replace")) {
      answered.clear();
      Files.deleteIfExists(folder.resolve("u.duckdb"));
      assertThat(run(disposition)).contains("\"status\":\"succeeded\"");
      assertThat(run(disposition))
          .contains("\"status\":\"unchanged\"", "\"requests\":1", "\"rows\":{}");
      assertThat(run(disposition)).contains("\"status\":\"unchanged\"");
      assertThat(answered).as(disposition).containsExactly(200, 304, 304);
      assertThat(count()).contains("2");
      body = "[{\"id\":3}]";
      assertThat(run(disposition)).contains("\"status\":\"succeeded\"");
      assertThat(count()).contains(disposition.equals("append") ? "3" : "1");
      assertThat(run(disposition, "--full-refresh"))
          .as("a refresh asks for everything")
          .contains("\"status\":\"succeeded\"");
      assertThat(answered).containsExactly(200, 304, 304, 200, 200);
      body = "[{\"id\":1},{\"id\":2}]";
    }
  }

  private String run(String disposition, String... more) throws IOException {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: unchanging
        destination: {type: duckdb, path: u.duckdb, dataset: data}
        sources:
          shop:
            type: rest_api
            client: {base_url: "http://127.0.0.1:%d/"}
            resources:
              - {name: customers, write_disposition: %s}
        """
            .formatted(api.getAddress().getPort(), disposition));
    List<String> args = new ArrayList<>(List.of("run", "--output", "json"));
    args.addAll(List.of(more));
    Cli.Result result = Cli.ofTheHouse(folder).run(args.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return result.out().replaceAll("\\s", "");
  }

  private String count() {
    return Cli.ofTheHouse(folder).run("query", "select count(*) as n from customers").out();
  }
}
