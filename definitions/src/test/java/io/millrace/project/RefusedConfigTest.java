package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of problem as a person sees it: each {@code refused/*.yaml} with the exact text beside
 * it. After a change that is meant: run with {@code -Dmillrace.regenerate=true} and read the diff.
 */
class RefusedConfigTest {
  private static final Path FOLDER = Path.of("src/test/resources/project/refused");

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(p -> p.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void tellsAllProblemsExactly(String name) throws IOException {
    Reading reading = ProjectFile.read(Files.readAllBytes(FOLDER.resolve(name)), name);
    String told =
        Stream.concat(
                reading.problems().stream().map(ConfigProblem::render),
                reading.warnings().stream().map(w -> "warning: " + w.render()))
            .collect(Collectors.joining("\n", "", "\n"));
    Path expected = FOLDER.resolve(name.replace(".yaml", ".txt"));
    if (Boolean.getBoolean("millrace.regenerate")) {
      Files.writeString(expected, told);
    }
    assertThat(told).isEqualTo(Files.readString(expected, StandardCharsets.UTF_8));
    assertThat(reading.ok()).isFalse();
    assertThat(reading.project()).isNull();
  }

  @Test
  void neverShowsALiteralSecret() throws IOException {
    for (String name : files()) {
      Reading reading = ProjectFile.read(Files.readAllBytes(FOLDER.resolve(name)), name);
      assertThat(reading.problems() + " " + reading.warnings())
          .as(name)
          .doesNotContain("hunter2")
          .doesNotContain("hunter3");
    }
  }
}
