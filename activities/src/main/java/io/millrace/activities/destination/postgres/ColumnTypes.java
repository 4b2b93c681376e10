package io.millrace.activities.destination.postgres;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;

/**
 * How a column of ours looks in PostgreSQL ({@code normalization.md} 14, 16), in the words of
 * {@code format_type}.
 */
final class ColumnTypes {
  private static final int MAX_DIGITS = 1000;
  private static final int MAX_TEXT = 10_485_760;

  private ColumnTypes() {}

  static String sql(Column column) {
    Integer precision = column.precision();
    return switch (column.type()) {
      case TEXT -> text(column);
      case DOUBLE -> "double precision";
      case BOOL -> "boolean";
      case TIMESTAMP ->
          "timestamp%s %s time zone".formatted(digits(column), zoned(column) ? "with" : "without");
      case DATE -> "date";
      case TIME -> "time%s without time zone".formatted(digits(column));
      case BIGINT -> integer(column);
      case BINARY -> "bytea";
      case JSON -> "jsonb";
      case DECIMAL -> {
        int all = precision == null ? 38 : precision;
        yield numeric(column, all, column.scale() == null ? Math.min(9, all) : column.scale());
      }
      case WEI -> "numeric(156,78)";
    };
  }

  private static boolean zoned(Column column) {
    return column.timezone() == null || column.timezone();
  }

  private static String text(Column column) {
    Integer length = column.precision();
    if (length == null) {
      return "character varying";
    }
    if (length < 1 || length > MAX_TEXT) {
      throw unsupported(column, "a text has 1 to " + MAX_TEXT + " characters");
    }
    return "character varying(" + length + ")";
  }

  private static String digits(Column column) {
    Integer digits = column.precision();
    if (digits != null && (digits < 0 || digits > 6)) {
      throw unsupported(column, "a time has 0 to 6 fraction digits");
    }
    return digits == null || digits == 6 && zoned(column) ? "" : "(" + digits + ")";
  }

  private static String integer(Column column) {
    int bits = column.precision() == null ? 64 : column.precision();
    if (bits < 1 || bits > 64) {
      throw unsupported(column, "an integer has 1 to 64 bits");
    }
    return bits <= 16 ? "smallint" : bits <= 32 ? "integer" : "bigint";
  }

  private static String numeric(Column column, int precision, int scale) {
    if (precision < 1 || precision > MAX_DIGITS || scale < 0 || scale > precision) {
      throw unsupported(
          column, "a decimal has 1 to 1000 digits, and not more of them after the point");
    }
    return "numeric(" + precision + "," + scale + ")";
  }

  private static MillraceException unsupported(Column column, String why) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot make column %s in PostgreSQL: %s: precision %s, scale %s (change the column's hints)"
            .formatted(column.name(), why, column.precision(), column.scale()));
  }
}
