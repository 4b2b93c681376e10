package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/rest-api.md}: every key of dlt and the test that proves it. */
class RestApiPageTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void hasEveryKeyAndEveryType() throws IOException {
    String page = page();
    JsonNode defs = new ObjectMapper().readTree(ProjectFile.jsonSchema()).get("$defs");
    List<String> parts =
        new ArrayList<>(
            List.of(
                "client",
                "rate_limit",
                "retry",
                "backoff",
                "timeout",
                "limits",
                "tls",
                "endpoint",
                "response_action",
                "incremental",
                "processing_step"));
    defs.fieldNames()
        .forEachRemaining(
            part -> {
              if (part.startsWith("auth_") || part.startsWith("paginator_")) {
                parts.add(part);
                assertThat(page).as(part).contains("`" + part.replaceFirst("^[a-z]+_", "") + "`");
              }
            });
    assertThat(parts).as("with all types").hasSizeGreaterThan(25);
    for (String part : parts) {
      assertThat(defs.has(part)).as(part).isTrue();
      defs.get(part)
          .get("properties")
          .fieldNames()
          .forEachRemaining(key -> assertThat(page).as(part).contains("`" + key + "`"));
    }
    assertThat(page).doesNotContain("to come");
  }

  @Test
  void namesOnlyTestsThatExist() throws IOException {
    Map<String, String> tests;
    try (Stream<Path> files =
        Stream.of("definitions", "activities", "worker", "examples/custom-auth")
            .flatMap(RestApiPageTest::sources)) {
      tests =
          files.collect(
              Collectors.toMap(
                  f -> f.getFileName().toString().replace(".java", ""),
                  RestApiPageTest::read,
                  (one, other) -> one + other));
    }
    Matcher named = Pattern.compile("`(\\w+(?:Test|Contract))(?:\\.(\\w+))?`").matcher(page());
    int count = 0;
    while (named.find()) {
      count++;
      assertThat(tests.keySet()).contains(named.group(1));
      if (named.group(2) != null) {
        assertThat(tests.get(named.group(1)).contains("void " + named.group(2) + "("))
            .as(named.group())
            .isTrue();
      }
    }
    assertThat(count).isGreaterThan(60);
  }

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/reference/rest-api.md"));
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
