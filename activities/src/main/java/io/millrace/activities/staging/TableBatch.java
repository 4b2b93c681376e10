package io.millrace.activities.staging;

import io.millrace.schema.Column;
import java.util.List;

/**
 * Rows of one table, column by column, with only the cells that have a value: an absent cell is
 * NULL and costs nothing. Read-only; not thread-safe.
 *
 * <p>A cell is a {@code long} whose meaning is the column's type: {@code bigint} the number; {@code
 * double} {@link Double#doubleToRawLongBits}; {@code bool} 0 or 1; {@code timestamp} microseconds
 * since 1970 UTC; {@code date} days since 1970; {@code time} microseconds of the day; {@code text},
 * {@code json}, {@code binary} a slice of the {@link #arena()}: {@code offset << 32 | length}
 * (UTF-8 for text and json); {@code decimal} and {@code wei} a slice that holds plain decimal
 * digits with optional sign and point ({@code -12.340}).
 */
public interface TableBatch {
  String table();

  int rows();

  /** The columns that have at least one cell here, with their types. */
  List<Column> columns();

  /** The cells of the column at that place in {@link #columns()}. */
  Cells cells(int column);

  /** The bytes that slices point into. */
  byte[] arena();

  /**
   * Cells of one column: {@code values[i]} is in row {@code rows[i]}; rows ascend strictly; only
   * the first {@code count} entries count.
   */
  record Cells(int count, int[] rows, long[] values) {}
}
