package io.millrace.worker.command;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import io.millrace.worker.Cli;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The configurations of dlt's documentation as YAML, run twice against a server that answers as
 * those APIs do.
 */
@Timeout(180)
class DltExamplesTest {
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

  @ParameterizedTest
  @ValueSource(strings = {"github.yaml", "github-params.yaml"})
  void github(String config) throws IOException {
    github();
    run(config);
    assertThat(one("select count(*) from issues")).isEqualTo("3");
    assertThat(one("select user__login from issues where number = 2")).isEqualTo("bo");
    assertThat(one("select string_agg(name, ' ' order by name) from issues__labels"))
        .isEqualTo("bug bug");
    api.verify(
        getRequestedFor(urlPathEqualTo("/repos/dlt-hub/dlt/issues"))
            .withQueryParam("since", equalTo("2024-01-25T11:21:28Z"))
            .withQueryParam("per_page", equalTo("100"))
            .withHeader("Authorization", equalTo("Bearer a-github-token")));
    run(config);
    api.verify(
        getRequestedFor(urlPathEqualTo("/repos/dlt-hub/dlt/issues"))
            .withQueryParam("since", equalTo("2024-03-03T00:00:00Z")));
    assertThat(one("select count(*) from issues")).isEqualTo("3");
    assertThat(one("select title from issues where number = 3")).isEqualTo("changed");
  }

  @Test
  void githubWithTheCommentsOfEveryIssue() throws IOException {
    write("github-children.yaml");
    github();
    for (int issue = 1; issue <= 3; issue++) {
      api.stubFor(
          get(urlPathEqualTo("/repos/dlt-hub/dlt/issues/" + issue + "/comments"))
              .willReturn(okJson("[{\"id\":" + 10 * issue + ",\"body\":\"b\"}]")));
    }
    run("github-children.yaml");
    assertThat(one("select string_agg(_issues_id::varchar, ' ' order by id) from issue_comments"))
        .isEqualTo("101 102 103");
  }

  private void github() {
    String issues = "/repos/dlt-hub/dlt/issues";
    String next = "<%s%s?per_page=100&page=2>; rel=\"next\"".formatted(api.baseUrl(), issues);
    api.stubFor(
        get(urlPathEqualTo(issues))
            .withQueryParam("since", equalTo("2024-01-25T11:21:28Z"))
            .willReturn(
                okJson(
                        "["
                            + issue(3, "third", "2024-03-03")
                            + ","
                            + issue(2, "x", "2024-02-02")
                            + "]")
                    .withHeader("Link", next)));
    api.stubFor(
        get(urlPathEqualTo(issues))
            .withQueryParam("page", equalTo("2"))
            .willReturn(okJson("[" + issue(1, "first", "2024-01-26") + "]")));
    api.stubFor(
        get(urlPathEqualTo(issues))
            .withQueryParam("since", equalTo("2024-03-03T00:00:00Z"))
            .willReturn(okJson("[" + issue(3, "changed", "2024-03-04") + "]")));
    api.stubFor(
        get(urlPathEqualTo("/repos/dlt-hub/dlt/contributors"))
            .willReturn(okJson("[{\"id\":1,\"login\":\"ada\",\"contributions\":9}]")));
  }

  private static String issue(int number, String title, String day) {
    return """
        {"id":%d,"number":%d,"title":"%s","updated_at":"%sT00:00:00Z","user":{"login":"%s"},"labels":[%s]}
        """
        .formatted(
            100 + number,
            number,
            title,
            day,
            number == 2 ? "bo" : "ada",
            number == 3 ? "" : "{\"name\":\"bug\"}");
  }

  @Test
  void pokemon() throws IOException {
    for (String list : new String[] {"pokemon", "berry", "location"}) {
      String path = "/api/v2/" + list;
      page(
          get(urlPathEqualTo(path)).withQueryParam("offset", absent()),
          "{\"count\":3,\"next\":\"%s%s?offset=2&limit=1000\",\"previous\":null,\"results\":[%s]}"
              .formatted(api.baseUrl(), path, "{\"name\":\"a\",\"url\":\"u\"},{\"name\":\"b\"}"));
      page(
          get(urlPathEqualTo(path)).withQueryParam("offset", equalTo("2")),
          "{\"count\":3,\"next\":null,\"previous\":\"x\",\"results\":[{\"name\":\"c\"}]}");
    }
    run("pokemon.yaml");
    assertThat(one("select string_agg(name, '' order by name) from pokemon")).isEqualTo("abc");
    assertThat(one("select count(*) from berry")).isEqualTo("3");
    assertThat(one("select count(*) from location")).isEqualTo("3");
    api.verify(
        3 - 2,
        getRequestedFor(urlPathEqualTo("/api/v2/pokemon"))
            .withQueryParam("offset", absent())
            .withQueryParam("limit", equalTo("1000")));
  }

  @Test
  void jira() throws IOException {
    for (int start = 0; start <= 100; start += 50) {
      int from = start;
      String issues =
          IntStream.range(from, Math.min(from + 50, 120))
              .mapToObj(
                  i ->
                      """
                      {"id":"%d","key":"P-%d","fields":{"summary":"s","updated":"2024-02-%02dT10:00:00.000+0200"}}
                      """
                          .formatted(i, i, 1 + i / 10))
              .collect(Collectors.joining(","));
      page(
          get(urlPathEqualTo("/rest/api/3/search"))
              .withQueryParam("startAt", equalTo("" + start))
              .withQueryParam("maxResults", equalTo("50"))
              .withQueryParam("jql", equalTo("updated >= '2024-01-01 00:00' order by updated asc"))
              .withBasicAuth("me@example.com", "a-jira-token"),
          "{\"startAt\":%d,\"maxResults\":50,\"total\":120,\"issues\":[%s]}"
              .formatted(start, issues));
    }
    page(
        get(urlPathEqualTo("/rest/api/3/search"))
            .withQueryParam("jql", equalTo("updated >= '2024-02-12 08:00' order by updated asc")),
        "{\"startAt\":0,\"maxResults\":50,\"total\":0,\"issues\":[]}");
    page(get(urlPathEqualTo("/rest/api/3/users/search")), "[{\"accountId\":\"1\"}]");
    run("jira.yaml");
    assertThat(one("select count(*) from issues")).isEqualTo("120");
    assertThat(one("select max(fields__updated)::varchar from issues"))
        .startsWith("2024-02-12 08:00:00");
    api.verify(
        getRequestedFor(urlPathEqualTo("/rest/api/3/search"))
            .withQueryParam("startAt", equalTo("100"))
            .withQueryParam("fields", equalTo("summary"))
            .withQueryParam("fields", equalTo("updated")));
    run("jira.yaml");
    assertThat(one("select count(*) from issues")).isEqualTo("120");
  }

  private void page(MappingBuilder request, String body) {
    api.stubFor(request.willReturn(okJson(body)));
  }

  private void write(String config) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/dlt/" + config)) {
      Files.write(folder.resolve("millrace.yaml"), in.readAllBytes());
    }
  }

  private void run(String config) throws IOException {
    write(config);
    Cli.Result result = cli().run("run");
    assertThat(result.code()).as(result.err()).isZero();
  }

  private String one(String sql) {
    String out = cli().run("query", sql, "--output", "json").out();
    return out.replaceAll("(?s).*\"rows\" : \\[ \\[ \"?(.*?)\"? ] ].*", "$1");
  }

  private Cli cli() {
    return Cli.ofTheHouse(folder)
        .with("API", api.baseUrl())
        .with("GITHUB_TOKEN", "a-github-token")
        .with("JIRA_TOKEN", "a-jira-token");
  }
}
