package io.millrace.worker.command;

import static io.millrace.worker.command.ApiStandIn.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.worker.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dataset that a real dlt made is taken over, and dlt reads it afterwards. {@code
 * MILLRACE_DLT_PYTHON} names a Python that has {@code dlt[duckdb]}; skipped without.
 */
@Timeout(300)
class AdoptTest {
  @TempDir Path folder;
  private final List<String> records = new ArrayList<>();
  private ApiStandIn api;

  @BeforeEach
  void serve() throws IOException {
    assumeTrue(python() != null, "MILLRACE_DLT_PYTHON is not set");
    api = new ApiStandIn();
    for (String path : List.of("/orders", "/keyed")) {
      api.on(
          path,
          request -> {
            String since = request.param("since");
            return json(
                records.stream()
                    .filter(
                        r -> r.replaceAll(".*\"at\":\"([^\"]*)\".*", "$1").compareTo(since) >= 0)
                    .collect(Collectors.joining(",", "[", "]")));
          });
    }
    records.add(order(1, "01"));
    records.add(order(2, "02"));
    records.add(order(3, "02"));
    api.on("/all", "[{\"id\":1}]");
  }

  @AfterEach
  void stop() {
    if (api != null) {
      api.close();
    }
  }

  private static String python() {
    return System.getenv("MILLRACE_DLT_PYTHON");
  }

  private static String order(int id, String day) {
    return "{\"id\":%d,\"name\":\"caf\u00e9 \\\"%d\\\"\",\"at\":\"2026-02-%sT00:00:00Z\",\"price\":1.50,\"items\":[{\"sku\":\"a\"}]}"
        .formatted(id, id, day);
  }

  private String dlt(String script) throws Exception {
    Path file = folder.resolve("script.py");
    Files.writeString(file, script);
    ProcessBuilder builder = new ProcessBuilder(python(), file.toString());
    builder.directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("RUNTIME__DLTHUB_TELEMETRY", "false");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  private static final String PIPELINE =
      """
      import dlt, os
      from dlt.sources.rest_api import rest_api_source
      here = os.path.dirname(os.path.abspath(__file__))
      pipeline = dlt.pipeline("pipe", destination=dlt.destinations.duckdb(here + "/shop.duckdb"),
          dataset_name="shop_data", pipelines_dir=here + "/%s")
      """;

  private String load() {
    return PIPELINE.formatted("pipes")
        + """
        def incremental():
            return {"path": "%%s", "params": {"since": "{incremental.start_value}"},
                "incremental": {"cursor_path": "at", "initial_value": "2026-01-01T00:00:00Z"}}
        def endpoint(path):
            found = incremental()
            found["path"] = path
            return found
        source = rest_api_source({"client": {"base_url": "%s/"}, "resource_defaults": {"write_disposition": "append"},
            "resources": [{"name": "orders", "endpoint": endpoint("orders")},
                {"name": "keyed", "primary_key": "id", "endpoint": endpoint("keyed")},
                {"name": "everything", "write_disposition": "replace", "endpoint": {"path": "all"}}]}, name="shop")
        print(pipeline.run(source))
        """
            .formatted(api.url());
  }

  private void project(String prefix) throws IOException {
    String incremental =
        "params: {since: \"{incremental.start_value}\"}, incremental: {cursor_path: at, initial_value: \"2026-01-01T00:00:00Z\"}";
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: shop
        destination: {type: duckdb, path: shop.duckdb, dataset: shop_data}
        system_prefix: %s
        sources:
          shop:
            type: rest_api
            client: {base_url: "%s/"}
            resource_defaults: {write_disposition: append}
            resources:
              - {name: orders, endpoint: {path: orders, %s}}
              - {name: keyed, primary_key: id, endpoint: {path: keyed, %s}}
              - {name: everything, write_disposition: replace, endpoint: {path: all}}
        """
            .formatted(prefix, api.url(), incremental, incremental));
  }

  private Cli.Result millrace(String... args) {
    return Cli.ofTheHouse(folder).run(args);
  }

  private String ok(String... args) {
    Cli.Result result = millrace(args);
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return result.out() + result.err();
  }

  private String ids(String table) {
    return ok("query", "select string_agg(id::varchar, ' ' order by id) as ids from " + table);
  }

  @Test
  void goesOnWhereDltStoppedAndDltStillReads() throws Exception {
    dlt(load());
    project("_mr");
    assertThat(millrace("adopt", "--yes").err()).contains("system_prefix: _dlt");
    project("_dlt");
    Cli.Result refused = millrace("run");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.err() + refused.out()).contains("`millrace adopt`");
    assertThat(ok("adopt", "--dry-run"))
        .contains("up to 2026-02-02T00:00:00Z", "not incremental", "Nothing was changed");
    assertThat(millrace("run").code()).isEqualTo(3);
    ok("adopt", "--yes");
    ok("run");
    assertThat(ids("orders")).as("records at the cursor's boundary came once").contains("1 2 3\n");
    assertThat(ids("keyed")).contains("1 2 3\n");
    records.add(order(4, "02"));
    records.add(order(5, "03"));
    ok("run");
    assertThat(ids("orders")).contains("1 2 3 4 5\n");
    assertThat(ids("keyed")).contains("1 2 3 4 5\n");
    assertThat(ids("everything")).contains("1\n");
    String read =
        dlt(
            PIPELINE.formatted("others")
                + """
                pipeline.sync_destination()
                print(sorted(pipeline.default_schema.data_table_names()))
                data = pipeline.dataset()
                print("rows", len(data.orders.fetchall()), len(data["orders__items"].fetchall()))
                print("state", pipeline.state["sources"]["shop"]["resources"]["orders"]["incremental"]["at"]["last_value"])
                """);
    assertThat(read).contains("rows 5 5").contains("'orders'").contains("state 2026-02-02");
  }
}
