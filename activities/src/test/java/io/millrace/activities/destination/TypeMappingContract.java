package io.millrace.activities.destination;

import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every type there and back: least, greatest, absent, before 1970, and what does not fit. */
abstract class TypeMappingContract {
  abstract Loader loader();

  /** The engine's type of a column, as {@code tables} shows it. */
  abstract String engineType(Column column);

  /** What a query gives of a value that was stored. */
  Object shown(Column column, Object value) {
    return value;
  }

  /** An expression that shows a time as ISO text with six digits of a second. */
  abstract String iso(String time);

  /** A column with precision, scale and timezone. */
  static Column column(
      String name, DataType type, Integer precision, Integer scale, Boolean timezone) {
    return new Column(name, type, true, precision, scale, timezone, Map.of());
  }

  static Column column(DataType type) {
    return Column.of("c", type);
  }

  /** Loads the values, an absent one between them, and reads them back in order. */
  List<Object> roundTrip(Column column, String read, Object... values) {
    TestPackage load = TestPackage.of("s", "t").table("t", Column.of("n", DataType.BIGINT), column);
    long n = 0;
    for (Object value : values) {
      load.row(cells("n", n++, "c", value));
      load.row(cells("n", n++));
    }
    new TestRun(loader(), "s.t", WriteDisposition.REPLACE).finish(load);
    List<Object> all = new ArrayList<>();
    for (List<Object> row : loader().query("SELECT " + read + " FROM t ORDER BY n", 0).rows()) {
      all.add(row.get(0));
    }
    List<Object> present = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i % 2 == 0) {
        present.add(all.get(i));
      } else {
        assertThat(all.get(i)).as("an absent cell is NULL").isNull();
      }
    }
    assertThat(loader().tables(false).get(0).columns().get(1).type()).isEqualTo(engineType(column));
    return present;
  }

  void exact(Column column, Object... values) {
    assertThat(roundTrip(column, "c", values))
        .isEqualTo(Arrays.stream(values).map(value -> shown(column, value)).toList());
  }

  @Test
  void bigint() {
    exact(column(DataType.BIGINT), Long.MIN_VALUE, -1L, 0L, 1L, Long.MAX_VALUE);
  }

  @Test
  void doubleIsExact() {
    exact(
        column(DataType.DOUBLE),
        -Double.MAX_VALUE,
        -0.0,
        0.0,
        Double.MIN_VALUE,
        0.1,
        1e16,
        Double.MAX_VALUE,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY);
  }

  @Test
  void bool() {
    exact(column(DataType.BOOL), true, false);
  }

  @Test
  void text() {
    exact(
        column(DataType.TEXT),
        "",
        " ",
        "NULL",
        "it's \"quoted\" \\N \\x00 \t\r\n",
        "über 日本語 😀 \uFFFD",
        "twelve bytes",
        "thirteen byte",
        "x".repeat(100_000));
  }

  /** Whether the engine can store it; the normalizer leaves it out of texts anyway. */
  abstract boolean storesNul();

  @Test
  void textWithNulCharacterIsNotCut() {
    if (!storesNul()) {
      DestinationContract.assertFails(
          Failure.DATA_INVALID, () -> roundTrip(column(DataType.TEXT), "c", "a\0b"), "column t.c");
      return;
    }
    assertThat(
            roundTrip(column(DataType.TEXT), "length(c)", "a\0b", "\0", "\0\0longer than twelve"))
        .containsExactly(3L, 1L, 20L);
    assertThat(loader().query("SELECT count(*) FROM t WHERE c = 'a' || chr(0) || 'b'", 0).rows())
        .containsExactly(List.of(1L));
  }

  @Test
  void json() {
    exact(
        column(DataType.JSON),
        "{\"a\":[1,null,\"\\u0000\"],\"b\":1.0}",
        "[]",
        "null",
        "\"x\"",
        "12");
  }

  @Test
  void brokenJsonIsRefusedByName() {
    TestPackage load =
        TestPackage.of("s", "t")
            .table("t", Column.of("ok", DataType.JSON), Column.of("c", DataType.JSON))
            .row(cells("ok", "{}", "c", "{\"a\":"));
    DestinationContract.assertFails(
        Failure.DATA_INVALID,
        () -> new TestRun(loader(), "s.t", WriteDisposition.APPEND).finish(load),
        "column t.c",
        "does not fit");
  }

  @Test
  void binary() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    assertThat(roundTrip(column(DataType.BINARY), hex("c"), all, new byte[0], new byte[] {0}))
        .containsExactly(java.util.HexFormat.of().withUpperCase().formatHex(all), "", "00");
  }

  /** An expression that shows bytes as upper-case hex. */
  abstract String hex(String column);

  @Test
  void decimalIsExact() {
    exact(
        column(DataType.DECIMAL),
        new BigDecimal("-99999999999999999999999999999.999999999"),
        new BigDecimal("0.000000000"),
        new BigDecimal("0.000000001"),
        new BigDecimal("12.340000000"),
        new BigDecimal("99999999999999999999999999999.999999999"));
  }

  @Test
  void decimalTakesPrecisionAndScale() {
    exact(column("c", DataType.DECIMAL, 10, 2, null), new BigDecimal("12345678.90"));
  }

  @Test
  void decimalRoundsHalfUpWhenItHasMoreDigits() {
    assertThat(
            roundTrip(
                column(DataType.DECIMAL),
                "c",
                new BigDecimal("1.1234567895"),
                new BigDecimal("-1.1234567895"),
                new BigDecimal("1.12345678949")))
        .containsExactly(
            new BigDecimal("1.123456790"),
            new BigDecimal("-1.123456790"),
            new BigDecimal("1.123456789"));
  }

  @Test
  void decimalThatDoesNotFitIsRefusedByName() {
    TestPackage load =
        TestPackage.of("s", "t")
            .table("t", column("c", DataType.DECIMAL, 4, 2, null))
            .row(cells("c", new BigDecimal("123.45")));
    DestinationContract.assertFails(
        Failure.DATA_INVALID,
        () -> new TestRun(loader(), "s.t", WriteDisposition.APPEND).finish(load),
        "column t.c",
        "does not fit");
  }

  @Test
  void wei() {
    exact(
        column(DataType.WEI),
        new BigDecimal("-99999999999999999999999999999999999999"),
        new BigDecimal("0"),
        new BigDecimal("99999999999999999999999999999999999999"));
  }

  @Test
  void date() {
    assertThat(
            roundTrip(
                column(DataType.DATE),
                "c::VARCHAR",
                LocalDate.of(1, 1, 1),
                LocalDate.of(1969, 12, 31),
                LocalDate.EPOCH,
                LocalDate.of(9999, 12, 31)))
        .containsExactly("0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31");
  }

  @Test
  void time() {
    assertThat(
            roundTrip(
                column(DataType.TIME),
                "c::VARCHAR",
                LocalTime.MIN,
                LocalTime.of(12, 34, 56, 789_000),
                LocalTime.MAX))
        .containsExactly("00:00:00", "12:34:56.000789", "23:59:59.999999");
  }

  static final Instant[] INSTANTS = {
    Instant.parse("0001-01-01T00:00:00Z"),
    Instant.parse("1582-10-15T00:00:00.000001Z"),
    Instant.parse("1969-12-31T23:59:59.999999Z"),
    Instant.EPOCH,
    Instant.parse("2024-02-29T12:34:56.789012Z"),
    Instant.parse("9999-12-31T23:59:59.999999Z")
  };

  @Test
  void timestamp() {
    assertThat(
            roundTrip(column(DataType.TIMESTAMP), iso("c AT TIME ZONE 'UTC'"), (Object[]) INSTANTS))
        .containsExactly(
            "0001-01-01T00:00:00.000000",
            "1582-10-15T00:00:00.000001",
            "1969-12-31T23:59:59.999999",
            "1970-01-01T00:00:00.000000",
            "2024-02-29T12:34:56.789012",
            "9999-12-31T23:59:59.999999");
  }

  @Test
  void timestampWithoutZone() {
    assertThat(
            roundTrip(
                column("c", DataType.TIMESTAMP, null, null, false), iso("c"), (Object[]) INSTANTS))
        .endsWith("2024-02-29T12:34:56.789012", "9999-12-31T23:59:59.999999");
  }
}
