package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.MillraceException;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.source.Incremental;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WindowTest {
  @Test
  void startsAtTheCursorElseAtTheInitialValue() {
    Incremental incremental = incremental(text("2026-01-01"), null, null);
    assertThat(start(incremental, null)).isEqualTo("2026-01-01");
    assertThat(start(incremental, text("2026-02-01"))).isEqualTo("2026-02-01");
  }

  @Test
  void lagGoesBackInTheCursorsOwnUnitAndNeverBeforeTheInitialValue() {
    assertThat(start(incremental(null, 60.0, null), text("2026-01-01T00:00:30Z")))
        .isEqualTo("2025-12-31T23:59:30Z");
    assertThat(start(incremental(null, 30.0, null), text("2026-01-01 00:00:30")))
        .isEqualTo("2026-01-01 00:00:00");
    assertThat(start(incremental(null, 2.0, null), text("2026-01-01"))).isEqualTo("2025-12-30");
    assertThat(start(incremental(null, 5.0, null), new LongNode(7))).isEqualTo("2");
    assertThat(start(incremental(new IntNode(4), 5.0, null), new LongNode(7))).isEqualTo("4");
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> start(incremental(null, 5.0, null), text("abc")))
        .withMessageContaining("Cannot apply `lag`");
  }

  @Test
  void convertsTimes() {
    JsonNode cursor = text("2026-01-02T03:04:05+01:00");
    assertThat(start(incremental(null, null, "unix_seconds"), cursor)).isEqualTo("1767319445");
    assertThat(start(incremental(null, null, "unix_millis"), cursor)).isEqualTo("1767319445000");
    assertThat(start(incremental(null, null, "iso_date"), cursor)).isEqualTo("2026-01-02");
    assertThat(start(incremental(null, null, "iso_instant"), new LongNode(1767319445)))
        .isEqualTo("2026-01-02T02:04:05Z");
    assertThat(start(incremental(null, null, "iso_instant"), new LongNode(1767319445000L)))
        .isEqualTo("2026-01-02T02:04:05Z");
  }

  @Test
  void comparesAndConvertsUnderCompatAsTheNormalizerDoes() {
    Incremental converted = incremental(null, null, "unix_seconds");
    JsonNode stored = text("2026-01-02T03:04:05+01:00");
    assertThat(Window.placeholders(converted, stored, true).get("incremental.start_value").asLong())
        .isEqualTo(1767319445);
    Incremental lag = incremental(text("2026-01-01T00:00:00-05:00"), 1.0, null);
    stored = text("2026-01-01T02:00:00+00:00"); // the later text, the earlier moment
    assertThat(Window.placeholders(lag, stored, true).get("incremental.start_value").asText())
        .isEqualTo("2026-01-01T01:59:59+00:00");
    assertThat(start(lag, stored)).isEqualTo("2026-01-01T00:00:00-05:00");
  }

  @Test
  void fillsPlaceholdersAndKeepsBracesThatAreDoubled() throws IOException {
    Templates templates = templates(incremental(null, null, null), new LongNode(7));
    assertThat(fill(templates, "a={incremental.start_value}&b={{x}}&c=${env:V}"))
        .isEqualTo("a=7&b={x}&c=<${env:V}>");
    JsonNode body =
        Wire.mapper()
            .readTree(
                "{\"since\":\"{incremental.start_value}\",\"q\":[\"{{ a(b: {incremental.last_value}) }}\",1]}");
    assertThat(templates.fill(body, reference -> reference).toString())
        .isEqualTo("{\"since\":7,\"q\":[\"{ a(b: 7) }\",1]}");
  }

  @Test
  void writesNumbersAndBooleansAsAnAddressWantsThem() {
    for (String[] pair :
        new String[][] {
          {"1717171717.123", "1717171717.123"},
          {"12345678901234567890", "12345678901234567890"},
          {"0.5", "0.5"},
          {"true", "True"},
          {"[1,\"a\"]", "[1,\"a\"]"}
        }) {
      assertThat(Templates.written(json(pair[0]))).isEqualTo(pair[1]);
    }
  }

  private static JsonNode json(String text) {
    try {
      return Wire.mapper().readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void valueThatIsNotThereLeavesTheParameterOut() {
    Templates templates = templates(incremental(null, null, null), null);
    assertThat(fill(templates, "{incremental.start_value}")).isNull();
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> fill(templates, "x/{incremental.start_value}"))
        .withMessageContaining("there is no value yet: {incremental.start_value}");
  }

  @Test
  void refusesUnknownPlaceholdersAndLoneBraces() {
    Templates templates = templates(incremental(null, null, null), new LongNode(7));
    for (String text : new String[] {"{resources.a.id}", "{", "}", "{ x }"}) {
      assertThatExceptionOfType(MillraceException.class)
          .as(text)
          .isThrownBy(() -> fill(templates, text))
          .withMessageContaining("unknown placeholder " + text);
    }
  }

  @Test
  void neitherSecretsNorValuesAreReadAsTemplates() {
    Templates templates = templates(incremental(null, null, null), text("{evil}${env:X}"));
    assertThat(fill(templates, "{incremental.start_value}|${env:V}"))
        .isEqualTo("{evil}${env:X}|<${env:V}>");
  }

  private static String fill(Templates templates, String text) {
    return templates.fill(new Text(text), reference -> "<" + reference + ">", value -> value);
  }

  private static Templates templates(Incremental incremental, JsonNode windowStart) {
    Map<String, JsonNode> values = Window.placeholders(incremental, windowStart, false);
    return new Templates("shop.orders", values);
  }

  private static String start(Incremental incremental, JsonNode windowStart) {
    return Window.placeholders(incremental, windowStart, false)
        .get("incremental.start_value")
        .asText();
  }

  private static Incremental incremental(JsonNode initial, Double lag, String convert) {
    return new Incremental(
        "id", initial, null, null, null, null, null, null, lag, null, null, null, convert);
  }

  private static JsonNode text(String text) {
    return TextNode.valueOf(text);
  }
}
