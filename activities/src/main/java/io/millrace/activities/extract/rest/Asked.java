package io.millrace.activities.extract.rest;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a server asks us to wait: its headers are judged, not obeyed blindly. */
final class Asked {
  /** Nothing was said, or nonsense. */
  static final long NOTHING = -1;

  /** A longer wait is cut: then the server is asked again. */
  private static final long LONGEST = Duration.ofDays(1).toMillis();

  /** No rate limit resets later than this; larger values are mistakes. */
  private static final long LONGEST_RESET = Duration.ofHours(25).toMillis();

  /** A number of seconds that is larger is taken for milliseconds: at worst we ask too early. */
  private static final double MOST_SECONDS = 3_600;

  private static final double EPOCH_SECONDS = 1e9;
  private static final double EPOCH_MILLIS = 1e12;

  private static final Pattern NUMBER = Pattern.compile("[+]?\\d{1,18}(\\.\\d{1,9})?");

  /** {@code remaining=5}, {@code r=5}: of a structured field. */
  private static final Pattern FIELD =
      Pattern.compile("(?:^|[;,\\s])([a-z]+)\\s*=\\s*\"?(\\d{1,15}(?:\\.\\d{1,9})?)\"?");

  private static final List<String> FAMILIES =
      List.of("X-RateLimit-", "RateLimit-", "X-Rate-Limit-");

  private static final List<DateTimeFormatter> ZONED =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          DateTimeFormatter.ISO_DATE_TIME,
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.ENGLISH));

  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH);

  private Asked() {}

  /**
   * What a server says of a rate limit.
   *
   * @param limit requests of a window; 0 when it does not say
   * @param resetMillis until there are more; 0 when it says nothing that can be believed
   */
  record Limit(long limit, long remaining, long resetMillis) {}

  /**
   * Milliseconds until the next try; 0 when the server says "now", {@link #NOTHING} when it does
   * not say or says nonsense.
   *
   * @param answer with a status that is tried again
   */
  static long millis(Http.Answer answer, Clock clock) {
    long after = after(answer, clock);
    if (after != NOTHING) {
      return Math.min(after, LONGEST);
    }
    Limit limit = limit(answer, clock);
    boolean limited = answer.status() == 429 || answer.status() == 403;
    boolean none = limit != null && limit.remaining() == 0 && limit.resetMillis() > 0;
    return limited && none ? Math.min(limit.resetMillis(), LONGEST) : NOTHING;
  }

  /** Whether the server asks for a longer wait than we give it. */
  static boolean cut(Http.Answer answer, Clock clock) {
    return after(answer, clock) > LONGEST;
  }

  private static long after(Http.Answer answer, Clock clock) {
    for (String name : List.of("retry-after-ms", "x-ms-retry-after-ms")) {
      String millis = answer.header(name);
      if (millis != null && NUMBER.matcher(millis.strip()).matches()) {
        return (long) Math.ceil(Double.parseDouble(millis.strip()));
      }
    }
    String value = answer.header("Retry-After");
    if (value == null) {
      return NOTHING;
    }
    Instant now = now(answer, clock);
    String text = value.strip();
    if (NUMBER.matcher(text).matches()) {
      double seconds = Double.parseDouble(text);
      double epoch = 1000 * seconds - now.toEpochMilli();
      // a point in time, by mistake
      boolean point = seconds >= EPOCH_SECONDS && epoch > 0 && epoch <= LONGEST;
      return (long) Math.ceil(Math.min(point ? epoch : 1000 * seconds, Long.MAX_VALUE / 2));
    }
    Instant at = date(text);
    return at == null ? NOTHING : Math.max(0, at.toEpochMilli() - now.toEpochMilli());
  }

  /** {@code null} when the server does not say how much is left. */
  static Limit limit(Http.Answer answer, Clock clock) {
    for (String family : FAMILIES) {
      String remaining = answer.header(family + "Remaining");
      if (remaining != null) {
        String after = answer.header(family + "Reset-After");
        String reset = after == null ? answer.header(family + "Reset") : after;
        return limit(
            answer.header(family + "Limit"),
            remaining,
            reset == null ? 0 : reset(reset.strip(), answer, clock));
      }
    }
    String field = answer.header("RateLimit");
    return field == null ? null : structured(field.toLowerCase(Locale.ROOT), answer, clock);
  }

  private static Limit limit(String limit, String remaining, long reset) {
    // some name a policy after the number: 100, 100;w=60
    double all = first(limit);
    double left = first(remaining);
    return left < 0 ? null : new Limit((long) Math.max(0, all), (long) left, reset);
  }

  /**
   * {@code limit=100, remaining=0, reset=5} and {@code "default";r=0;t=5}: of several the tightest.
   */
  private static Limit structured(String field, Http.Answer answer, Clock clock) {
    Limit tightest = null;
    boolean items = field.matches("(?s).*;\\s*r\\s*=.*");
    for (String item : items ? field.split(",") : new String[] {field}) {
      String limit = null;
      String remaining = null;
      long reset = 0;
      Matcher m = FIELD.matcher(item);
      while (m.find()) {
        switch (m.group(1)) {
          case "limit", "q" -> limit = m.group(2);
          case "remaining", "r" -> remaining = m.group(2);
          case "reset", "t" -> reset = reset(m.group(2), answer, clock);
          default -> {} // the partition, the window, …
        }
      }
      Limit one = remaining == null ? null : limit(limit, remaining, reset);
      if (one != null && (tightest == null || one.remaining() < tightest.remaining())) {
        tightest = one;
      }
    }
    return tightest;
  }

  private static double first(String text) {
    if (text == null) {
      return NOTHING;
    }
    String number = text.strip().split("[,;\\s]", 2)[0];
    return NUMBER.matcher(number).matches() ? Double.parseDouble(number) : NOTHING;
  }

  /** Milliseconds; 0 for what lies in the past or too far in the future, or is no time at all. */
  private static long reset(String text, Http.Answer answer, Clock clock) {
    double now = now(answer, clock).toEpochMilli();
    double wait;
    String number = text.endsWith("s") ? text.substring(0, text.length() - 1) : text;
    if (NUMBER.matcher(number).matches()) {
      double value = Double.parseDouble(number);
      wait =
          value >= EPOCH_MILLIS
              ? value - now
              : value >= EPOCH_SECONDS
                  ? 1000 * value - now
                  : value > MOST_SECONDS ? value : 1000 * value;
    } else {
      Instant at = date(text);
      wait = at == null ? 0 : at.toEpochMilli() - now;
    }
    return wait > 0 && wait <= LONGEST_RESET ? (long) Math.ceil(wait) : 0;
  }

  /** The server's time where it tells it: its times are by its own clock. */
  private static Instant now(Http.Answer answer, Clock clock) {
    Instant date = answer.header("Date") == null ? null : date(answer.header("Date").strip());
    return date == null ? clock.instant() : date;
  }

  private static Instant date(String text) {
    for (DateTimeFormatter format : ZONED) {
      try {
        return ZonedDateTime.parse(text, format).toInstant();
      } catch (DateTimeException e) {
        // perhaps of another kind
      }
    }
    try {
      return LocalDateTime.parse(text, ASCTIME).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
