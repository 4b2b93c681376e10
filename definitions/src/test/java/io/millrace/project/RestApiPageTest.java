package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/reference/rest-api.md}: every key of dlt. That its tests exist is seen by {@link
 * NamedTestsTest}.
 */
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

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/reference/rest-api.md"));
  }
}
