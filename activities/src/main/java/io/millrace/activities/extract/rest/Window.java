package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.Incremental;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/** The values of {@code incremental} as a request wants them. Pure. */
final class Window {
  private Window() {}

  /** Placeholders and their values; JSON null where there is none. Empty without incremental. */
  static Map<String, JsonNode> placeholders(Incremental incremental, JsonNode windowStart) {
    Map<String, JsonNode> values = new TreeMap<>();
    if (incremental != null) {
      JsonNode last =
          orNull(windowStart).isNull() ? orNull(incremental.initialValue()) : windowStart;
      values.put("incremental.start_value", convert(incremental, start(incremental, windowStart)));
      values.put("incremental.last_value", convert(incremental, last));
      values.put("incremental.initial_value", convert(incremental, incremental.initialValue()));
      values.put("incremental.end_value", convert(incremental, incremental.endValue()));
    }
    return values;
  }

  /** Where to begin to read: the cursor less the lag, never before the initial value. */
  static JsonNode start(Incremental incremental, JsonNode windowStart) {
    JsonNode initial = orNull(incremental.initialValue());
    if (orNull(windowStart).isNull()) {
      return initial;
    }
    boolean lagged =
        incremental.lag() != null
            && incremental.lag() != 0
            && orNull(incremental.endValue()).isNull();
    if (!lagged || windowStart.equals(initial)) {
      return windowStart;
    }
    boolean max = !incremental.lastValueFunc().equals("min");
    JsonNode moved = move(windowStart, max ? -incremental.lag() : incremental.lag());
    boolean before = !initial.isNull() && (max ? less(moved, initial) : less(initial, moved));
    return before ? initial : moved;
  }

  private static JsonNode move(JsonNode value, double by) {
    if (value.isNumber()) {
      BigDecimal moved = value.decimalValue().add(BigDecimal.valueOf(by));
      boolean whole = value.isIntegralNumber() && moved.stripTrailingZeros().scale() <= 0;
      return whole
          ? JsonNodeFactory.instance.numberNode(moved.toBigInteger())
          : JsonNodeFactory.instance.numberNode(moved);
    }
    String text = value.asText();
    Duration seconds = Duration.ofNanos(Math.round(by * 1e9));
    try {
      if (text.matches("\\d{4}-\\d\\d-\\d\\d")) {
        return JsonNodeFactory.instance.textNode(
            LocalDate.parse(text).plusDays(Math.round(by)).toString());
      }
      String iso = text.replace(' ', 'T');
      boolean zoned = iso.matches(".*(Z|z|[+-]\\d\\d:?\\d\\d)$");
      String moved =
          zoned
              ? OffsetDateTime.parse(iso).plus(seconds).toString()
              : LocalDateTime.parse(iso).plus(seconds).toString();
      // 10:00 and 10:00:00 are one time, but not one text to every server
      String full = moved.replaceFirst("(T\\d\\d:\\d\\d)(?=Z|[+-]|$)", "$1:00");
      return JsonNodeFactory.instance.textNode(text.contains(" ") ? full.replace('T', ' ') : full);
    } catch (DateTimeException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot apply `lag`: the cursor is neither a number nor an ISO date or time: " + text,
          e);
    }
  }

  private static boolean less(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) < 0;
    }
    Instant left = instant(a);
    Instant right = instant(b);
    return left != null && right != null
        ? left.isBefore(right)
        : a.asText().compareTo(b.asText()) < 0;
  }

  private static JsonNode convert(Incremental incremental, JsonNode value) {
    String to = incremental.convert();
    if (to == null || orNull(value).isNull()) {
      return orNull(value);
    }
    Instant instant = instant(value);
    if (instant == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot convert a cursor to " + to + ": it is not a time: " + value.asText());
    }
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (to) {
      case "unix_seconds" -> make.numberNode(instant.getEpochSecond());
      case "unix_millis" -> make.numberNode(instant.toEpochMilli());
      case "iso_date" -> make.textNode(instant.atOffset(ZoneOffset.UTC).toLocalDate().toString());
      case "iso_instant" -> make.textNode(instant.toString());
      default ->
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot convert a cursor: unknown `convert`: "
                  + to
                  + " (unix_seconds, unix_millis, iso_date or iso_instant)");
    };
  }

  /** {@code null} when it is not a time. Numbers are unix seconds, or milliseconds when large. */
  private static Instant instant(JsonNode value) {
    try {
      if (value.isNumber()) {
        BigDecimal number = value.decimalValue();
        boolean millis = number.abs().compareTo(BigDecimal.valueOf(100_000_000_000L)) >= 0;
        return Instant.ofEpochMilli((millis ? number : number.movePointRight(3)).longValue());
      }
      String text = value.asText().strip().replace(' ', 'T');
      if (text.length() == 10) {
        return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
      }
      return text.matches(".*(Z|z|[+-]\\d\\d:?\\d\\d)$")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static JsonNode orNull(JsonNode node) {
    return node == null ? NullNode.getInstance() : node;
  }
}
