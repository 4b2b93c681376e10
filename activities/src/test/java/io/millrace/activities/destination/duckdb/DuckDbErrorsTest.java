package io.millrace.activities.destination.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DuckDbErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DESTINATION_FULL        | IO Error: Could not write file "/a/b.duckdb": No space left on device
          DESTINATION_LOCKED      | IO Error: Could not set lock on file "/a/b.duckdb": Conflicting lock is held in /usr/bin/java (PID 42). See also …
          DESTINATION_REFUSED     | IO Error: Cannot open file "/a/b.duckdb": Permission denied
          DESTINATION_REFUSED     | Catalog Error: Table with name x does not exist!
          DESTINATION_REFUSED     | Out of Memory Error: could not allocate block of size 256.0 KiB
          DESTINATION_UNREACHABLE | IO Error: Could not read from file "/a/b.duckdb": Input/output error
          DESTINATION_UNREACHABLE | TransactionContext Error: Failed to commit: write-write conflict on key: "1"
          DESTINATION_UNREACHABLE | FATAL Error: Failed: database has been invalidated
          DATA_INVALID            | Constraint Error: NOT NULL constraint failed: t.c
          DATA_INVALID            | Conversion Error: Could not convert string "x" to INT64
          DATA_INVALID            | Conversion Error: Could not convert string "No space left on device" to INT64
          DATA_INVALID            | Constraint Error: Duplicate key "id: Could not set lock on file" violates unique constraint.
          DATA_INVALID            | Conversion Error: Could not convert string "Permission denied" to INT64
          INTERNAL                | INTERNAL Error: Attempted to dereference unique_ptr that is NULL!
          """)
  void everyTextHasItsName(Failure failure, String text) {
    MillraceException e = DuckDbErrors.of("load shop.orders", new SQLException(text));
    assertThat(e.failure()).as(e.getMessage()).isEqualTo(failure);
    assertThat(e.getMessage()).startsWith("Cannot load shop.orders: ").endsWith(")");
  }

  @Test
  void namesTheProcessAndTheColumn() {
    assertThat(
            DuckDbErrors.of(
                "load x",
                new SQLException(
                    "IO Error: Could not set lock on file \"/f\": Conflicting lock is held in /bin/java (PID 42) by user root.")))
        .hasMessage(
            "Cannot load x: another process holds the file: PID 42 (/bin/java) (close it there, or run again later)");
    assertThat(
            DuckDbErrors.of(
                "load x", new SQLException("Constraint Error: NOT NULL constraint failed: t.c")))
        .hasMessage(
            "Cannot load x: a row has no value in a column that needs one: t.c (make the column nullable, or reject such rows)");
  }
}
