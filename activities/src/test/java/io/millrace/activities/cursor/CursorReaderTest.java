package io.millrace.activities.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import io.millrace.source.Incremental;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CursorReaderTest {
  private static final CursorReader PLAIN = reader("{}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          9223372036854775807  | 9223372036854775808
          9007199254740992     | 9007199254740993
          0.1                  | 0.10000000000000000001
          -1e400               | 1e-400
          9                    | 10
          "9"                  | "a"
          "10"                 | "9"
          "B"                  | "a"
          "2026-01-01T01:00:00+02:00" | "2026-01-01T00:00:00Z"
          "2026-01-01 00:00:00.1"     | "2026-01-01T00:00:00.25Z"
          "2026-01-01"                | "2026-01-01T00:00:01Z"
          "2026-01-01T23:59:59-0100"  | "2026-01-02T01:00:00"
          "2026-01-01T00:00"          | "2026-01-01 00:00:01 UTC"
          "2025-12-31"                | "2026-01-01"
          """)
  void tellsWhichComesFirst(String first, String second) {
    assertThat(value(first).compare(value(second))).isNegative();
    assertThat(value(second).compare(value(first))).isPositive();
    assertThat(value(first).compare(value(first))).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1                      | 1.0
          100                    | 1e2
          "2026-01-01T02:00:00+02:00" | "2026-01-01T00:00:00Z"
          "2026-01-01"                | "2026-01-01 00:00:00"
          """)
  void oneValueInTwoFormsIsOne(String first, String second) {
    assertThat(value(first).compare(value(second))).isZero();
  }

  @Test
  void ordersTextsByCodePoints() {
    assertThat(value("\"\\uFFFD\"").compare(value("\"\\uD83D\\uDE00\""))).isNegative();
  }

  @ParameterizedTest
  @CsvSource({"1,\"1\"", "\"2026-01-01\",\"soon\"", "5,\"2026-01-01\""})
  void refusesToCompareValuesOfDifferentKinds(String first, String second) {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> value(first).compare(value(second)))
        .withMessageStartingWith("Cannot compare cursor values: they are of different kinds: ")
        .withMessageContaining("choose a cursor_path whose values are all of one kind");
  }

  @Test
  void refusesValuesThatAreNoScalars() {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> value("true"))
        .withMessageContaining("it is neither a number nor a text: true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          60    | "2026-01-01T00:00:30Z"        | "2025-12-31T23:59:30Z"
          -60   | "2026-01-01T00:00:30Z"        | "2026-01-01T00:01:30Z"
          0.5   | "2026-01-01T00:00:00.250+02:00" | "2025-12-31T23:59:59.750+02:00"
          1     | "2024-01-03 00:00:00.5"       | "2024-01-02 23:59:59.5"
          1     | "2024-01-03T00:00:01.500Z"    | "2024-01-03T00:00:00.500Z"
          30    | "2026-01-01 00:00:30"         | "2026-01-01 00:00:00"
          2     | "2024-03-01"                  | "2024-02-28"
          -2    | "2024-02-28"                  | "2024-03-01"
          5     | 7                             | 2
          -5    | 7                             | 12
          0.5   | 7                             | 6.5
          1     | 9223372036854775808           | 9223372036854775807
          1     | 92233720368547758080.5        | 92233720368547758079.5
          """)
  void lagMovesTheStartInTheUnitAndTheFormOfTheCursor(double lag, String stored, String start) {
    CursorReader reader = reader("{'lag': " + lag + "}");
    assertThat(reader.start(json(stored)).json().toString()).isEqualTo(json(start).toString());
  }

  @Test
  void lagGoesTheOtherWayWhenTheCursorMovesDownAndNeverBeforeTheInitialValue() {
    assertThat(reader("{'lag': 3, 'last_value_func': 'min'}").start(json("10"))).hasToString("13");
    assertThat(
            reader("{'lag': 3, 'last_value_func': 'min', 'initial_value': 12}").start(json("10")))
        .hasToString("12");
    assertThat(reader("{'lag': 3, 'initial_value': 8}").start(json("10"))).hasToString("8");
    assertThat(reader("{'lag': 3, 'initial_value': 10}").start(json("10"))).hasToString("10");
    assertThat(reader("{'lag': 3, 'initial_value': 1}").start(null)).hasToString("1");
  }

  @Test
  void aBackfillBeginsAtItsInitialValueWhateverIsStored() {
    assertThat(reader("{'initial_value': 1, 'end_value': 5, 'lag': 1}").start(json("10")))
        .hasToString("1");
  }

  @Test
  void refusesALagOnWhatIsNoNumberOrTime() {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> reader("{'lag': 1}").start(json("\"abc\"")))
        .withMessageContaining("Cannot apply `lag`");
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> reader("{'lag': 1}").start(json("1e99999999")))
        .withMessageContaining("more than 1000 digits");
  }

  @Test
  void readsAndMovesTimesOfAFormOfTheirOwn() {
    CursorReader reader = reader("{'lag': 3600, 'cursor_format': 'dd/MM/yyyy HH:mm'}");
    CursorValue old = reader.read(json("\"31/12/2025 23:30\""));
    CursorValue young = reader.read(json("\"01/01/2026 00:10\""));
    assertThat(old.compare(young)).isNegative();
    assertThat(reader.start(young.json())).hasToString("31/12/2025 23:10");
    assertThat(reader.read(json("\"2026-01-01T00:10Z\"")).compare(young)).isZero();
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> reader.read(json("\"yesterday\"")))
        .withMessageContaining("it is not of the form of cursor_format: yesterday");
  }

  @Test
  void readsDatesAndZonedTimesOfAFormOfTheirOwn() {
    assertThat(reader("{'cursor_format': 'yyyyMMdd'}").read(json("\"20260102\"")).moment())
        .hasToString("2026-01-02T00:00:00Z");
    assertThat(
            reader("{'cursor_format': 'EEE, dd MMM yyyy HH:mm:ss Z'}")
                .read(json("\"Fri, 02 Jan 2026 03:04:05 +0100\""))
                .moment())
        .hasToString("2026-01-02T02:04:05Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'unix_seconds' | "2026-01-02T03:04:05+01:00" | 1767319445
          'unix_millis'  | "2026-01-02T03:04:05+01:00" | 1767319445000
          'iso_date'     | "2026-01-02T03:04:05+01:00" | 2026-01-02
          'iso_instant'  | 1767319445.5                | 2026-01-02T02:04:05.500Z
          'iso_instant'  | 1767319445000               | 2026-01-02T02:04:05Z
          {'datetime': 'yyyy-MM-dd HH:mm'} | "2026-01-02T03:04:05+01:00" | 2026-01-02 02:04
          {'datetime': 'yyyyMMdd', 'timezone': 'Asia/Tokyo'} | "2026-01-02T23:00:00Z" | 20260103
          """,
      quoteCharacter = '`')
  void writesATimeAsTheRequestWantsIt(String convert, String stored, String written) {
    CursorReader reader = reader("{'convert': " + convert + "}");
    assertThat(reader.written(reader.read(json(stored))).asText()).isEqualTo(written);
  }

  @Test
  void valuesComeBackFromTheStateExactly() throws IOException {
    for (String text :
        new String[] {
          "1", "9223372036854775808", "0.5", "0.1", "0.12345678901234567890", "1e400", "\"x\""
        }) {
      CursorValue value = value(text);
      JsonNode back = Wire.mapper().readTree(value.stored().toString());
      assertThat(PLAIN.read(back).compare(value)).as(text).isZero();
    }
    assertThat(value("0.1").stored()).hasToString("0.1");
    assertThat(value("0.12345678901234567890").stored().has("decimal")).isTrue();
  }

  private static CursorValue value(String json) {
    return PLAIN.read(json(json));
  }

  private static JsonNode json(String text) {
    try {
      return Wire.mapper()
          .reader()
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static CursorReader reader(String said) {
    JsonNode keys = json(said.replace('\'', '"'));
    JsonNode convert = keys.get("convert");
    return new CursorReader(
        new Incremental(
            "c",
            keys.get("initial_value"),
            keys.get("end_value"),
            keys.path("last_value_func").textValue(),
            null,
            null,
            null,
            null,
            keys.has("lag") ? keys.get("lag").asDouble() : null,
            null,
            null,
            null,
            convert == null
                ? null
                : convert.isTextual()
                    ? new Incremental.Convert(convert.asText(), null, null)
                    : new Incremental.Convert(
                        "datetime",
                        convert.get("datetime").asText(),
                        convert.path("timezone").textValue()),
            keys.path("cursor_format").textValue()),
        false);
  }
}
