package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is in the file: a problem with a place, soon, and never an exception. */
@Timeout(300)
class HostileConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SMALL =
      "project: shop\nsources: {f: {type: filesystem, bucket_url: d, resources: [a]}}\n";

  private static String only(String text) {
    Reading reading = ProjectFile.read(text, "x.yaml");
    assertThat(reading.problems()).hasSize(1);
    ConfigProblem problem = reading.problems().get(0);
    return problem.line() + ":" + problem.column() + ": " + problem.message();
  }

  @Test
  void refusesABillionLaughs() {
    StringBuilder bomb = new StringBuilder("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (char c = 'b'; c <= 'j'; c++) {
      bomb.append(c).append(": &").append(c).append(" [");
      bomb.append(("*" + (char) (c - 1) + ",").repeat(9)).append("]\n");
    }
    assertThat(only(bomb.toString()))
        .isEqualTo(
            "7:14: Cannot read the file: with its aliases written out it has more than 8000000 characters");
  }

  @Test
  void readsManyAliasesBelowTheLimitSoon() {
    StringBuilder text =
        new StringBuilder(
            """
            project: shop
            sources:
              s:
                type: rest_api
                client: {base_url: "https://a.example/"}
                resources:
                  - name: a
                    endpoint:
                      method: POST
                      json:
                        a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]
            """);
    for (char c = 'b'; c <= 'e'; c++) {
      text.append("            ").append(c).append(": &").append(c).append(" [");
      text.append(("*" + (char) (c - 1) + ",").repeat(9)).append("]\n");
    }
    Reading reading = ProjectFile.read(text.toString(), "x");
    assertThat(reading.problems()).isEmpty();
    assertThat(reading.manifest().text().length()).isGreaterThan(100_000);
  }

  @Test
  void refusesAVariableBomb() {
    StringBuilder bomb = new StringBuilder("project: ${vars.z}\nsources: {}\nvars:\n  a: lol\n");
    for (char c = 'b'; c <= 'z'; c++) {
      bomb.append("  ")
          .append(c)
          .append(": \"")
          .append(("${vars." + (char) (c - 1) + "}").repeat(9));
      bomb.append("\"\n");
    }
    Reading reading = ProjectFile.read(bomb.toString(), "x");
    assertThat(reading.problems())
        .extracting(ConfigProblem::message)
        .contains("Cannot replace variables: the text gets longer than 100000");
  }

  @Test
  void refusesDepth() {
    assertThat(only("a: " + "[".repeat(10_000) + "]".repeat(10_000)))
        .isEqualTo("1:103: Cannot read the file: it is nested deeper than 100");
    StringBuilder block = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      block.append(" ".repeat(i)).append("a:\n");
    }
    assertThat(only(block.toString()))
        .isEqualTo("101:101: Cannot read the file: it is nested deeper than 100");
  }

  @Test
  void refusesALargeFile() {
    assertThat(only("# " + "x".repeat(5_000_000)))
        .isEqualTo("1:1: Cannot read the file: it has more than 4000000 characters: 5000002");
    byte[] bytes = new byte[17_000_000];
    assertThat(ProjectFile.read(bytes, "x").problems().get(0).message())
        .isEqualTo("Cannot read the file: it is larger than 16000000 bytes: 17000000");
  }

  @Test
  void readsALargeProjectSoon() {
    StringBuilder text = new StringBuilder(SMALL.replace("[a]}}\n", "["));
    for (int i = 0; i < 2000; i++) {
      text.append("{name: r")
          .append(i)
          .append(", depends_on: [f.r")
          .append(i / 2 * 2)
          .append("]},");
    }
    text.append("]}}\n");
    Reading reading = ProjectFile.read(text.toString(), "x");
    assertThat(reading.problems()).as("each second one waits for itself").hasSize(1000);
  }

  @Test
  void readsAByteOrderMark() {
    assertThat(ProjectFile.read("\uFEFF" + SMALL, "x").ok()).isTrue();
    assertThat(ProjectFile.read(("\uFEFF" + SMALL).getBytes(StandardCharsets.UTF_8), "x").ok())
        .isTrue();
    Reading wrong = ProjectFile.read("\uFEFFprojct: shop\n", "x");
    assertThat(wrong.problems().get(0).quotedLine()).isEqualTo("projct: shop");
  }

  @Test
  void refusesUtf16() {
    Reading reading = ProjectFile.read(SMALL.getBytes(StandardCharsets.UTF_16), "x");
    assertThat(reading.problems().get(0).message())
        .isEqualTo("Cannot read the file: it is not UTF-8: byte 0 (from 0)");
  }

  @Test
  void refusesTabsAsIndentation() {
    assertThat(only("project: a\nsources:\n\tf: 1\n"))
        .startsWith("3:1: Cannot read the file as YAML: found character '\\t(TAB)'");
    String json = "{\n\t\"project\": \"a\",\n\t\"sources\": {}\n}";
    assertThat(ProjectFile.read(json, "x").ok()).as("in JSON they are blanks").isTrue();
  }

  @Test
  void refusesNul() {
    assertThat(only("project: a\nx: \u0000"))
        .startsWith("2:4: Cannot read the file: it holds a character");
  }

  @Test
  void readsEveryTruncationWithoutAnException() throws IOException {
    String full = Files.readString(Path.of("src/test/resources/project/full.yaml"));
    for (int i = 0; i < full.length(); i += 11) {
      assertThat(ProjectFile.read(full.substring(0, i), "x")).isNotNull();
    }
  }

  @Test
  void readsEveryMutationWithoutAnException() throws IOException {
    String full = Files.readString(Path.of("src/test/resources/project/full.yaml"));
    JsonNode tree = JSON.readTree(ProjectFile.read(full, "x").manifest().text());
    List<JsonNode> values =
        List.of(
            JSON.nullNode(),
            JSON.createArrayNode(),
            JSON.readTree("\"x.y\""),
            JSON.readTree("[{\"name\": null}]"),
            JSON.readTree("{\"type\": {}}"));
    List<JsonNode> holders = new ArrayList<>();
    collect(tree, holders);
    for (JsonNode holder : holders) {
      if (holder instanceof ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
          JsonNode before = object.get(name);
          object.remove(name);
          check(tree, "without " + name);
          for (JsonNode value : values) {
            object.set(name, value);
            check(tree, name + " is " + value);
          }
          object.set(name, before);
        }
      } else if (holder instanceof ArrayNode array) {
        for (int i = 0; i < array.size(); i++) {
          JsonNode before = array.get(i);
          for (JsonNode value : values) {
            array.set(i, value);
            check(tree, "[" + i + "] is " + value);
          }
          array.set(i, before);
        }
      }
    }
  }

  private static void check(JsonNode tree, String what) {
    Reading reading = ProjectFile.read(tree.toString(), "x");
    assertThat(reading.ok()).as(what).isEqualTo(reading.project() != null);
    if (reading.ok()) {
      Reading again = ProjectFile.read(reading.manifest().text(), "manifest");
      assertThat(again.project()).as(what).isEqualTo(reading.project());
    }
  }

  private static void collect(JsonNode node, List<JsonNode> holders) {
    if (node.isContainerNode()) {
      holders.add(node);
      node.forEach(child -> collect(child, holders));
    }
  }

  @Test
  void readsAnOrdinaryProjectInMilliseconds() throws IOException {
    byte[] full = Files.readAllBytes(Path.of("src/test/resources/project/full.yaml"));
    for (int i = 0; i < 50; i++) {
      ProjectFile.read(full, "x");
    }
    long begin = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      ProjectFile.read(full, "x");
    }
    Duration each = Duration.ofNanos((System.nanoTime() - begin) / 20);
    assertThat(each)
        .as("generous: about 1 ms on an idle machine")
        .isLessThan(Duration.ofMillis(100));
  }
}
