package io.millrace.activities.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The types, as DuckDB has them. */
class DuckDbTypesTest extends TypeMappingContract {
  @TempDir Path folder;

  @Override
  Loader loader() {
    return DuckDbContractTest.loader(folder, Map.of());
  }

  @Override
  String engineType(Column column) {
    return switch (column.type()) {
      case TEXT -> "VARCHAR";
      case DOUBLE -> "DOUBLE";
      case BOOL -> "BOOLEAN";
      case DATE -> "DATE";
      case TIME -> "TIME";
      case BINARY -> "BLOB";
      case JSON -> "JSON";
      case WEI -> "DECIMAL(38,0)";
      case DECIMAL -> column.precision() == null ? "DECIMAL(38,9)" : "DECIMAL(10,2)";
      case BIGINT ->
          column.precision() == null
              ? "BIGINT"
              : Map.of(8, "TINYINT", 16, "SMALLINT", 32, "INTEGER", 64, "BIGINT", 128, "HUGEINT")
                  .get(column.precision());
      case TIMESTAMP ->
          column.timezone() == null
              ? "TIMESTAMP WITH TIME ZONE"
              : column.precision() == null
                  ? "TIMESTAMP"
                  : Map.of(0, "TIMESTAMP_S", 3, "TIMESTAMP_MS", 6, "TIMESTAMP", 9, "TIMESTAMP_NS")
                      .get(column.precision());
    };
  }

  @Override
  String iso(String time) {
    return "strftime(" + time + ", '%Y-%m-%dT%H:%M:%S.%f')";
  }

  @Override
  boolean storesNul() {
    return true;
  }

  @Override
  String hex(String column) {
    return "hex(" + column + ")";
  }

  @Test
  void integersTakeTheSizeOfTheirPrecision() {
    for (int bits : new int[] {8, 16, 32, 64, 128}) {
      long greatest = bits >= 64 ? Long.MAX_VALUE : (1L << (bits - 1)) - 1;
      assertThat(
              roundTrip(
                  column("c", DataType.BIGINT, bits, null, null),
                  "c::VARCHAR",
                  greatest,
                  -greatest - 1))
          .containsExactly(Long.toString(greatest), Long.toString(-greatest - 1));
      new TestRun(loader(), "s.t", WriteDisposition.APPEND, io.millrace.run.Refresh.DROP_SOURCES)
          .finish(null);
    }
  }

  @Test
  void refusesIntegersThatDoNotFit() {
    DestinationContract.assertFails(
        Failure.DATA_INVALID,
        () -> roundTrip(column("c", DataType.BIGINT, 8, null, null), "c", 128L),
        "column t.c: a value does not fit");
  }

  @Test
  void timestampsTakeTheUnitOfTheirPrecision() {
    Map<Integer, String> shown =
        Map.of(
            0, "1969-12-31 23:59:59",
            3, "1969-12-31 23:59:58.568",
            6, "1969-12-31 23:59:58.567891",
            9, "1969-12-31 23:59:58.567891");
    for (int digits : new int[] {0, 3, 6, 9}) {
      assertThat(
              roundTrip(
                  column("c", DataType.TIMESTAMP, digits, null, false),
                  "c::VARCHAR",
                  Instant.parse("1969-12-31T23:59:58.567891Z")))
          .containsExactly(shown.get(digits));
      new TestRun(loader(), "s.t", WriteDisposition.APPEND, io.millrace.run.Refresh.DROP_SOURCES)
          .finish(null);
    }
  }

  @Test
  void refusesNanosecondsBeyondTheirRange() {
    DestinationContract.assertFails(
        Failure.DATA_INVALID,
        () ->
            roundTrip(
                column("c", DataType.TIMESTAMP, 9, null, false),
                "c",
                Instant.parse("9999-12-31T23:59:59Z")),
        "column t.c (TIMESTAMP_NS, 1 rows)");
  }

  @Test
  void refusesPrecisionThatDuckDbDoesNotHave() {
    DestinationContract.assertFails(
        Failure.CONFIG_INVALID,
        () -> roundTrip(column("c", DataType.TIMESTAMP, 12, null, false), "c", Instant.EPOCH),
        "0 to 9 fraction digits");
    DestinationContract.assertFails(
        Failure.CONFIG_INVALID,
        () -> roundTrip(column("c", DataType.DECIMAL, 40, 2, null), "c", java.math.BigDecimal.ONE),
        "1 to 38 digits");
  }
}
