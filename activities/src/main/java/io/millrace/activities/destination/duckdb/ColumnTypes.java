package io.millrace.activities.destination.duckdb;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import org.duckdb.DuckDBColumnType;

/**
 * How a column of ours looks in DuckDB: its SQL type ({@code normalization.md} 14, 16), the vector
 * that carries its cells, and the expression that makes the value of the one from the other.
 */
final class ColumnTypes {
  private ColumnTypes() {}

  static String sql(Column column) {
    return switch (column.type()) {
      case TEXT -> "VARCHAR";
      case DOUBLE -> "DOUBLE";
      case BOOL -> "BOOLEAN";
      case TIMESTAMP -> timestamp(column);
      case DATE -> "DATE";
      case TIME -> "TIME";
      case BIGINT -> integer(column);
      case BINARY -> "BLOB";
      case JSON -> "JSON";
      case DECIMAL -> decimal(column);
      case WEI -> "DECIMAL(38,0)";
    };
  }

  /** What carries the cells: numbers as they are, everything with digits or bytes as text. */
  static DuckDBColumnType vector(DataType type) {
    return switch (type) {
      case BIGINT, TIMESTAMP, TIME -> DuckDBColumnType.BIGINT;
      case DATE -> DuckDBColumnType.INTEGER;
      case DOUBLE -> DuckDBColumnType.DOUBLE;
      case BOOL -> DuckDBColumnType.BOOLEAN;
      case TEXT, JSON, BINARY, DECIMAL, WEI -> DuckDBColumnType.VARCHAR;
    };
  }

  /** The column's value from the vector of that name. Bytes come as base64. */
  static String value(Column column, String vector) {
    return switch (column.type()) {
      case TEXT, DOUBLE, BOOL -> vector;
      case BIGINT, JSON, DECIMAL, WEI -> "CAST(" + vector + " AS " + sql(column) + ")";
      case BINARY -> "from_base64(" + vector + ")";
      case DATE -> "make_date(" + vector + ")";
      case TIME -> "CAST(make_timestamp(" + vector + ") AS TIME)";
      case TIMESTAMP ->
          zoned(column)
              ? "make_timestamptz(" + vector + ")"
              : "CAST(make_timestamp(" + vector + ") AS " + sql(column) + ")";
    };
  }

  private static boolean zoned(Column column) {
    return column.timezone() == null || column.timezone();
  }

  private static String timestamp(Column column) {
    if (zoned(column)) {
      return "TIMESTAMP WITH TIME ZONE";
    }
    int digits = column.precision() == null ? 6 : column.precision();
    if (digits < 0 || digits > 9) {
      throw unsupported(column, "a timestamp has 0 to 9 fraction digits");
    }
    return digits == 0
        ? "TIMESTAMP_S"
        : digits <= 3 ? "TIMESTAMP_MS" : digits <= 6 ? "TIMESTAMP" : "TIMESTAMP_NS";
  }

  private static String integer(Column column) {
    int bits = column.precision() == null ? 64 : column.precision();
    if (bits < 1 || bits > 128) {
      throw unsupported(column, "an integer has 1 to 128 bits");
    }
    return bits <= 8
        ? "TINYINT"
        : bits <= 16 ? "SMALLINT" : bits <= 32 ? "INTEGER" : bits <= 64 ? "BIGINT" : "HUGEINT";
  }

  private static String decimal(Column column) {
    int precision = column.precision() == null ? 38 : column.precision();
    int scale = column.scale() == null ? Math.min(9, precision) : column.scale();
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
      throw unsupported(
          column, "a decimal has 1 to 38 digits, and not more of them after the point");
    }
    return "DECIMAL(" + precision + "," + scale + ")";
  }

  private static MillraceException unsupported(Column column, String why) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot make column %s in DuckDB: %s: precision %s, scale %s (change the column's hints)"
            .formatted(column.name(), why, column.precision(), column.scale()));
  }
}
