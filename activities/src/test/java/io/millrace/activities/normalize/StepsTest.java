package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.steps.Steps;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.schema.Schema;
import io.millrace.source.Resource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code processing_steps}, from the YAML to the rows. */
class StepsTest {
  @TempDir Path dir;
  private final Landed landed = new Landed();
  private int runs;

  @Test
  void filtersAndCountsWhatItDropped() throws IOException {
    Normalized n =
        run(
            "[{filter: \"status == 'open' and amount > 10\"}]",
            "{\"id\":1,\"status\":\"open\",\"amount\":10.01}",
            "{\"id\":2,\"status\":\"open\",\"amount\":10}",
            "{\"id\":3,\"status\":\"shut\",\"amount\":99}",
            "{\"id\":4,\"status\":\"open\"}");
    assertThat(data("t")).containsExactly("amount=10.01 id=1 status=open");
    assertThat(n.records()).isEqualTo(4);
    assertThat(n.rejected()).isZero();
    assertThat(n.notes()).isEqualTo(Map.of("filtered", 3L));
  }

  @Test
  void renamesSelectsAndExcludesThroughObjectsAndLists() throws IOException {
    run(
        """
        [{rename: {a: b, b: a, "o.x": y}}, {exclude: [gone, o.secret, items.price]},
         {select: [a, b, o, items]}]
        """,
        "{\"a\":1,\"gone\":2,\"b\":3,\"o\":{\"x\":4,\"secret\":5},\"items\":[{\"sku\":\"s\",\"price\":6}],\"more\":7}");
    assertThat(data("t")).containsExactly("a=3 b=1 o__y=4");
    assertThat(data("t__items")).containsExactly("sku=s");
  }

  @Test
  void calculatesFieldsFromTheRecordAsItWasBefore() throws IOException {
    run(
        """
        [{map: {name: "first + ' ' + last", first: "upper(first)", total: "price * 3", n: "size(tags)",
          parts: "split(path, '/')", "o.z": "o.x"}}, {exclude: [tags, path]}]
        """,
        "{\"first\":\"ada\",\"last\":\"l\",\"price\":0.1,\"tags\":[1,2],\"path\":\"a/b\",\"o\":{\"x\":true}}");
    assertThat(data("t"))
        .containsExactly("first=ADA last=l n=2 name=ada l o__x=true o__z=true price=0.1 total=0.3");
    assertThat(data("t__parts")).containsExactly("value=a", "value=b");
  }

  @Test
  void castsValues() throws IOException {
    Normalized n =
        run(
            """
            [{cast: {a: text, b: bigint, c: double, d: bool, e: timestamp, f: json, "l.x": text}}]
            """,
            "{\"a\":1.50,\"b\":\"12.0\",\"c\":3,\"d\":\"Yes\",\"e\":1767319445,\"f\":\"{\\\"k\\\":1}\",\"l\":[{\"x\":1},{\"x\":null}]}",
            "{\"b\":\"secret\"}",
            "{\"l\":[{\"x\":1},{\"x\":2}],\"e\":\"soon\"}");
    assertThat(data("t"))
        .containsExactly("a=1.50 b=12 c=3.0 d=true e=2026-01-02T02:04:05.000000Z f__k=1");
    assertThat(n.rejected()).isEqualTo(2);
    assertThat(rejects())
        .containsExactly(
            "$.b | cannot be cast to bigint (f.json at byte 94) | {\"b\":\"secret\"}",
            "$.e | cannot be cast to timestamp (f.json at byte 109) |"
                + " {\"l\":[{\"x\":1},{\"x\":2}],\"e\":\"soon\"}");
  }

  @Test
  void hashesAndMasksPersonalData() throws IOException {
    run(
        """
        [{hash: {fields: [email, "to.email"], secret: "${env:PII}"}}, {mask: [name]},
         {mask: {fields: card, keep_last: 4}}]
        """,
        "{\"email\":\"a@b.c\",\"name\":\"Ada\",\"card\":4111111111111111,\"to\":[{\"email\":\"a@b.c\"},{\"email\":null}]}",
        "{\"name\":null,\"card\":\"12345\"}");
    assertThat(data("t").get(0)).matches("card=\\*\\*\\*1111 email=[0-9a-f]{64} name=\\*\\*\\*");
    assertThat(data("t").get(1)).startsWith("card=***");
    Object email = landed.rows.get("t").get(0).get("email");
    assertThat(landed.rows.get("t__to").get(0)).containsEntry("email", email);
  }

  @Test
  void withholdsARecordThatFailsBeforeItsPersonalDataIsGone() throws IOException {
    Normalized n =
        run(
            "[{map: {x: \"n - 1\"}}, {hash: {fields: email, secret: \"${env:PII}\"}}, {map: {y: \"m -"
                + " 1\"}}]",
            "{\"n\":\"canary-1\",\"m\":1,\"email\":\"canary-2\"}",
            "{\"n\":1,\"m\":\"nan\",\"email\":\"canary-3\"}",
            "{\"n\":1,\"m\":1,\"email\":\"canary-4\" x}");
    assertThat(data("t")).isEmpty();
    assertThat(n.rejected()).isEqualTo(3);
    assertThat(landed.rows.toString()).doesNotContain("canary");
    assertThat(rejects().get(0)).startsWith("$.x | cannot calculate n - 1 (f.json at byte 0)");
    assertThat(rejects().get(1)).startsWith("$.y | cannot calculate m - 1: ").contains("\"email\"");
  }

  @Test
  void rejectsARecordWhoseFieldsMeet() throws IOException {
    run("[{rename: {a: b}}]", "{\"a\":1,\"b\":2}", "{\"a\":3}");
    assertThat(data("t")).containsExactly("b=3");
    assertThat(rejects())
        .containsExactly(
            "$.b | rename gives two fields the name b (f.json at byte 0) | {\"a\":1,\"b\":2}");
  }

  @Test
  void theCursorIsThatOfTheRecordAsItCame() throws IOException {
    Normalized n =
        run(
            ", incremental: {cursor_path: at, initial_value: 5}, primary_key: id",
            "[{filter: \"keep\"}, {exclude: at}]",
            (RawPage) null,
            "{\"id\":1,\"at\":4,\"keep\":true}",
            "{\"id\":2,\"at\":6,\"keep\":true}",
            "{\"id\":3,\"at\":9,\"keep\":false}");
    assertThat(data("t")).containsExactly("id=2 keep=true");
    assertThat(n.notes()).isEqualTo(Map.of("filtered", 1L));
    assertThat(n.cursor().get("running_max").asInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":-0.0,\"b\":-0,\"c\":1.10,\"d\":1e3,\"e\":123456789012345678901234567890,\"f\":0.1234567890123456789}",
        "{\"a\":\"\\ud800 é 😀 \\u0000 \\\"\",\"ä\":[1,[2,[]],{}],\"z\":null,\"y\":{}}",
        "{\"a\":1,\"b\":2,\"a\":3}",
        "[{\"a\":1},{\"a\":2}]",
        "{\"deep\":{\"l\":[{\"m\":[{\"n\":1}]}]},\"t\":true,\"f\":false}",
      })
  void aStepThatChangesNothingChangesNothing(String line) throws IOException {
    Normalized with = run("[{rename: {nothing: something}}]", line);
    Normalized without = run("[]", line);
    assertThat(with.sha256()).isEqualTo(without.sha256());
    assertThat(with.schema()).isEqualTo(without.schema());
  }

  @Test
  void aNumberThatNoDoubleHoldsIsRejectedAsWithoutSteps() throws IOException {
    run("[{filter: \"id < 5\"}]", "{\"id\":1,\"x\":1e400,\"y\":1e999999999999}");
    assertThat(data("t")).containsExactly("id=1");
    assertThat(landed.rows.get("_mr_rejects")).hasSize(2);
  }

  @Test
  void aRecordThatIsNoObjectIsItsValue() throws IOException {
    run("[{filter: \"value > 1\"}]", "[1,2,3]");
    assertThat(data("t")).containsExactly("value=2", "value=3");
  }

  @Test
  void findsRecordsInPagesOfAnySize() throws IOException {
    StringBuilder page = new StringBuilder("{\"items\":[");
    for (int i = 0; i < 20_000; i++) {
      page.append(i == 0 ? "" : ",")
          .append("{\"id\":")
          .append(i)
          .append(",\"text\":\"")
          .append("x".repeat(i % 90))
          .append("\"}");
    }
    Normalized n =
        run(
            "",
            "[{filter: \"id % 2 == 0\"}, {exclude: text}]",
            new RawPage(
                RawPage.Format.JSON,
                List.of("items"),
                "f.json",
                0,
                () ->
                    new ByteArrayInputStream(
                        page.append("]}").toString().getBytes(StandardCharsets.UTF_8))));
    assertThat(n.notes()).isEqualTo(Map.of("filtered", 10_000L));
    assertThat(landed.rows.get("t")).hasSize(10_000);
  }

  @Test
  void refusesAHashWithAnEmptyKey() {
    assertThatThrownBy(() -> run("[{hash: {fields: a, secret: \"${env:EMPTY:-}\"}}]", "{}"))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("the secret of the hash step is empty");
  }

  private Normalized run(String steps, String... lines) throws IOException {
    return run("", steps, null, lines);
  }

  private Normalized run(String more, String steps, RawPage page, String... lines)
      throws IOException {
    Project project =
        ProjectFile.read(
                """
                project: p
                sources:
                  s:
                    type: filesystem
                    bucket_url: .
                    resources:
                      - {name: t, format: jsonl%s, processing_steps: %s}
                """
                    .formatted(more, steps.strip()),
                "millrace.yaml")
            .orThrow();
    Resource resource = project.sources().get(0).resources().get(0);
    Order order =
        new Order(
            project,
            project.sources().get(0),
            resource,
            Schema.empty("s"),
            (JsonNode) null,
            Orders.segment(1),
            Orders.CASED,
            Steps.of(
                resource.processingSteps(),
                new EnvSecrets(Map.of("PII", "pepper and salt", "EMPTY", ""), dir)));
    byte[] b = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    RawPage text =
        new RawPage(
            RawPage.Format.JSONL, List.of(), "f.json", 0, () -> new ByteArrayInputStream(b));
    Path file = dir.resolve("p" + ++runs);
    Normalized n = Normalizer.run(order, List.of(page == null ? text : page), file, Progress.NONE);
    landed.add(file);
    return n;
  }

  private List<String> rejects() {
    return landed.rows.get("_mr_rejects").stream()
        .map(r -> r.get("path") + " | " + r.get("reason") + " | " + r.get("record"))
        .toList();
  }

  private List<String> data(String table) {
    return landed.rows.getOrDefault(table, List.of()).stream()
        .map(
            r ->
                r.entrySet().stream()
                    .filter(e -> !e.getKey().startsWith("_mr_"))
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(" ")))
        .toList();
  }
}
