package io.millrace.activities.extract.rest;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** How long a server asks us to wait: its headers are judged, not obeyed blindly. */
final class Asked {
  /** A longer wait is cut: then the server is asked again. */
  private static final long LONGEST = Duration.ofDays(1).toMillis();

  /** No rate limit resets later than this; larger values are mistakes. */
  private static final long LONGEST_RESET = Duration.ofHours(1).toMillis();

  private Asked() {}

  /**
   * Milliseconds until the next try, or 0 when the server does not say or says nonsense.
   *
   * @param answer with a status that is tried again
   */
  static long millis(Http.Answer answer, Clock clock) {
    long after = retryAfter(answer, clock);
    return after > 0 ? Math.min(after, LONGEST) : reset(answer, clock);
  }

  private static long retryAfter(Http.Answer answer, Clock clock) {
    String value = answer.header("Retry-After");
    if (value == null) {
      return 0;
    }
    String text = value.strip();
    if (text.matches("[+]?\\d{1,18}(\\.\\d{1,9})?")) {
      return (long) Math.min(1000 * Double.parseDouble(text), LONGEST);
    }
    Instant at = date(text);
    return at == null ? 0 : Duration.between(now(answer, clock), at).toMillis();
  }

  /** Only when nothing is left and the status says so too, and only for a plausible time. */
  private static long reset(Http.Answer answer, Clock clock) {
    boolean limited = answer.status() == 429 || answer.status() == 403;
    String remaining = either(answer, "X-RateLimit-Remaining", "RateLimit-Remaining");
    String reset = either(answer, "X-RateLimit-Reset", "RateLimit-Reset");
    boolean none = remaining != null && remaining.strip().matches("0+(\\.0+)?");
    if (!limited || !none || reset == null || !reset.strip().matches("\\d{1,15}(\\.\\d{1,9})?")) {
      return 0;
    }
    double value = Double.parseDouble(reset.strip());
    long now = now(answer, clock).toEpochMilli();
    double wait = value >= 1e12 ? value - now : value >= 1e9 ? 1000 * value - now : 1000 * value;
    return wait > 0 && wait <= LONGEST_RESET ? (long) Math.ceil(wait) : 0;
  }

  /** The server's time where it tells it: its times are by its own clock. */
  private static Instant now(Http.Answer answer, Clock clock) {
    Instant date = answer.header("Date") == null ? null : date(answer.header("Date"));
    return date == null ? clock.instant() : date;
  }

  private static Instant date(String text) {
    try {
      return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String either(Http.Answer answer, String one, String other) {
    return answer.header(one) == null ? answer.header(other) : answer.header(one);
  }
}
