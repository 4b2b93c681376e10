package io.millrace.activities.cursor;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Dates and times as APIs write them: ISO 8601 with dashes and colons, a blank or {@code t} for the
 * {@code T}, any zone or none. By hand, because a cursor is looked at once per record.
 */
final class Times {
  private static final int DATE = 10;

  private Times() {}

  /**
   * A text taken apart.
   *
   * @param local the wall clock; the day's start for a date
   * @param seconds where the zone's clock is ahead of UTC; 0 without a zone
   * @param fraction digits behind the seconds
   * @param zone as written; empty without one
   * @param day whether it is a date alone
   */
  record Parts(LocalDateTime local, int seconds, int fraction, String zone, boolean day) {
    java.time.Instant instant() {
      return local.toInstant(ZoneOffset.ofTotalSeconds(seconds));
    }
  }

  /** The parts; {@code null} when the text is no date or time. */
  static Parts read(String s) {
    int n = s.length();
    if (n < DATE || s.charAt(4) != '-' || s.charAt(7) != '-') {
      return null;
    }
    int year = digits(s, 0, 4);
    int month = digits(s, 5, 2);
    int day = digits(s, 8, 2);
    if (year < 0 || month < 0 || day < 0) {
      return null;
    }
    try {
      if (n == DATE) {
        return new Parts(LocalDate.of(year, month, day).atStartOfDay(), 0, 0, "", true);
      }
      char t = s.charAt(DATE);
      if (t != 'T' && t != 't' && t != ' ' || n < 16 || s.charAt(13) != ':') {
        return null;
      }
      int hour = digits(s, 11, 2);
      int minute = digits(s, 14, 2);
      int second = 0;
      int nano = 0;
      int fraction = 0;
      int at = 16;
      if (n > at && s.charAt(at) == ':') {
        second = digits(s, 17, 2);
        at = 19;
        if (n > at + 1 && (s.charAt(at) == '.' || s.charAt(at) == ',')) {
          int scale = 100_000_000;
          for (at++; at < n && digit(s.charAt(at)); at++, fraction++) {
            nano += (s.charAt(at) - '0') * scale;
            scale /= 10; // finer than a nanosecond is a tie, and ties are told apart by their keys
          }
        }
      }
      if (hour < 0 || minute < 0 || second < 0) {
        return null;
      }
      String zone = s.substring(Math.min(at, n));
      Integer ahead = offset(zone.strip());
      boolean leap = second == 60;
      return ahead == null
          ? null
          : new Parts(
              LocalDateTime.of(year, month, day, hour, minute, leap ? 59 : second, nano),
              ahead,
              fraction,
              zone,
              false);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The same wall clock moved by some seconds, written like the text it came from. */
  static String moved(String text, Parts parts, java.time.Duration by) {
    LocalDateTime local = parts.local().plus(by);
    StringBuilder out = new StringBuilder(DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local));
    int digits = out.length() > 19 ? out.length() - 20 : 0;
    if (digits == 0 && parts.fraction() > 0) {
      out.append('.');
    }
    for (; digits < Math.min(9, parts.fraction()); digits++) {
      out.append('0');
    }
    out.setCharAt(DATE, text.charAt(DATE));
    return out.append(parts.zone()).toString();
  }

  /** Seconds ahead of UTC; {@code null} when it is no zone. */
  private static Integer offset(String zone) {
    int n = zone.length();
    if (n == 0 || zone.equalsIgnoreCase("Z") || zone.equals("UTC") || zone.equals("GMT")) {
      return 0;
    }
    char sign = zone.charAt(0);
    if (sign != '+' && sign != '-' || n != 3 && n != 5 && n != 6) {
      return null;
    }
    int hours = digits(zone, 1, 2);
    int minutes = n == 3 ? 0 : digits(zone, n - 2, 2);
    boolean well = hours >= 0 && hours <= 18 && minutes >= 0 && minutes < 60;
    if (!well || n == 6 && zone.charAt(3) != ':') {
      return null;
    }
    int seconds = (hours * 60 + minutes) * 60;
    return seconds > 18 * 3600 ? null : sign == '-' ? (Integer) (-seconds) : (Integer) seconds;
  }

  private static int digits(String s, int from, int count) {
    if (s.length() < from + count) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < from + count; i++) {
      char c = s.charAt(i);
      if (!digit(c)) {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }
}
