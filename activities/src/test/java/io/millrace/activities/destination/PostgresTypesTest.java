package io.millrace.activities.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The types, as PostgreSQL has them. */
class PostgresTypesTest extends TypeMappingContract {
  private final String dataset = PostgresContractTest.dataset();

  @Override
  Loader loader() {
    return PostgresServer.shared().loader(dataset, Map.of());
  }

  @Override
  String engineType(Column column) {
    Integer digits = column.precision();
    return switch (column.type()) {
      case TEXT -> digits == null ? "character varying" : "character varying(" + digits + ")";
      case DOUBLE -> "double precision";
      case BOOL -> "boolean";
      case DATE -> "date";
      case TIME -> "time without time zone";
      case BINARY -> "bytea";
      case JSON -> "jsonb";
      case WEI -> "numeric(156,78)";
      case DECIMAL ->
          digits == null ? "numeric(38,9)" : "numeric(" + digits + "," + column.scale() + ")";
      case BIGINT ->
          digits == null
              ? "bigint"
              : Map.of(8, "smallint", 16, "smallint", 32, "integer", 64, "bigint").get(digits);
      case TIMESTAMP ->
          column.timezone() == null
              ? "timestamp with time zone"
              : digits == null
                  ? "timestamp without time zone"
                  : "timestamp(" + digits + ") without time zone";
    };
  }

  /** {@code numeric(156,78)} has 78 digits after the point, and shows them. */
  @Override
  Object shown(Column column, Object value) {
    return column.type() == DataType.WEI ? ((BigDecimal) value).setScale(78) : value;
  }

  @Override
  String iso(String time) {
    return "to_char(" + time + ", 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";
  }

  @Override
  boolean storesNul() {
    return false;
  }

  @Override
  String hex(String column) {
    return "upper(encode(" + column + ", 'hex'))";
  }

  /** {@code jsonb} keeps values, digits included, and not their spelling. */
  @Test
  @Override
  void json() {
    assertThat(
            roundTrip(
                column(DataType.JSON),
                "c::VARCHAR",
                "{\"b\":1.0,\"a\":[1,null,\"x\\u0000y\"]}",
                "[]",
                "null",
                "\"\\ud800 \\ud83d\\ude00 \\\\u0000\"",
                "12345678901234567890.0123456789"))
        .containsExactly(
            "{\"a\": [1, null, \"xy\"], \"b\": 1.0}",
            "[]",
            "null",
            "\"\uFFFD \uD83D\uDE00 \\\\u0000\"",
            "12345678901234567890.0123456789");
  }

  @Test
  void integersTakeTheSizeOfTheirPrecision() {
    for (int bits : new int[] {16, 32, 64}) {
      long greatest = bits == 64 ? Long.MAX_VALUE : (1L << (bits - 1)) - 1;
      PostgresTypesTest other = new PostgresTypesTest();
      assertThat(
              other.roundTrip(
                  column("c", DataType.BIGINT, bits, null, null),
                  "c::VARCHAR",
                  greatest,
                  -greatest - 1))
          .containsExactly(Long.toString(greatest), Long.toString(-greatest - 1));
    }
    DestinationContract.assertFails(
        Failure.DATA_INVALID,
        () -> roundTrip(column("c", DataType.BIGINT, 16, null, null), "c", 32768L),
        "column t.c (smallint)");
  }

  @Test
  void decimalsOfManyDigitsAreExact() {
    exact(
        column("c", DataType.DECIMAL, 300, 100, null),
        new BigDecimal("-" + "9".repeat(200) + "." + "1234567890".repeat(10)),
        new BigDecimal("0." + "0".repeat(99) + "1"),
        new BigDecimal("10000." + "0".repeat(100)),
        new BigDecimal("0." + "0".repeat(100)));
  }

  @Test
  void refusesTextsThatAreTooLong() {
    Column two = column("c", DataType.TEXT, 2, null, null);
    assertThat(roundTrip(two, "c", "ab", "über".substring(0, 2))).containsExactly("ab", "üb");
    DestinationContract.assertFails(
        Failure.DATA_INVALID,
        () -> roundTrip(two, "c", "secret"),
        "column t.c (character varying(2))",
        "does not fit");
  }

  @Test
  void refusesPrecisionThatItDoesNotHave() {
    DestinationContract.assertFails(
        Failure.CONFIG_INVALID,
        () -> roundTrip(column("c", DataType.TIMESTAMP, 9, null, false), "c", Instant.EPOCH),
        "0 to 6 fraction digits");
    DestinationContract.assertFails(
        Failure.CONFIG_INVALID,
        () -> roundTrip(column("c", DataType.BIGINT, 128, null, null), "c", 1L),
        "1 to 64 bits");
  }

  @Test
  void timestampsTakeTheDigitsOfTheirPrecision() {
    assertThat(
            roundTrip(
                column("c", DataType.TIMESTAMP, 3, null, false),
                "c::VARCHAR",
                Instant.parse("1969-12-31T23:59:58.567891Z")))
        .containsExactly("1969-12-31 23:59:58.568");
  }
}
