package io.millrace.activities.steps;

import io.millrace.activities.cursor.CursorReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The types of {@code cast}. A value that has no such meaning is refused without being shown. */
final class Casts {
  private static final List<String> TRUE = List.of("true", "yes", "1", "on", "t", "y");
  private static final List<String> FALSE = List.of("false", "no", "0", "off", "f", "n");

  /** Digits that a whole number may have. */
  private static final int MAX_DIGITS = 1_000;

  private Casts() {}

  static Steps.Change to(String type) {
    return switch (type) {
      case "text" -> Casts::text;
      case "bigint" -> Casts::whole;
      case "double" -> Casts::number;
      case "bool" -> Casts::bool;
      case "timestamp" -> Casts::timestamp;
      case "json" -> Casts::json;
      default -> throw new IllegalArgumentException("unknown type of cast: " + type);
    };
  }

  private static Object text(Object value) {
    return value instanceof Map ? json(value, "text") : value.toString();
  }

  private static String json(Object value, String type) {
    try {
      return new String(RecordJson.write(value), java.nio.charset.StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw refused(type);
    }
  }

  private static Object whole(Object value) {
    if (value instanceof Boolean bool) {
      return bool ? 1L : 0L;
    }
    try {
      BigDecimal number = decimal(value, "bigint");
      if (number.precision() - (long) number.scale() > MAX_DIGITS) {
        throw refused("bigint");
      }
      return number.toBigIntegerExact();
    } catch (ArithmeticException e) {
      throw refused("bigint");
    }
  }

  private static Object number(Object value) {
    double number = decimal(value, "double").doubleValue();
    if (!Double.isFinite(number)) {
      throw refused("double");
    }
    return number; // written with its point, so that the column is no bigint
  }

  private static Object bool(Object value) {
    String text = value.toString().strip().toLowerCase(Locale.ROOT);
    if (TRUE.contains(text) || FALSE.contains(text)) {
      return TRUE.contains(text);
    }
    throw refused("bool");
  }

  private static Object timestamp(Object value) {
    Instant moment =
        value instanceof String text
            ? CursorReader.isoMoment(text)
            : CursorReader.unixMoment(decimal(value, "timestamp"));
    if (moment == null) {
      throw refused("timestamp");
    }
    return moment.toString();
  }

  private static Object json(Object value) {
    try {
      return value instanceof String text ? RecordJson.read(text) : value;
    } catch (IOException e) {
      throw refused("json");
    }
  }

  private static BigDecimal decimal(Object value, String type) {
    try {
      if (!(value instanceof Map) && !(value instanceof Boolean)) {
        return new BigDecimal(value.toString().strip());
      }
    } catch (NumberFormatException e) {
      // told below, without the value
    }
    throw refused(type);
  }

  private static IllegalArgumentException refused(String type) {
    return new IllegalArgumentException("cannot be cast to " + type);
  }
}
