package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.worker.Cli;
import io.millrace.worker.FakeRooms;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitCommandTest {
  @TempDir Path temp;
  private Path folder;
  private String out;
  private String err;

  @BeforeEach
  void makeFolder() throws Exception {
    folder = Files.createDirectory(temp.resolve("My Shop 2"));
  }

  @Test
  void writesARestProjectNamedAfterTheFolder() {
    assertThat(run("init")).isZero();
    assertThat(folder.resolve("millrace.yaml"))
        .content()
        .contains("project: my_shop_2\n")
        .contains("path: my_shop_2.duckdb ")
        .contains("https://pokeapi.co/api/v2/")
        .doesNotContain("@project@");
    assertThat(out).isEqualTo("Wrote millrace.yaml" + System.lineSeparator());
    assertThat(err).contains("Next:  millrace run");
  }

  @Test
  void writesAFilesProjectWithDataToLoad() throws Exception {
    assertThat(run("init", "files")).isZero();
    Path data = folder.resolve("data/visits/2026-03-01.jsonl");
    for (String line : Files.readAllLines(data)) {
      assertThat(new ObjectMapper().readTree(line).get("visit_id").asText()).startsWith("v-");
    }
  }

  @Test
  void neverReplacesAFile() throws Exception {
    Files.writeString(folder.resolve("millrace.yaml"), "mine");
    assertThat(run("init", "files")).isEqualTo(2);
    assertThat(err)
        .contains("Cannot write the project: the file is there already: ")
        .contains("millrace.yaml (move it away, or run init in another folder)");
    assertThat(folder.resolve("millrace.yaml")).content().isEqualTo("mine");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void saysThatSqlIsNotBuiltYet() {
    assertThat(run("init", "sql")).isEqualTo(2);
    assertThat(err)
        .contains(
            "Cannot write a project of kind sql: reading from SQL databases is not built yet");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void tellsInJsonWhatItWrote() throws Exception {
    assertThat(run("init", "rest", "--output", "json")).isZero();
    JsonNode document = new ObjectMapper().readTree(out);
    assertThat(document.get("ok").asBoolean()).isTrue();
    assertThat(document.at("/files/0").asText())
        .isEqualTo(folder.resolve("millrace.yaml").toString());
  }

  @ParameterizedTest
  @CsvSource({
    "shop, shop",
    "My Shop, my_shop",
    "2026-sales, sales",
    "データ, project",
    "a-very-long-name-that-no-project-could-ever-carry, a-very-long-name-that-no-project-could-e"
  })
  void aFolderNameBecomesAProjectName(String folderName, String project) {
    assertThat(InitCommand.name(Path.of("/tmp", folderName)))
        .isEqualTo(project)
        .matches("[a-z][a-z0-9_-]{0,39}");
  }

  @Test
  void theRootFolderHasANameToo() {
    assertThat(InitCommand.name(Path.of("/"))).isEqualTo("project");
  }

  private int run(String... args) {
    Cli.Result result = new Cli(folder, new FakeRooms()).run(args);
    out = result.out();
    err = result.err();
    return result.code();
  }
}
