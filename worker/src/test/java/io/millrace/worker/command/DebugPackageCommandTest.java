package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.activities.Progress;
import io.millrace.activities.normalize.Identifiers;
import io.millrace.activities.normalize.Normalizer;
import io.millrace.activities.normalize.Order;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.source.Source;
import io.millrace.worker.Cli;
import io.millrace.worker.FakeRooms;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebugPackageCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void aPackage() {
    cli = new Cli(folder, new FakeRooms());
    Project p =
        ProjectFile.read(
                "{project: shop, sources: {files: {type: filesystem, bucket_url: ., resources:"
                    + " [{name: orders, columns: {amount: {data_type: decimal}, day: {data_type: date}}}]}}}",
                "millrace.yaml")
            .orThrow();
    Source s = p.sources().get(0);
    Segment segment =
        new Segment("shop", "", "files.orders", null, "run", "1700000000.1-aaaa-0001-1", 1, 1);
    byte[] lines =
        """
        {"id":1,"amount":"1.50","day":"2024-01-02","at":"2024-01-02T03:04:05Z","ok":true,"items":[{"n":1.5},{"n":2}]}
        {"id":2,"note":"\\u001b[31m"}
        {"id":}
        """
            .getBytes(StandardCharsets.UTF_8);
    Normalizer.run(
        new Order(
            p,
            s,
            s.resources().get(0),
            Schema.empty("files"),
            null,
            segment,
            new Identifiers(63, false, Set.of()),
            null),
        List.of(
            new RawPage(
                RawPage.Format.JSONL, List.of(), "f", 0, () -> new ByteArrayInputStream(lines))),
        folder.resolve("package"),
        Progress.NONE);
  }

  @Test
  void showsTablesColumnsAndRowsOfAPackage() {
    Cli.Result result = cli.run("debug", "package", "package", "--rows", "1");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .containsPattern("sha256    [0-9a-f]{64} \\(checked\\)")
        .contains("schema    files, version 1", "roots     orders", "rejected  1")
        .contains("orders: 2 rows", "orders__items: 2 rows", "_mr_rejects: 1 row")
        .containsPattern("amount +\\| decimal +\\| yes")
        .contains(
            "{\"amount\":1.50,\"day\":\"2024-01-02\",\"id\":1,\"at\":\"2024-01-02T03:04:05Z\",\"ok\":true,")
        .contains("{\"n\":1.5,")
        .doesNotContain("\"id\":2", "\u001b[31m");
  }

  @Test
  void answersInJson() throws Exception {
    Cli.Result result =
        cli.run("debug", "package", "package", "--rows", "9", "--table", "orders", "--output=json");
    JsonNode document = new ObjectMapper().readTree(result.out());
    assertThat(document.get("checksum").asText()).isEqualTo("ok");
    assertThat(document.get("tables")).hasSize(1);
    assertThat(document.at("/tables/0/rows").asInt()).isEqualTo(2);
    assertThat(document.at("/tables/0/first_rows/1/id").asInt()).isEqualTo(2);
    assertThat(document.at("/tables/0/columns/0/name").asText()).isEqualTo("amount");
  }

  @Test
  void showsNothingOfADamagedPackage() throws Exception {
    Path file = folder.resolve("package");
    byte[] b = Files.readAllBytes(file);
    b[b.length / 2] ^= 1;
    Files.write(file, b);
    Cli.Result result = cli.run("debug", "package", "package");
    assertThat(result.code()).isEqualTo(Failure.STAGING_LOST.exitCode());
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("Cannot read load package: its checksum differs: ");
  }

  @Test
  void isNotInTheHelpAndNamesAFileThatIsNotThere() {
    assertThat(cli.run().out()).doesNotContain("debug ");
    Cli.Result result = cli.run("debug", "package", "nowhere");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("Cannot read load package: no such file: ");
  }
}
