package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is generated from the declared keys and checked in. */
class GeneratedDocsTest {
  private static final Path DOCS = Path.of("../docs");

  @Test
  void jsonSchemaIsCurrent() throws IOException {
    current(DOCS.resolve("millrace.schema.json"), ProjectFile.jsonSchema());
  }

  @Test
  void referencePageIsCurrent() throws IOException {
    current(DOCS.resolve("reference/configuration.md"), ProjectFile.reference());
  }

  private static void current(Path file, String text) throws IOException {
    if (Boolean.getBoolean("millrace.regenerate")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as(
            "%s is stale; make it again with:"
                + " mvn test -pl definitions -Dtest=GeneratedDocsTest -Dmillrace.regenerate=true",
            file.normalize())
        .isEqualTo(text);
  }

  @Test
  void everyReferenceInTheSchemaLeadsSomewhere() throws IOException {
    JsonNode schema = new ObjectMapper().readTree(ProjectFile.jsonSchema());
    for (JsonNode ref : schema.findValues("$ref")) {
      assertThat(schema.at(ref.asText().substring(1)).isObject()).as(ref.asText()).isTrue();
    }
    assertThat(schema.at("/$defs/source_rest_api/properties/client/$ref").asText())
        .isEqualTo("#/$defs/client");
    assertThat(schema.at("/$defs/auth_bearer/required").toString()).isEqualTo("[\"token\"]");
  }

  @Test
  void everyLinkOfTheReferencePageLeadsToASection() {
    String page = ProjectFile.reference();
    Matcher link = Pattern.compile("\\]\\(#([^)]+)\\)").matcher(page);
    int links = 0;
    while (link.find()) {
      links++;
      assertThat(page).contains("\n## " + link.group(1).replace('-', ' ') + "\n");
    }
    assertThat(links).isGreaterThan(30);
  }
}
