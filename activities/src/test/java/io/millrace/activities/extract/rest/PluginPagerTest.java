package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.project.ProjectFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Paginators that a plugin brings: {@link ShelvesPlugin}. */
@Timeout(30)
class PluginPagerTest {
  @TempDir Path folder;
  private final MockWebServer server = new MockWebServer();

  @BeforeEach
  void start() throws Exception {
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void leadsThroughPagesByAddressParametersHeadersAndState() throws Exception {
    pages("{\"data\":[1,2],\"next\":{\"ticket\":7}}", "{\"data\":[3]}", "{\"data\":[4]}");
    assertThat(source("paginator: {type: shelves, shelves: 2}").bodies()).hasSize(3);
    assertThat(asked()).isEqualTo("GET /v1/orders?shelf=1 null");
    assertThat(asked()).isEqualTo("GET /v1/orders/on?x=1&shelf=1 7/2/2");
    assertThat(asked()).isEqualTo("GET /v1/orders?shelf=2 null");
  }

  @Test
  void goesOnFromTheStoredStepInAnotherProcess() throws Exception {
    pages("{\"data\":[1],\"next\":{\"ticket\":7}}");
    FetchedSegment first =
        source("paginator: {type: shelves, shelves: 2}").segmentsOf(1).fetch(null);
    assertThat(first.fetched().position().at("/paginator/type").asText()).isEqualTo("shelves");
    assertThat(first.fetched().position().at("/step/state").asText()).isEqualTo("1");
    pages("{\"data\":[2]}", "{\"data\":[3]}");
    FetchedSegment rest =
        source("paginator: {type: shelves, shelves: 2}").fetch(first.fetched().position());
    assertThat(rest.bodies()).containsExactly("{\"data\":[2]}", "{\"data\":[3]}");
    assertThat(rest.fetched().done()).isTrue();
    assertThat(server.getRequestCount()).as("nothing is asked for twice").isEqualTo(3);
  }

  @Test
  void aPositionOfAnotherPaginatorIsLost() throws Exception {
    pages("{\"data\":[1],\"next\":{\"ticket\":7}}");
    FetchedSegment first = source("paginator: {type: shelves}").segmentsOf(1).fetch(null);
    fails(
        () -> source("paginator: auto").fetch(first.fetched().position()),
        Failure.WINDOW_LOST,
        "its paginator was shelves");
  }

  @Test
  void setsValuesInTheBodyOfJsonAndOfForms() throws Exception {
    pages("{\"data\":[1],\"next\":{\"ticket\":7}}", "{\"data\":[2]}");
    source("method: POST\njson: {page: {size: 5}}\npaginator: {type: shelves, do: body}").bodies();
    assertThat(body()).isEqualTo("{\"page\":{\"size\":5}}");
    assertThat(body()).isEqualTo("{\"page\":{\"size\":5,\"again\":true,\"ticket\":7}}");
    pages("{\"data\":[1],\"next\":{\"ticket\":7}}");
    fails(
        () -> source("paginator: {type: shelves, do: body}").bodies(),
        Failure.CONFIG_INVALID,
        "a GET request has none (add `method: POST`)");
    pages("{\"data\":[1],\"next\":{\"ticket\":7}}");
    fails(
        () -> source("method: POST\ndata: abc\npaginator: {type: shelves, do: body}").bodies(),
        Failure.CONFIG_INVALID,
        "a text has no places for them (write `json`, or a map as `data`)");
  }

  @Test
  void aStatusCanBeTheEndButNotOfTheFirstPage() throws Exception {
    pages("{\"data\":[1],\"next\":{\"ticket\":7}}");
    server.enqueue(Api.status(410));
    assertThat(source("paginator: {type: shelves}").bodies()).hasSize(1);
    server.enqueue(Api.status(410));
    fails(() -> source("paginator: {type: shelves}").bodies(), Failure.SOURCE_REFUSED, "410");
  }

  @Test
  void itsLinksAreJudgedLikeThoseOfTheServer() throws Exception {
    pages("{\"data\":[1],\"next\":\"http://elsewhere.example/\"}");
    fails(
        () -> source("paginator: {type: shelves, do: away}").bodies(),
        Failure.POLICY_REFUSED,
        "elsewhere.example");
  }

  @Test
  void pagesThatAreTheSameTwiceAreACircleThoughTheStateMoves() throws Exception {
    pages("{\"data\":[1]}", "{\"data\":[1]}");
    fails(
        () -> source("paginator: {type: shelves, do: stand}").bodies(),
        Failure.POLICY_REFUSED,
        "leads in a circle");
  }

  @Test
  void keepsSecretsAndLongTextsOutOfThePosition() throws Exception {
    Files.writeString(folder.resolve("secret"), "canary-9f2c11-ticket");
    for (String wrong : List.of("leak", "talk", "hoard")) {
      pages("{\"data\":[1]}");
      assertThatThrownBy(
              () ->
                  source(
                          "paginator: {type: shelves, do: %s, secret: \"${file:secret}\"}"
                              .formatted(wrong))
                      .bodies())
          .isInstanceOf(MillraceException.class)
          .satisfies(e -> assertThat(Api.stack(e)).doesNotContain("canary"))
          .hasMessageContaining(
              switch (wrong) {
                case "leak" -> "Cannot store the way to the next page of shop.orders: it holds a";
                case "talk" -> "paginator shelves: the plugin refuses: no ticket, said with ***";
                default -> "more than 8000 characters: paginator shelves: ";
              });
    }
  }

  @Test
  void refusedOptionsAndUnknownTypesAreMistakesOfTheConfiguration() {
    fails(
        () -> source("paginator: {type: shelves, do: nothing}").bodies(),
        Failure.CONFIG_INVALID,
        "Cannot use paginator shelves: the plugin refuses: unknown: do");
    pages("{\"data\":[1]}");
    fails(
        () -> source("paginator: {type: shelves, do: nameless}").bodies(),
        Failure.CONFIG_INVALID,
        "a name or a value is null: [shelf]");
    pages("{\"data\":[1]}");
    fails(
        () -> source("paginator: {type: shelves, do: forget}").bodies(),
        Failure.INTERNAL,
        "Cannot use paginator shelves: the plugin refuses: it gives null");
    String yaml =
        "project: x\nsources:\n  s:\n    type: rest_api\n    client: {base_url: \"http://x/\","
            + " paginator: shelve}\n    resources: [a]\n";
    assertThat(ProjectFile.read(yaml, "x").problems().toString())
        .contains("unknown paginator type", "did you mean shelves?");
  }

  private YamlSource source(String endpoint) {
    return YamlSource.of(folder, server.url("/v1/").toString(), "", endpoint);
  }

  private void pages(String... bodies) {
    for (String body : bodies) {
      server.enqueue(Api.json(body).build());
    }
  }

  private String asked() throws Exception {
    RecordedRequest request = server.takeRequest();
    return request.getMethod()
        + " "
        + request.getTarget()
        + " "
        + request.getHeaders().get("X-Ticket");
  }

  private String body() throws Exception {
    return server.takeRequest().getBody().utf8();
  }

  private static void fails(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable code, Failure failure, String part) {
    assertThatThrownBy(code)
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining(part)
        .matches(e -> ((MillraceException) e).failure() == failure, "is " + failure);
  }
}
