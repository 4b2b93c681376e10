package io.millrace.activities.cursor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.Incremental;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * Reads the values of one {@code incremental}, moves them by its {@code lag} and knows its window.
 * Pure; not for several threads at once.
 */
public final class CursorReader {
  /**
   * Digits before or behind the point beyond which nobody counts, and adding would take for ever.
   */
  private static final int MAX_SCALE = 1_000;

  private final Incremental said;
  private final DateTimeFormatter format;
  private final boolean compat;
  private final boolean texts;

  /**
   * @param compat whether a text is compared as it is written also when it names a time (never with
   *     {@code cursor_format}), and an order understood, as dlt does. One answer for all who judge
   *     the same records: who reads pages must not end where who keeps records would go on
   */
  public CursorReader(Incremental said, boolean compat) {
    this.said = said;
    this.compat = compat;
    this.texts = compat && said.cursorFormat() == null;
    this.format =
        said.cursorFormat() == null
            ? null
            : DateTimeFormatter.ofPattern(said.cursorFormat(), Locale.ROOT);
  }

  /**
   * The value; {@code null} when there is none.
   *
   * @param json of a record, of the configuration or as {@link CursorValue#stored} wrote it
   */
  public CursorValue read(JsonNode json) {
    JsonNode scalar = CursorValue.scalar(json);
    if (scalar == null) {
      return null;
    }
    if (scalar.isNumber()) {
      return CursorValue.number(scalar);
    }
    if (!scalar.isTextual()) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot use a cursor value: it is neither a number nor a text: "
              + cut(scalar.toString())
              + " (choose another cursor_path)");
    }
    Instant moment = texts ? null : moment(scalar.textValue());
    return moment == null ? CursorValue.text(scalar) : CursorValue.time(scalar, moment);
  }

  private Instant moment(String text) {
    if (format != null) {
      return formatted(text);
    }
    Times.Parts parts = Times.read(text);
    return parts == null ? null : parts.instant();
  }

  private Instant formatted(String text) {
    try {
      TemporalAccessor read =
          format.parseBest(text, ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
      return read instanceof ZonedDateTime zoned
          ? zoned.toInstant()
          : read instanceof LocalDateTime local
              ? local.toInstant(ZoneOffset.UTC)
              : ((LocalDate) read).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      Times.Parts iso = Times.read(text); // an initial_value may be written as ISO all the same
      if (iso != null) {
        return iso.instant();
      }
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot read a cursor value: it is not of the form of cursor_format: %s is not %s (correct cursor_format)"
              .formatted(cut(text), said.cursorFormat()));
    }
  }

  /**
   * Where the window begins: the committed cursor less the lag, never before the initial value; a
   * backfill always at its initial value. {@code null} for the beginning of everything.
   *
   * @param committed the cursor that the destination has; {@code null} for none
   */
  public CursorValue start(JsonNode committed) {
    CursorValue initial = read(said.initialValue());
    CursorValue stored = said.backfills() ? null : read(committed);
    if (stored == null) {
      return initial;
    }
    if (said.lag() == null || said.lag() == 0) {
      return stored;
    }
    boolean began = initial != null && stored.compare(initial) == 0;
    if (began) {
      return stored;
    }
    CursorValue moved = moved(stored, said.ascends() ? -said.lag() : said.lag());
    return initial != null && before(moved, initial) ? initial : moved;
  }

  /** Whether {@code a} comes before {@code b} in the direction in which the cursor moves. */
  public boolean before(CursorValue a, CursorValue b) {
    return direction(a.compare(b)) < 0;
  }

  /** The result of a comparison, turned round when the cursor moves down. */
  public int direction(int compared) {
    return said.ascends() ? compared : -compared;
  }

  /** Whether the value lies before the window that begins at {@code start}. */
  public boolean beforeStart(CursorValue value, CursorValue start) {
    if (start == null) {
      return false;
    }
    int c = direction(value.compare(start));
    return c < 0 || c == 0 && said.rangeStart().equals("open");
  }

  /** Whether the value lies behind the end of a backfill. */
  public boolean behindEnd(CursorValue value, CursorValue end) {
    if (end == null) {
      return false;
    }
    int c = direction(value.compare(end));
    return c > 0 || c == 0 && said.rangeEnd().equals("open");
  }

  /**
   * Whether a record of this value has left the window at the edge that {@code row_order} leads to,
   * so that in this order none behind it lies in the window. Never without {@code row_order}.
   */
  public boolean leaves(CursorValue value, CursorValue start, CursorValue end) {
    if (said.rowOrder() == null) {
      return false;
    }
    boolean up = said.rowOrder().equals("asc");
    // dlt does not ask in which direction the cursor moves
    boolean towardsEnd = compat ? up : up == said.ascends();
    return towardsEnd ? behindEnd(value, end) : beforeStart(value, start);
  }

  private CursorValue moved(CursorValue from, double by) {
    JsonNode json = from.json();
    if (from.kind == CursorValue.Kind.NUMBER) {
      return CursorValue.number(sum(from, by));
    }
    Times.Parts parts = Times.read(json.textValue());
    if (parts == null && (format == null || from.moment() == null)) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot apply `lag`: the cursor is neither a number nor an ISO date or time: "
              + from.shown()
              + " (cursor_format says how times are written)");
    }
    String text;
    if (parts == null) {
      text = format.format(from.moment().plusNanos(nanos(by)).atZone(ZoneOffset.UTC));
    } else if (parts.day()) {
      text = parts.local().toLocalDate().plusDays((long) by).toString();
    } else {
      text = Times.moved(json.textValue(), parts, Duration.ofNanos(nanos(by)));
    }
    return read(JsonNodeFactory.instance.textNode(text));
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  private static JsonNode sum(CursorValue from, double by) {
    BigDecimal number = from.decimal();
    if (Math.abs((long) number.precision() - number.scale()) > MAX_SCALE
        || number.scale() > MAX_SCALE) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot apply `lag`: the cursor has more than 1000 digits: " + from.shown());
    }
    BigDecimal sum = number.add(BigDecimal.valueOf(by));
    boolean whole = from.json().isIntegralNumber() && sum.stripTrailingZeros().scale() <= 0;
    JsonNodeFactory make = JsonNodeFactory.instance;
    if (!whole) {
      return make.numberNode(sum);
    }
    return sum.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0
        ? make.numberNode(sum.longValueExact())
        : make.numberNode(sum.toBigIntegerExact());
  }

  /**
   * The value as a request wants it: {@code convert}. JSON null stays.
   *
   * @param value {@code null} for none
   */
  public JsonNode written(CursorValue value) {
    if (value == null) {
      return JsonNodeFactory.instance.nullNode();
    }
    Incremental.Convert convert = said.convert();
    if (convert == null) {
      return value.json();
    }
    Instant instant = instant(value);
    if (instant == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot convert a cursor to " + convert.to() + ": it is not a time: " + value.shown());
    }
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (convert.to()) {
      case "unix_seconds" -> make.numberNode(instant.getEpochSecond());
      case "unix_millis" -> make.numberNode(instant.toEpochMilli());
      case "iso_date" -> make.textNode(instant.atOffset(ZoneOffset.UTC).toLocalDate().toString());
      case "iso_instant" -> make.textNode(instant.toString());
      case "datetime" ->
          make.textNode(
              DateTimeFormatter.ofPattern(convert.pattern(), Locale.ROOT)
                  .format(
                      instant.atZone(
                          convert.zone() == null ? ZoneOffset.UTC : ZoneId.of(convert.zone()))));
      default ->
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot convert a cursor: unknown `convert`: "
                  + convert.to()
                  + " (unix_seconds, unix_millis, iso_date, iso_instant or datetime)");
    };
  }

  /** {@code null} when it is not a time. Numbers are unix seconds, or milliseconds when large. */
  private Instant instant(CursorValue value) {
    return switch (value.kind) {
      case NUMBER -> unixMoment(value.decimal());
      case TIME -> value.moment();
      case TEXT -> texts ? isoMoment(value.json().asText()) : null;
    };
  }

  /** The moment of an ISO date or time; {@code null} when it is none. */
  public static Instant isoMoment(String text) {
    Times.Parts parts = Times.read(text);
    return parts == null ? null : parts.instant();
  }

  /** The moment of unix seconds, or milliseconds when large; {@code null} when it is none. */
  public static Instant unixMoment(BigDecimal number) {
    if ((long) number.precision() - number.scale() > 18 || number.scale() > MAX_SCALE) {
      return null;
    }
    boolean millis = number.abs().compareTo(BigDecimal.valueOf(100_000_000_000L)) >= 0;
    BigDecimal all = millis ? number : number.movePointRight(3);
    return Instant.ofEpochMilli(all.setScale(0, RoundingMode.FLOOR).longValue());
  }

  private static String cut(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
