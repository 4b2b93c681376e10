package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.project.ProjectFile;
import io.millrace.project.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The projects that we give to people have no problems, also where they follow a commented hint.
 */
class ProjectsAsShippedTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"command/init/rest.yaml", "command/init/files.yaml", "demo/millrace.yaml"})
  void templatesHaveNoProblems(String name) throws Exception {
    assertFine(name, template(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pokeapi", "files"})
  void examplesHaveNoProblems(String name) throws Exception {
    assertFine(name, Files.readString(Path.of("..", "examples", name, "millrace.yaml")));
  }

  @Test
  void everyHintOfTheRestTemplateCanBeTakenAsItIs() throws Exception {
    String template = template("command/init/rest.yaml");
    int example = template.indexOf("      # - name: orders");
    String withOrders =
        template.substring(0, example)
            + template.substring(example).replaceAll("(?m)^      # ", "      ");
    String[] auths =
        template.lines().filter(line -> line.startsWith("      # auth: ")).toArray(String[]::new);
    assertThat(auths).hasSize(3);
    for (String auth : auths) {
      String taken = withOrders.replace(auth, auth.replace("# ", ""));
      assertThat(taken).isNotEqualTo(withOrders);
      assertFine(auth, taken);
    }
    assertThat(ProjectFile.read(withOrders, "rest.yaml").orThrow().sources().get(0).resources())
        .hasSize(3);
  }

  private static String template(String name) throws IOException {
    try (InputStream in = Millrace.class.getResourceAsStream("/io/millrace/worker/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@project@", "shop");
    }
  }

  private static void assertFine(String name, String yaml) {
    Reading reading = ProjectFile.read(yaml, name);
    assertThat(reading.problems()).as(name).isEmpty();
    assertThat(reading.warnings()).as(name).isEmpty();
  }
}
