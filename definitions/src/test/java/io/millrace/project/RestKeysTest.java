package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.source.Endpoint;
import io.millrace.source.Incremental;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** dlt's keys of an endpoint, of {@code incremental} and of {@code resource_defaults}. */
class RestKeysTest {
  @Test
  void writesParamsAsPythonDoes() {
    Endpoint endpoint =
        endpoint(
            """
            {path: x, params: {a: 1, b: [x, 2, null, true], c: true, d: false, e: null, f: "true",
              g: 1.50, h: [], i: "{incremental.start_value}"},
             incremental: {cursor_path: id}}
            """);
    assertThat(endpoint.params())
        .containsExactly(
            Map.entry("a", texts("1")),
            Map.entry("b", texts("x", "2", "True")),
            Map.entry("c", texts("True")),
            Map.entry("d", texts("False")),
            Map.entry("f", texts("true")),
            Map.entry("g", texts("1.50")),
            Map.entry("h", texts()),
            Map.entry("i", texts("{incremental.start_value}")));
  }

  @Test
  void takesFourMethodsAndTwoKindsOfBodies() {
    for (String method : List.of("POST", "PUT", "PATCH")) {
      Endpoint endpoint = endpoint("{method: " + method + ", json: {a: {b: [1, null]}}}");
      assertThat(endpoint.method()).isEqualTo(method);
      assertThat(endpoint.json()).hasToString("{\"a\":{\"b\":[1,null]}}");
    }
    assertThat(endpoint("{method: POST, data: {a: [1, x], b: null, c: true}}").data())
        .hasToString("{\"a\":[1,\"x\"],\"b\":null,\"c\":true}");
    assertThat(endpoint("{method: POST, data: \"<q/>\"}").data()).hasToString("\"<q/>\"");
    assertThat(endpoint("{method: POST, json: {key: \"${env:KEY}\"}}").json())
        .hasToString("{\"key\":\"${env:KEY}\"}");
  }

  @Test
  void refusesBodiesThatCannotBeSent() {
    assertThat(problems("{json: {a: 1}}"))
        .contains("a GET request has no body")
        .contains("add method: POST, PUT or PATCH");
    assertThat(problems("{method: POST, json: {a: 1}, data: {a: 1}}"))
        .contains("json and data exclude each other");
    assertThat(problems("{method: POST, data: {a: {b: 1}}}")).contains("write a nested body under");
    assertThat(problems("{method: DELETE}")).contains("expected one of GET, POST, PUT, PATCH");
    assertThat(problems("{params: {a: {b: 1}}}")).contains("found a map");
  }

  @Test
  void readsTheOlderFormOfAnIncrementalParam() {
    Endpoint endpoint =
        endpoint(
            """
            {params: {state: all, since: {type: incremental, cursor_path: updated_at,
              initial_value: "2026-01-01", transform: unix_seconds}}}
            """);
    assertThat(endpoint.params()).containsOnlyKeys("state");
    Incremental incremental = endpoint.incremental();
    assertThat(incremental.startParam()).isEqualTo("since");
    assertThat(incremental.cursorPath()).isEqualTo("updated_at");
    assertThat(incremental.convert().to()).isEqualTo("unix_seconds");
    assertThat(
            problems(
                """
                {params: {since: {type: incremental, cursor_path: a}}, incremental: {cursor_path: b}}
                """))
        .contains("one is all that it can have");
  }

  @Test
  void readsEveryOptionOfIncremental() {
    Incremental all =
        endpoint(
                """
                {incremental: {cursor_path: "meta.at", initial_value: "2026-01-01", end_value: "2026-02-01",
                  start_param: from, end_param: to, convert: {datetime: "yyyy/MM/dd", timezone: Europe/Paris},
                  last_value_func: min, row_order: desc, lag: -1.5, on_cursor_value_missing: exclude,
                  range_start: open, range_end: closed, primary_key: [], cursor_format: "dd.MM.yyyy",
                  allow_external_schedulers: false}}
                """)
            .incremental();
    assertThat(all.convert())
        .isEqualTo(new Incremental.Convert("datetime", "yyyy/MM/dd", "Europe/Paris"));
    assertThat(all.cursorFormat()).isEqualTo("dd.MM.yyyy");
    assertThat(all.lag()).isEqualTo(-1.5);
    assertThat(all.primaryKey()).isEmpty();
    assertThat(all.backfills()).isTrue();
    assertThat(all.ascends()).isFalse();
  }

  @Test
  void refusesOptionsOfIncrementalThatMeanNothing() {
    assertThat(incrementalProblems("allow_external_schedulers: true"))
        .contains("initial_value and end_value bound a backfill");
    assertThat(incrementalProblems("convert: datetime"))
        .contains("{datetime: \"yyyy-MM-dd HH:mm\"}");
    assertThat(incrementalProblems("convert: {datetime: \"bogus[\"}"))
        .contains("it is no form of a date or time");
    assertThat(incrementalProblems("convert: {datetime: yyyy, timezone: Mars}"))
        .contains("there is no such time zone");
    assertThat(incrementalProblems("cursor_format: \"HH:mm\""))
        .contains("it is no form of a date or time");
    assertThat(incrementalProblems("convert: iso_date, transform: iso_date"))
        .contains("the older name of convert");
    assertThat(incrementalProblems("end_value: 1")).contains("an end_value needs an initial_value");
    assertThat(problems("{incremental: {cursor_path: \"$..x\"}}"))
        .contains("only names and places");
    assertThat(problems("{incremental: {cursor_path: \"$\"}}")).contains("expected a field");
  }

  @Test
  void mergesDefaultsAsDltDoes() {
    Resource resource =
        read("""
                    resource_defaults:
                      primary_key: id
                      write_disposition: merge
                      columns: {a: {data_type: bigint}, b: {data_type: text}}
                      endpoint:
                        path: not-taken
                        method: POST
                        params: {x: 1, y: [1, 2], gone: 1}
                        json: {deep: {kept: false}, a: 1}
                        headers: {A: "1"}
                        incremental: {cursor_path: id, initial_value: 1}
                    resources:
                      - name: r
                        primary_key: [k]
                        columns: [{name: b, nullable: false}, {name: c, data_type: json}]
                        endpoint:
                          params: {y: 3, z: 4, gone: null}
                          json: {deep: {mine: true}, b: 2}
                          headers: {B: "2"}
                          incremental: {cursor_path: at}
                """)
            .orThrow()
            .sources()
            .get(0)
            .resources()
            .get(0);
    Endpoint endpoint = resource.endpoint();
    assertThat(endpoint.path()).hasToString("r");
    assertThat(endpoint.method()).isEqualTo("POST");
    assertThat(endpoint.params())
        .isEqualTo(Map.of("x", texts("1"), "y", texts("3"), "z", texts("4")));
    assertThat(endpoint.json()).hasToString("{\"deep\":{\"mine\":true},\"a\":1,\"b\":2}");
    assertThat(endpoint.headers()).containsOnlyKeys("B");
    assertThat(endpoint.incremental().cursorPath()).isEqualTo("at");
    assertThat(endpoint.incremental().initialValue()).isNull();
    assertThat(resource.hints().primaryKey()).containsExactly("k");
    assertThat(resource.hints().columns())
        .extracting(c -> c.name() + " " + c.type() + " " + c.nullable())
        .containsExactly("a BIGINT null", "b TEXT false", "c JSON null");
  }

  @Test
  void readsResourcesAsTextsAndTheirOtherKeys() {
    List<Resource> resources =
        ((Source.RestApi)
                read("""
                            parallelized: true
                            resources:
                              - plain
                              - {name: short, endpoint: some/path}
                              - &one
                                name: one
                                endpoint: &e {path: x, params: {q: 1}}
                                selected: false
                                parallelized: true
                                table_format: native
                                file_format: parquet
                                references: [{referenced_table: plain, columns: [a], referenced_columns: [b]}]
                              - name: two
                                endpoint: *e
                        """)
                    .orThrow()
                    .sources()
                    .get(0))
            .resources();
    assertThat(resources.get(0).endpoint().path()).hasToString("plain");
    assertThat(resources.get(1).endpoint().path()).hasToString("some/path");
    assertThat(resources.get(2).selected()).isFalse();
    assertThat(resources.get(3).selected()).isTrue();
    assertThat(resources.get(3).endpoint()).isEqualTo(resources.get(2).endpoint());
  }

  @Test
  void refusesWhatNoDestinationHereCanKeep() {
    assertThat(resourceProblems("table_format: delta")).contains("tables of format delta");
    assertThat(resourceProblems("file_format: avro")).contains("file_format");
    assertThat(resourceProblems("parent_table_name: other")).contains("parent_table_name");
  }

  private static String incrementalProblems(String more) {
    return problems("{incremental: {cursor_path: id, " + more + "}}");
  }

  private static String resourceProblems(String more) {
    return told("    resources:\n      - {name: r, " + more + "}\n");
  }

  private static String problems(String endpoint) {
    return told("    resources:\n      - {name: r, endpoint: " + endpoint.strip() + "}\n");
  }

  private static String told(String rest) {
    return read(rest).problems().stream()
        .map(ConfigProblem::render)
        .collect(Collectors.joining("\n"));
  }

  private static Endpoint endpoint(String endpoint) {
    return read("    resources:\n      - {name: r, endpoint: " + endpoint.strip() + "}\n")
        .orThrow()
        .sources()
        .get(0)
        .resources()
        .get(0)
        .endpoint();
  }

  private static Reading read(String rest) {
    return ProjectFile.read(
        """
        project: shop
        sources:
          shop:
            type: rest_api
            client: {base_url: "https://api.example.com/"}
        """
            + rest,
        "millrace.yaml");
  }

  private static List<Text> texts(String... texts) {
    return List.of(texts).stream().map(Text::new).toList();
  }
}
