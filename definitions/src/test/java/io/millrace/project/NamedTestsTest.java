package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages that say which test shows what. */
class NamedTestsTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @CsvSource({
    "docs/reference/rest-api.md, 60",
    "docs/reference/normalization.md, 60",
    "docs/reference/destinations.md, 5",
    "docs/guarantees.md, 15",
    "docs/reliability.md, 35",
    "docs/security.md, 15"
  })
  void existOnEveryPageThatNamesThem(String page, int least) throws IOException {
    Map<String, String> tests = tests();
    Matcher named =
        Pattern.compile("`(\\w+(?:Test|Contract))(?:\\.(\\w+))?`")
            .matcher(Files.readString(ROOT.resolve(page)));
    int count = 0;
    while (named.find()) {
      count++;
      assertThat(tests.keySet()).contains(named.group(1));
      if (named.group(2) != null) {
        assertThat(tests.get(named.group(1)))
            .as(named.group())
            .contains(" " + named.group(2) + "(");
      }
    }
    assertThat(count).as("tests that are named").isGreaterThanOrEqualTo(least);
  }

  private static Map<String, String> tests() {
    try (Stream<Path> files =
        Stream.of("definitions", "workflows", "activities", "worker", "examples/custom-auth")
            .flatMap(NamedTestsTest::sources)) {
      return files.collect(
          Collectors.toMap(
              f -> f.getFileName().toString().replace(".java", ""),
              NamedTestsTest::read,
              (one, other) -> one + other));
    }
  }

  private static Stream<Path> sources(String module) {
    try {
      return Files.walk(ROOT.resolve(module).resolve("src/test/java"))
          .filter(f -> f.toString().endsWith(".java"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
