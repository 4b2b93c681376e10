package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.activities.normalize.value.Coercion.Detections;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoercionTest {
  private final Value value = new Value();

  /** Incoming values as JSON would show them; {@code -} means that it becomes a variant. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        // to text
        "text | '5' | 5",
        "text | 5 | 5",
        "text | 1.0 | 1.0",
        "text | 1e22 | 1e+22",
        "text | 1e-7 | 1e-07",
        "text | true | True",
        "text | false | False",
        "text | {\"a\":1} | {\"a\":1}",
        "text | 18446744073709551616 | 18446744073709551616",
        // to bigint
        "bigint | '7' | 7",
        "bigint | ' 8 ' | 8",
        "bigint | '0x10' | 16",
        "bigint | '1_000' | 1000",
        "bigint | '1.0' | -",
        "bigint | '1e3' | -",
        "bigint | '' | -",
        "bigint | 2.0 | 2",
        "bigint | 1.5 | -",
        "bigint | 1e19 | -",
        "bigint | 9.2e18 | 9200000000000000000",
        "bigint | true | -",
        "bigint | {} | -",
        "bigint | 18446744073709551616 | -",
        "bigint | '1871786301820000000000' | -",
        "bigint | -9223372036854775808.0 | -9223372036854775808",
        // to double
        "double | '1e2' | 100.0",
        "double | '0x10' | 16.0",
        "double | 3 | 3.0",
        "double | '' | -",
        "double | 'true' | -",
        "double | 'nan' | nan",
        "double | '-inf' | -inf",
        "double | true | -",
        "double | [] | -",
        "double | -0.0 | 0.0",
        "double | '-0' | 0.0",
        "double | 18446744073709551616 | 1.8446744073709552e+19",
        // to bool
        "bool | 'yes' | 1",
        "bool | 'TRUE' | 1",
        "bool | 't' | 1",
        "bool | 'y' | 1",
        "bool | '1' | 1",
        "bool | 'No' | 0",
        "bool | 'f' | 0",
        "bool | '0' | 0",
        "bool | '2' | -",
        "bool | ' 1' | -",
        "bool | '' | -",
        "bool | 'x' | -",
        "bool | 0 | 0",
        "bool | -3 | 1",
        "bool | 0.0 | 0",
        "bool | 0.1 | 1",
        "bool | [] | -",
        // to timestamp, date and time
        "timestamp | '1970-01-01T00:00:01Z' | 1000000",
        "timestamp | '1970-01-02' | 86400000000",
        "timestamp | '1.5' | 1500000",
        "timestamp | 5 | 5000000",
        "timestamp | -0.25 | -250000",
        "timestamp | 1704164645000 | -",
        "timestamp | 'x' | -",
        "timestamp | true | -",
        "timestamp | {} | -",
        "timestamp | '10:11' | -",
        "timestamp | 1e300 | -",
        "date | '1970-01-02' | 1",
        "date | '1970-01-01T23:30:00-05:00' | 1",
        "date | 86401 | 1",
        "date | -1 | -1",
        "date | '10:11' | -",
        "date | true | -",
        "date | '1970-W01-5' | 1",
        "time | '10:11' | 36660000000",
        "time | '101112' | -",
        "time | 5 | -",
        "time | 2.5 | -",
        // to json
        "json | 'x' | -",
        "json | '' | -",
        "json | 5 | -",
        "json | true | -",
        "json | '5' | 5",
        "json | ' {\"k\": [1, 2.0, null]} ' | {\"k\":[1,2.0,null]}",
        "json | '\"q\"' | \"q\"",
        "json | 'true' | true",
        "json | '{\"a\":1,\"b\":2,\"a\":3}' | {\"a\":3,\"b\":2}",
        "json | '[1e16, 1E-7]' | [1e+16,1e-7]",
        "json | '[1,]' | -",
        "json | '1 2' | -",
        "json | 'NaN' | -",
        "json | '{' | -",
        "json | '\"\\u0001\\u00e9\\/\"' | \"\\u0001é/\"",
        "json | '\"\\ud800\"' | -",
        "json | '[[]]' | [[]]",
        // to binary, shown in base64
        "binary | 'aGVsbG8=' | aGVsbG8=",
        "binary | '0xFF00' | /wA=",
        "binary | '' | ~~",
        "binary | 'x' | -",
        "binary | 'aGVsbG8' | -",
        "binary | 'aGVs bG8=' | -",
        "binary | '0xF' | -",
        "binary | 300 | LAE=",
        "binary | 0 | ~~",
        "binary | -1 | -",
        "binary | 1.5 | -",
        "binary | '====' | -",
        "binary | 'YWI=' | YWI=",
        "binary | 'YQ==' | YQ==",
        // to decimal(38, 9)
        "decimal | '1.2345' | 1.2345",
        "decimal | '1.10' | 1.10",
        "decimal | 7 | 7",
        "decimal | 0.1 | 0.1",
        "decimal | 123456789.123456789 | 123456789.12345679",
        "decimal | '1.1234567895' | 1.123456790",
        "decimal | '-1.1234567895' | -1.123456790",
        "decimal | '0.99999999999' | 1.000000000",
        "decimal | '-0.0000000001' | 0.000000000",
        "decimal | '1e999999999' | -",
        "decimal | '1e-999999999' | 0.000000000",
        "decimal | 'nan' | -",
        "decimal | 'Infinity' | -",
        "decimal | 'x' | -",
        "decimal | '' | -",
        "decimal | true | -",
        "decimal | '0x10' | 16",
        "decimal | ' 1_0 ' | 10",
        "decimal | '99999999999999999999999999999.9999999999' | -",
        "decimal | '12345678901234567890123456789' | 12345678901234567890123456789",
        "decimal | '123456789012345678901234567890' | -",
        "decimal | 18446744073709551616 | 18446744073709551616",
        "decimal | '1E+3' | 1000",
        "decimal | '00.50' | 0.50",
        "decimal | '000' | 0",
        "decimal | 1e300 | -",
        // to wei
        "wei | '123456789012345678901234567890' | 123456789012345678901234567890",
        "wei | 5 | 5",
        "wei | 2.0 | 2",
        "wei | '0x10' | 16",
        "wei | 1e25 | 10000000000000000000000000",
        "wei | '1.5' | 2",
        "wei | '999999999999999999999999999999999999999' | -",
        "wei | 'x' | -",
        "wei | 18446744073709551616 | 18446744073709551616",
        "wei | true | -",
      })
  void convertsByTheMatrix(String to, String json, String cell) {
    set(json);
    Column column = Column.of("c", DataType.of(to));
    boolean fits = Coercion.coerce(value, value.kind(), column, true);
    assertThat(fits ? shown(column.type()) : "-").isEqualTo(cell);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "12 | 2 | 1.005 | 1.01",
        "12 | 2 | '1.005' | 1.01",
        "10 | 2 | '1.25' | 1.25",
        "2 | 2 | '0.994' | 0.99",
        "2 | 2 | '0.995' | -",
        "3 | 0 | '999.4' | 999",
        "3 | 0 | '999.5' | -",
        "6 | 5 | 1.234567 | 1.23457",
        "12 | | 1.1234567895 | 1.123456790",
        "5 | | '0.5' | 0.5",
        "5 | | '1' | -",
        "50 | 20 | '123456789012345678.5' | 123456789012345678.5",
      })
  void roundsDecimalsHalfUpToTheColumn(int precision, Integer scale, String json, String cell) {
    set(json);
    Column column = new Column("c", DataType.DECIMAL, true, precision, scale, null, Map.of());
    boolean fits = Coercion.coerce(value, value.kind(), column, true);
    assertThat(fits ? shown(DataType.DECIMAL) : "-").isEqualTo(cell);
  }

  @ParameterizedTest
  @CsvSource({
    "8, 127, true",
    "8, 128, false",
    "16, -32768, true",
    "16, 32768, false",
    "32, 2147483647, true",
    "32, 2147483648, false",
    "64, 9223372036854775807, true",
    "128, -9223372036854775808, true",
  })
  void narrowColumnsTakeOnlyWhatTheyHold(int bits, long number, boolean fits) {
    value.setBigint(number);
    Column column = new Column("c", DataType.BIGINT, true, bits, null, null, Map.of());
    assertThat(Coercion.coerce(value, DataType.BIGINT, column, true)).isEqualTo(fits);
    assertThat(value.bits()).isEqualTo(number);
  }

  @Test
  void withoutCompatNothingIsBent() {
    set("-0.0");
    assertThat(Coercion.coerce(value, DataType.DOUBLE, column(DataType.DOUBLE), false)).isTrue();
    assertThat(value.bits()).isEqualTo(Double.doubleToRawLongBits(-0.0));
    set("'1.5'");
    assertThat(Coercion.coerce(value, DataType.TEXT, column(DataType.WEI), false)).isFalse();
    set("'1.0'");
    assertThat(Coercion.coerce(value, DataType.TEXT, column(DataType.WEI), false)).isTrue();
  }

  @Test
  void nulIsLeftOutOfTexts() {
    set("'x\u0000y'");
    assertThat(Coercion.coerce(value, DataType.TEXT, column(DataType.TEXT), true)).isTrue();
    assertThat(shown(DataType.TEXT)).isEqualTo("xy");
  }

  @Test
  void variantsAreNamedByWhatCameIn() {
    set("'x'");
    assertThat(Coercion.variant(value, value.kind(), column(DataType.BIGINT))).isEqualTo("text");
    set("1e39");
    assertThat(Coercion.variant(value, value.kind(), column(DataType.WEI))).isEqualTo("str");
    assertThat(value.kind()).isEqualTo(DataType.TEXT);
    set("'x'");
    assertThat(Coercion.variant(value, value.kind(), column(DataType.WEI))).isEqualTo("text");
    set("true");
    assertThat(Coercion.variant(value, value.kind(), column(DataType.WEI))).isEqualTo("bool");
  }

  /** The golden case strings-pua, and each of the other marks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\uF0261.5 | decimal | 1.5 | 1.5",
        "\uF0261.10 | decimal | 1.10 | 1.10",
        "\uF026hello | text | \uF026hello | \uF026hello",
        "\uF026NaN | text | \uF026NaN | \uF026NaN",
        "\uF0272024-01-02T03:04:05+02:00 | timestamp | 1704157445000000 | 2024-01-02T03:04:05+02:00",
        "\uF0282024-01-01 | date | 19723 | 2024-01-01",
        "\uF028nodate | text | \uF028nodate | \uF028nodate",
        "\uF029c9bf9e57-1685-4c89-bafb-ff5af830be8a | text | c9bf9e57-1685-4c89-bafb-ff5af830be8a | c9bf9e57-1685-4c89-bafb-ff5af830be8a",
        "\uF02A0x6869 | binary | aGk= | 0x6869",
        "\uF02BaGk= | binary | aGk= | aGk=",
        "\uF02Bhello! | text | \uF02Bhello! | \uF02Bhello!",
        "\uF02B!a-Gk=x | binary | aGk= | aGk=",
        "\uF02B | text | \uF02B | \uF02B",
        "\uF0282024 | text | \uF0282024 | \uF0282024",
        "\uF0272024 10:30 | text | \uF0272024 10:30 | \uF0272024 10:30",
        "\uF0260x10 | text | \uF0260x10 | \uF0260x10",
        "\uF02C123456789012345678901234567890 | wei | 123456789012345678901234567890 | 123456789012345678901234567890",
        "\uF02D10:11:12 | time | 36672000000 | 10:11:12",
        "x\uF0261.5 | text | x\uF0261.5 | x\uF0261.5",
        "\uF02E1 | text | \uF02E1 | \uF02E1",
      })
  void decodesTypedTexts(String text, String type, String cell, String asText) {
    set("'" + text + "'");
    assertThat(Coercion.decodePua(value))
        .isEqualTo(!shown(DataType.TEXT).equals(text) || !type.equals("text"));
    set("'" + text + "'");
    Coercion.decodePua(value);
    assertThat(value.kind().key()).isEqualTo(type);
    assertThat(shown(value.kind())).isEqualTo(cell);
    assertThat(Coercion.coerce(value, value.kind(), column(DataType.TEXT), true)).isTrue();
    assertThat(shown(DataType.TEXT)).isEqualTo(asText);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "iso_timestamp | '2024-01-02T03:04:05Z' | timestamp",
        "iso_timestamp | '2024-01-02' | ",
        "iso_timestamp | 1704164645 | ",
        "iso_date | '2024-01-02' | date",
        "iso_date | '2024' | date",
        "iso_date | '2024-01-02T03:04:05Z' | ",
        "iso_date | 'x' | ",
        "timestamp | 1704164645 | timestamp",
        "timestamp | 1704164645.5 | timestamp",
        "timestamp | 5 | ",
        "timestamp | '1704164645' | ",
        "large_integer | 9223372036854775808 | wei",
        "large_integer | 5 | ",
        "hexbytes_to_text | '\uF02A0x6869' | text",
        "hexbytes_to_text | '\uF02BaGk=' | ",
        "wei_to_double | '\uF02C5' | double",
        "wei_to_double | 5 | ",
      })
  void detectsTypes(String name, String json, String type) {
    set(json);
    Coercion.decodePua(value);
    Detections detections = Detections.of(List.of(name)).at(1_700_000_000L);
    DataType detected = detections.detect(value);
    assertThat(detected == null ? null : detected.key()).isEqualTo(type);
    if (detected != null) {
      assertThat(Coercion.coerce(value, value.kind(), column(detected), true)).isTrue();
    }
  }

  @Test
  void detectionsAreTriedInOrder() {
    Detections both = Detections.of(List.of("iso_timestamp", "iso_date"));
    set("'2024-01-02'");
    assertThat(both.detect(value)).isEqualTo(DataType.DATE);
    assertThat(Detections.of(List.of()).detect(value)).isNull();
    set("1704164645");
    assertThat(Detections.of(List.of("timestamp")).detect(value)).as("no now").isNull();
    assertThatThrownBy(() -> Detections.of(List.of("iso")))
        .hasMessageStartingWith("Cannot detect types: no such detection: iso (use iso_timestamp,");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neverThrowsKeepsWhatDoesNotFitAndFitsItsOwnType(long seed) {
    Random random = new Random(seed);
    String[] seeds = {
      "2024-01-02T03:04:05Z", "0x1F", "aGVsbG8=", "{\"a\":[1,2]}", "1.5e10", "10:11:12", "yes",
      "1871786301820000000000", "-12.340", "\uF0261.5", "\uF0272024-01-02", "\uF02D1:2", "nan", ""
    };
    for (int i = 0; i < 60_000; i++) {
      random(random, seeds[random.nextInt(seeds.length)]);
      byte[] before = value.buf().clone();
      DataType kind = value.kind();
      for (DataType type : DataType.values()) {
        Value copy = new Value();
        copy(value, copy);
        boolean fits = Coercion.coerce(copy, kind, column(type), random.nextBoolean());
        if (fits) {
          assertThat(copy.kind()).isEqualTo(type);
        } else {
          assertThat(copy.kind()).isEqualTo(kind);
          assertThat(copy.buf()).isSameAs(value.buf());
          assertThat(copy.off()).isEqualTo(value.off());
          assertThat(type).isNotEqualTo(kind);
        }
        assertThat(value.buf()).as("the source is not written to").isEqualTo(before);
      }
      if (Coercion.decodePua(value)) {
        assertThat(Coercion.coerce(value, value.kind(), column(value.kind()), true)).isTrue();
      }
    }
  }

  private void random(Random random, String seed) {
    switch (random.nextInt(8)) {
      case 0 -> value.setBigint(random.nextLong() >> random.nextInt(64));
      case 1 -> value.setDouble(Double.longBitsToDouble(random.nextLong()));
      case 2 -> value.setBool(random.nextBoolean());
      case 3 -> {
        byte[] b = ("-" + "9".repeat(20 + random.nextInt(30))).getBytes(StandardCharsets.UTF_8);
        value.setBigInteger(b, 0, b.length);
      }
      case 4 -> {
        byte[] b = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        value.setJson(b, 0, b.length);
      }
      default -> {
        byte[] b = ("ab" + seed).getBytes(StandardCharsets.UTF_8);
        for (int n = random.nextInt(3); n > 0; n--) {
          b[random.nextInt(b.length)] =
              (byte) (random.nextInt(4) == 0 ? random.nextInt() : '0' + random.nextInt(10));
        }
        int cut = random.nextInt(3);
        value.setText(b, 2, Math.max(0, b.length - 2 - cut));
      }
    }
  }

  private static void copy(Value from, Value to) {
    switch (from.kind()) {
      case BIGINT -> to.setBigint(from.bits());
      case DOUBLE -> to.setDouble(Double.longBitsToDouble(from.bits()));
      case BOOL -> to.setBool(from.bits() != 0);
      default -> {}
    }
    to.slice(from.kind(), from.buf(), from.off(), from.len());
  }

  private static Column column(DataType type) {
    return Column.of("c", type);
  }

  /** Sets the value from a notation close to JSON, with texts in single quotes. */
  private void set(String json) {
    byte[] b = json.getBytes(StandardCharsets.UTF_8);
    if (json.startsWith("'")) {
      value.setText(b, 1, b.length - 2);
    } else if (json.equals("true") || json.equals("false")) {
      value.setBool(json.equals("true"));
    } else if (json.startsWith("{") || json.startsWith("[")) {
      value.setJson(b, 0, b.length);
    } else if (json.matches("-?[0-9]+") && json.length() > 18) {
      value.setBigInteger(b, 0, b.length);
    } else if (json.matches("-?[0-9]+")) {
      value.setBigint(Long.parseLong(json));
    } else {
      value.setDouble(Double.parseDouble(json));
    }
  }

  private String shown(DataType type) {
    byte[] slice = value.kind() == DataType.BIGINT ? new byte[0] : new byte[value.len()];
    System.arraycopy(value.buf(), value.off(), slice, 0, slice.length);
    return switch (type) {
      case TEXT, JSON, DECIMAL, WEI -> new String(slice, StandardCharsets.UTF_8);
      case BINARY -> Base64.getEncoder().encodeToString(slice);
      case DOUBLE -> PyNumbers.repr(Double.longBitsToDouble(value.bits()));
      case BIGINT, BOOL, TIMESTAMP, TIME -> Long.toString(value.bits());
      case DATE -> Long.toString(value.bits());
    };
  }

  @Test
  void datesAreDaysSince1970() {
    set("'2024-W05-1'");
    assertThat(Coercion.coerce(value, DataType.TEXT, column(DataType.DATE), true)).isTrue();
    assertThat(LocalDate.ofEpochDay(value.bits())).isEqualTo("2024-01-29");
  }
}
