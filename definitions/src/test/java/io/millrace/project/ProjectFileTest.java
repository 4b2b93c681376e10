package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract;
import io.millrace.source.Auth;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Limits;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.source.TableHints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProjectFileTest {
  private static final Path FOLDER = Path.of("src/test/resources/project");

  private static Project full() throws IOException {
    return ProjectFile.read(Files.readAllBytes(FOLDER.resolve("full.yaml")), "full.yaml").orThrow();
  }

  /** A project with one REST source; {@code resources} is indented by four blanks. */
  private static Reading rest(String resources) {
    return ProjectFile.read(
        """
        project: shop
        sources:
          shop:
            type: rest_api
            client: {base_url: "https://api.example.com/"}
        """
            + resources.indent(4),
        "millrace.yaml");
  }

  private static Resource resource(String resources) {
    return rest(resources).orThrow().sources().get(0).resources().get(0);
  }

  @Test
  void readsTheFullExample() throws IOException {
    Project project = full();
    assertThat(project.name()).isEqualTo("shop");
    assertThat(project.destinations())
        .containsExactly(
            new Destination(
                "default", "duckdb", "shop_data", Map.of("path", new Text("shop.duckdb"))),
            new Destination(
                "archive", "duckdb", "shop", Map.of("path", new Text("archive.duckdb"))));
    assertThat(project.schema().preferredTypes()).isEqualTo(Map.of("re:_id$", DataType.TEXT));
    assertThat(project.schema().compat()).isTrue();
    assertThat(project.staging().keep()).isEqualTo(Duration.ofHours(24));
    assertThat(project.schedules().get("nightly").jitter()).isEqualTo(Duration.ofMinutes(5));
    Source.RestApi shop = (Source.RestApi) project.sources().get(0);
    assertThat(shop.settings().maxTableNesting()).isEqualTo(8);
    Client client = shop.client();
    assertThat(client.baseUrl().raw()).isEqualTo("${env:SHOP_API:-https://api.example.com}/v1/");
    assertThat(client.auth()).isEqualTo(new Auth.Bearer(new Text("${env:SHOP_TOKEN}")));
    assertThat(client.paginator()).isEqualTo(new Paginator.JsonLink("paging.next"));
    assertThat(client.rateLimit())
        .containsExactly(new Client.RateLimit(100, Duration.ofMinutes(1)));
    assertThat(client.limits().responseBytes()).isEqualTo(256_000_000L);
  }

  @Test
  void putsDefaultsBelowEachResourceAsDltDoes() throws IOException {
    Project project = full();
    Resource customers = project.locate(AssetKey.parse("shop.customers")).orElseThrow().resource();
    Resource orders = project.locate(AssetKey.parse("shop.orders")).orElseThrow().resource();
    assertThat(customers.endpoint().path().raw()).isEqualTo("customers");
    assertThat(customers.hints().primaryKey()).containsExactly("id");
    assertThat(customers.hints().columns())
        .containsExactly(new Column("amount", DataType.DECIMAL, null, 10, null, null, Map.of()));
    assertThat(orders.endpoint().params())
        .as("merged, defaults first; `no` is text")
        .containsExactly(
            Map.entry("per_page", List.of(new Text("100"))),
            Map.entry("updated_since", List.of(new Text("{incremental.start_value}"))),
            Map.entry("strict", List.of(new Text("no"))),
            Map.entry("verbose", List.of(new Text("True"))));
    assertThat(orders.hints().columns())
        .containsExactly(
            new Column("amount", DataType.DECIMAL, null, 18, 2, null, Map.of()),
            new Column(
                "note", null, false, null, null, null, Map.of("x-origin", "crm", "unique", true)));
    assertThat(orders.hints().disposition()).isEqualTo(WriteDisposition.MERGE);
    assertThat(orders.hints().schemaContract())
        .isEqualTo(
            new SchemaContract(
                SchemaContract.Mode.EVOLVE,
                SchemaContract.Mode.EVOLVE,
                SchemaContract.Mode.FREEZE));
    assertThat(orders.incremental()).isEqualTo(orders.endpoint().incremental());
    assertThat(orders.segment())
        .as("what it does not say is the project's")
        .isEqualTo(new Resource.SegmentBounds(64_000_000L, 5, Duration.ofSeconds(60)));
    TableHints.Nested nested = orders.hints().nestedHints().get(0);
    assertThat(nested.path()).containsExactly("items");
    assertThat(nested.hints().columns().get(0).type()).isEqualTo(DataType.BIGINT);
  }

  @Test
  void readsAVariableAsTheNumberItIs() throws IOException {
    Resource orders = full().locate(AssetKey.parse("shop.orders")).orElseThrow().resource();
    Paginator.Offset offset = (Paginator.Offset) orders.endpoint().paginator();
    assertThat(offset.limit()).isEqualTo(50);
    assertThat(offset.totalPath()).as("null switches it off").isEmpty();
  }

  @Test
  void givesTheSameProjectFromTheManifest() throws IOException {
    Reading reading =
        ProjectFile.read(Files.readAllBytes(FOLDER.resolve("full.yaml")), "full.yaml");
    Manifest manifest = reading.manifest();
    Reading again = ProjectFile.read(manifest.text(), "manifest");
    assertThat(again.project()).isEqualTo(reading.project());
    assertThat(again.manifest()).isEqualTo(manifest);
    assertThat(manifest.sha256()).matches("[0-9a-f]{64}");
    assertThat(manifest.text()).contains("${env:SHOP_TOKEN}").matches("[\\x20-\\x7e]+");
  }

  @Test
  void givesTheSameManifestWhateverTheLayout() {
    Reading one =
        ProjectFile.read(
            """
            project: shop
            sources: # a comment
              f:
                type: filesystem
                bucket_url: &u ü
                resources: [*u]
            """,
            "a");
    Reading other =
        ProjectFile.read(
            """
            {"project":"shop","sources":{"f":{"type":"filesystem","bucket_url":"\\u00fc",
            "resources":["ü"]}}}
            """,
            "b");
    assertThat(one.manifest()).isNotNull().isEqualTo(other.manifest());
  }

  @Test
  void readsAMinimalProject() {
    Project project =
        ProjectFile.read(
                "project: my-shop\nsources: {files: {type: filesystem, bucket_url: d, resources: [a]}}",
                "millrace.yaml")
            .orThrow();
    assertThat(project.destinations())
        .containsExactly(
            new Destination(
                "default", "duckdb", "my_shop", Map.of("path", new Text("my-shop.duckdb"))));
    assertThat(project.systemNames().prefix()).isEqualTo("_mr");
    assertThat(project.schema().compat()).isFalse();
    assertThat(project.segment()).isEqualTo(Resource.SegmentBounds.DEFAULT);
    assertThat(project.staging())
        .isEqualTo(new Project.Staging(new Text(".millrace/staging"), Duration.ofHours(24)));
  }

  @Test
  void takesDltsShorthands() {
    assertThat(resource("resources: [{name: a, endpoint: b/c}]").endpoint().path())
        .isEqualTo(new Text("b/c"));
    assertThat(
            resource("resources: [{name: a, endpoint: {paginator: json_response}}]")
                .endpoint()
                .paginator())
        .isEqualTo(new Paginator.JsonLink("next"));
    assertThat(
            resource("resources: [{name: a, endpoint: {auth: {token: \"${env:T}\"}}}]")
                .endpoint()
                .auth())
        .isEqualTo(new Auth.Bearer(new Text("${env:T}")));
    assertThat(
            resource("resources: [{name: a, columns: {x: , y: {nullable: false}}}]")
                .hints()
                .columns())
        .containsExactly(
            new Column("x", null, null, null, null, null, Map.of()),
            new Column("y", null, false, null, null, null, Map.of()));
    assertThat(
            resource("resources: [{name: a, schema_contract: freeze, tags: x, primary_key: id}]"))
        .satisfies(
            r -> {
              assertThat(r.hints().schemaContract())
                  .isEqualTo(SchemaContract.all(SchemaContract.Mode.FREEZE));
              assertThat(r.tags()).containsExactly("x");
              assertThat(r.hints().primaryKey()).containsExactly("id");
            });
  }

  @Test
  void keepsTheTypesOfAJsonBody() {
    Endpoint endpoint =
        resource(
                "resources: [{name: a, endpoint: {method: POST, json: {n: 1, f: 1.50, t: \"1\", no: no, z: null, l: [true]}}}]")
            .endpoint();
    JsonNode json = endpoint.json();
    assertThat(json)
        .hasToString("{\"n\":1,\"f\":1.50,\"t\":\"1\",\"no\":\"no\",\"z\":null,\"l\":[true]}");
  }

  @Test
  void mergesColumnsOfAListWithThoseOfAMap() {
    String text =
        """
        resource_defaults:
          endpoint: {json: {a: 1, b: {x: 1}}, method: POST, headers: {A: b}}
          columns: [{name: x, data_type: text}, {name: y, data_type: bool}]
        resources:
          - {name: a, columns: {y: {nullable: false}}, endpoint: {json: {b: {y: 2}}, headers: {C: d}}}
        """;
    Resource resource = resource(text);
    assertThat(resource.hints().columns())
        .containsExactly(
            new Column("x", DataType.TEXT, null, null, null, null, Map.of()),
            new Column("y", DataType.BOOL, false, null, null, null, Map.of()));
    assertThat(resource.endpoint().json()).hasToString("{\"a\":1,\"b\":{\"y\":2}}");
    assertThat(resource.endpoint().headers()).as("replaced").containsOnlyKeys("C");
    assertThat(resource.endpoint().method()).isEqualTo("POST");
  }

  @Test
  void tellsAProblemOfDefaultsOnce() {
    Reading reading =
        rest("resource_defaults: {endpoint: {paginator: offset}}\nresources: [a, b, c]");
    assertThat(reading.problems())
        .extracting(ConfigProblem::message)
        .containsExactly(
            "Cannot read sources.shop.resource_defaults.endpoint.paginator: the key is missing: limit");
  }

  @Test
  void namesTheEnvironmentVariablesThatItNeedsAtTheirFirstPlace() {
    Reading reading =
        ProjectFile.read(
            """
            project: shop
            vars: {dir: "${env:DIR}"}
            sources:
              shop:
                type: filesystem
                bucket_url: ${vars.dir}/${env:SUB}/${env:MORE:-x}/${file:name}/${env:DIR}
                resources: [{name: a, file_glob: "*.jsonl"}]
            """,
            "millrace.yaml");
    assertThat(reading.problems()).isEmpty();
    assertThat(reading.environment())
        .extracting(v -> v.name() + " " + v.unset().line() + ":" + v.unset().column())
        .containsExactly("DIR 2:13", "SUB 6:17");
  }

  @Test
  void warnsOfSecretsInClear() throws IOException {
    Reading reading =
        ProjectFile.read(Files.readAllBytes(FOLDER.resolve("warned.yaml")), "warned.yaml");
    assertThat(reading.ok()).isTrue();
    assertThat(reading.warnings())
        .extracting(ConfigProblem::render)
        .containsExactly(
            """
            warned.yaml:7:35: sources.shop.client.auth.token holds a secret in clear
              7 |       auth: {type: bearer, token: ***}
              put it into an environment variable and write "${env:SHOP_TOKEN}\"""",
            """
            warned.yaml:8:28: sources.shop.client.headers.X-Api-Key holds a secret in clear
              8 |       headers: {X-Api-Key: ***, Accept: text/plain, Authorization: "Bearer ${env:T}"}
              put it into an environment variable and write "${env:SHOP_X_API_KEY}\"""",
            """
            warned.yaml:9:61: sources.shop.resources.a.endpoint.params.access_token holds a secret in clear
              9 |     resources: [{name: a, endpoint: {params: {access_token: ***, page_token: "${env:X}"}}}]
              put it into an environment variable and write "${env:SHOP_ACCESS_TOKEN}\"""");
  }

  @Test
  void throwsAllProblemsAtOnce() {
    Reading reading = ProjectFile.read("project: Shop\nsorces: {}\n", "millrace.yaml");
    assertThatThrownBy(reading::orThrow)
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.failure()).isEqualTo(Failure.CONFIG_INVALID))
        .hasMessageStartingWith("millrace.yaml:1:1: Cannot read the project: the key is missing")
        .hasMessageContaining("millrace.yaml:1:10: Cannot read project: expected a name")
        .hasMessageContaining("  did you mean sources?");
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    Reading reading = ProjectFile.read(new byte[] {'a', ':', ' ', (byte) 0xC3, '('}, "x.yaml");
    assertThat(reading.problems())
        .containsExactly(
            new ConfigProblem(
                "x.yaml",
                1,
                1,
                "",
                "Cannot read the file: it is not UTF-8: byte 3 (from 0)",
                "save the file as UTF-8"));
    assertThat(ProjectFile.read(new byte[] {'a', (byte) 0xE2, (byte) 0x82}, "x").problems())
        .as("cut in the middle of a character")
        .extracting(ConfigProblem::message)
        .containsExactly("Cannot read the file: it is not UTF-8: byte 1 (from 0)");
  }

  @Test
  void keepsSchedulesInOrder() {
    List<String> names =
        ProjectFile.read(
                """
                project: a
                sources: {f: {type: filesystem, bucket_url: d, resources: [a]}}
                schedules:
                  z: {select: f.a, cron: "*/5 * * * 1-5"}
                  b: {select: "f.*", cron: "0 0 1 JAN MON"}
                  a: {select: "source:f", cron: "0 0 1,15 * *"}
                """,
                "x")
            .orThrow()
            .schedules()
            .keySet()
            .stream()
            .toList();
    assertThat(names).containsExactly("z", "b", "a");
  }

  @Test
  void readsWhatTheNormalizerIsToldBeyondDlt() {
    String yaml =
        """
        project: p
        schema: {null_columns: text, detections: [rfc3339_timestamp]}
        sources:
          s:
            type: filesystem
            bucket_url: .
            limits: {key_bytes: 1KB, number_length: 100, columns_per_table: 200, tables: 10, child_rows: 5000}
            resources:
              - name: r
                nested_hints:
                  - {path: rates, map: true}
                  - {path: [days], map: {key: day}}
                  - {path: [lines], map: false}
        """;
    Project project = ProjectFile.read(yaml, "millrace.yaml").orThrow();
    assertThat(project.schema().nullColumns()).isEqualTo(DataType.TEXT);
    assertThat(project.sources().get(0).limits())
        .isEqualTo(new Limits(null, null, null, null, 1000, 100, 200, 10, 5000));
    assertThat(project.sources().get(0).resources().get(0).hints().nestedHints())
        .extracting(TableHints.Nested::map)
        .containsExactly(
            new TableHints.Entries("key", "value"), new TableHints.Entries("day", "value"), null);
    assertThat(
            ProjectFile.read(yaml.replace("columns_per_table", "columns_per_tabel"), "f")
                .problems())
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.message()).endsWith("unknown key: columns_per_tabel");
              assertThat(p.advice()).contains("columns_per_table");
            });
    assertThat(ProjectFile.read(yaml.replace("key: day", "kee: day"), "f").problems())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).endsWith("unknown key: kee"));
  }
}
