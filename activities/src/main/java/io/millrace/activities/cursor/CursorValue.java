package io.millrace.activities.cursor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * A value of a cursor as what it is. Whole numbers of any size and decimals are compared exactly,
 * times as the moments that they name whatever their zone, dates as the beginning of their day in
 * UTC (so is a time without a zone), other texts by their code points.
 */
public final class CursorValue {
  /** What a value is. */
  enum Kind {
    NUMBER("a number"),
    TIME("a time"),
    TEXT("a text");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private static final String DECIMAL = "decimal";

  private final JsonNode json;
  final Kind kind;
  private final Object value;

  private CursorValue(JsonNode json, Kind kind, Object value) {
    this.json = json;
    this.kind = kind;
    this.value = value;
  }

  static CursorValue number(JsonNode json) {
    return new CursorValue(
        json,
        Kind.NUMBER,
        json.isIntegralNumber() && json.canConvertToLong()
            ? (Object) json.longValue()
            : json.decimalValue());
  }

  static CursorValue time(JsonNode json, Instant moment) {
    return new CursorValue(json, Kind.TIME, moment);
  }

  static CursorValue text(JsonNode json) {
    return new CursorValue(json, Kind.TEXT, json.asText());
  }

  /** As the source wrote it; a scalar. */
  public JsonNode json() {
    return json;
  }

  /** The moment of a time; {@code null} for anything else. */
  Instant moment() {
    return kind == Kind.TIME ? (Instant) value : null;
  }

  /**
   * Which comes first, as {@link Comparable} says it; {@code DATA_INVALID} when one is a number and
   * the other a text, or one a time and the other not.
   */
  public int compare(CursorValue other) {
    if (kind != other.kind) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot compare cursor values: they are of different kinds: %s is %s and %s is %s (choose a cursor_path whose values are all of one kind; cursor_format says how times are written)"
              .formatted(shown(), kind.words, other.shown(), other.kind.words));
    }
    if (kind == Kind.NUMBER) {
      return value instanceof Long a && other.value instanceof Long b
          ? Long.compare(a, b)
          : decimal().compareTo(other.decimal());
    }
    return kind == Kind.TIME
        ? ((Instant) value).compareTo((Instant) other.value)
        : codePoints((String) value, (String) other.value);
  }

  BigDecimal decimal() {
    return value instanceof Long whole ? BigDecimal.valueOf(whole) : (BigDecimal) value;
  }

  String shown() {
    String text = json.toString();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  /** Strings compare by UTF-16 units, UTF-8 and Python by code points. */
  private static int codePoints(String a, String b) {
    int n = Math.min(a.length(), b.length());
    for (int i = 0; i < n; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean apart = Character.isSurrogate(x) != Character.isSurrogate(y);
        return apart ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * For the state: JSON that comes back exactly. Readers of the state make doubles of decimals, so
   * one that a double does not hold is written as {@code {"decimal": "…"}}.
   */
  public JsonNode stored() {
    if (json.isNumber() && !json.isIntegralNumber()) {
      BigDecimal exact = json.decimalValue();
      double near = exact.doubleValue();
      boolean holds = Double.isFinite(near) && BigDecimal.valueOf(near).compareTo(exact) == 0;
      return holds
          ? JsonNodeFactory.instance.numberNode(near)
          : JsonNodeFactory.instance.objectNode().put(DECIMAL, exact.toString());
    }
    return json;
  }

  /** The same for a number that comes from elsewhere: a person, or another program's state. */
  public static JsonNode stored(BigDecimal number) {
    return number.stripTrailingZeros().scale() <= 0
        ? JsonNodeFactory.instance.numberNode(number.toBigInteger())
        : number(DecimalNode.valueOf(number)).stored();
  }

  /** What {@link #stored} wrote, as the source wrote it; {@code null} for nothing. */
  public static JsonNode scalar(JsonNode stored) {
    if (stored == null || stored.isNull() || stored.isMissingNode()) {
      return null;
    }
    return stored.path(DECIMAL).isTextual()
        ? DecimalNode.valueOf(new BigDecimal(stored.path(DECIMAL).textValue()))
        : stored;
  }

  @Override
  public String toString() {
    return json.asText();
  }
}
