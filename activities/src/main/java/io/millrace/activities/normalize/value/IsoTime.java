package io.millrace.activities.normalize.value;

import java.time.LocalDate;

/**
 * Dates and times in texts: the ISO 8601 forms that dlt recognizes and the looser ones that it also
 * takes ({@code 2024/01/02 3:04}), straight from UTF-8. Nothing here allocates or throws, and what
 * does not begin like a year is refused after a look at its first bytes. Digits are ASCII.
 * Thread-safe.
 */
public final class IsoTime {
  /** The answer for a text that is something else. */
  public static final long NONE = Long.MIN_VALUE;

  static final long MICROS = 1_000_000L;
  static final long DAY = 86_400L * MICROS;

  /** 0001-01-01 and 9999-12-31, in days since 1970. */
  private static final long FIRST_DAY = -719_162;

  private static final long LAST_DAY = 2_932_896;

  /** The shortest date with a time that is recognized: {@code 2024 3:4} without its blank. */
  private static final int SHORTEST = 7;

  private static final int ZONED = 1 << 12;
  private static final int ZONE_BITS = 13;
  private static final int NO_OFFSET = 2048;

  private IsoTime() {}

  /**
   * A text that shows a date and a time: microseconds since 1970 UTC. This is what the detection
   * {@code iso_timestamp} accepts. Without a zone it is UTC.
   */
  public static long timestamp(byte[] b, int off, int len) {
    if (len < SHORTEST || !yearAt(b, off)) {
      return NONE;
    }
    return parse(b, off, off + len, true);
  }

  /**
   * What a timestamp column accepts: also dates (midnight) and epoch seconds, as Python's {@code
   * float} reads them. Microseconds since 1970 UTC.
   */
  public static long coerceTimestamp(byte[] b, int off, int len) {
    long micros = timestampOrDay(b, off, len);
    if (micros != NONE) {
      return micros;
    }
    if (len == 0 || !PyNumbers.mayBeNumber(b[off])) {
      return NONE;
    }
    double seconds = PyNumbers.parseFloat(b, off, len);
    return seconds == seconds ? epochSeconds(seconds) : NONE;
  }

  /**
   * A text that is a date and nothing else: days since 1970. This is what the detection {@code
   * iso_date} accepts, {@code 2024} and {@code 2024-01} included.
   */
  public static long date(byte[] b, int off, int len) {
    return len < 4 || !yearAt(b, off) ? NONE : parse(b, off, off + len, false);
  }

  /** What a date column accepts: also timestamps (their UTC day) and epoch seconds. */
  public static long coerceDate(byte[] b, int off, int len) {
    long micros = coerceTimestamp(b, off, len);
    return micros == NONE ? NONE : Math.floorDiv(micros, DAY);
  }

  /**
   * What a time column accepts: microseconds of the day, in UTC when there was an offset. {@code
   * 10:11}, {@code 1:2:3.5}, {@code 23:00+02:00}, {@code T1011}.
   */
  public static long time(byte[] b, int off, int len) {
    int end = off + len;
    long clock = NONE;
    if (len > 2 && b[off] == 'T') {
      clock = clock(b, off + 1, end, false);
    } else if (len > 3 && b[off + 2] == ':' && two(b, off, end) >= 0) {
      clock = clock(b, off, end, true);
    }
    if (clock != NONE) {
      return Math.floorMod(micros(clock) - offset(clock) * 60 * MICROS, DAY);
    }
    return looseClock(b, len > 0 && b[off] == ' ' ? off + 1 : off, end);
  }

  /** A timestamp, or the midnight of a date. */
  static long timestampOrDay(byte[] b, int off, int len) {
    long micros = timestamp(b, off, len);
    long day = micros == NONE ? date(b, off, len) : NONE;
    return day == NONE ? micros : day * DAY;
  }

  /** A date, or the UTC day of a timestamp. */
  static long dateOrDayOf(byte[] b, int off, int len) {
    long micros = timestampOrDay(b, off, len);
    return micros == NONE ? NONE : Math.floorDiv(micros, DAY);
  }

  /** A number of seconds since 1970 as microseconds, rounded as Python does. */
  static long epochSeconds(double seconds) {
    double whole = seconds < 0 ? Math.ceil(seconds) : Math.floor(seconds);
    double micros = Math.rint((seconds - whole) * 1e6);
    return Double.isNaN(seconds) || Math.abs(whole) > 1e12
        ? NONE
        : inRange((long) whole * MICROS + (long) micros);
  }

  /** The same for a whole number. */
  static long epochSeconds(long seconds) {
    return seconds < -1_000_000_000_000L || seconds > 1_000_000_000_000L
        ? NONE
        : inRange(seconds * MICROS);
  }

  /**
   * A timestamp text as Python's {@code isoformat} prints it, its offset kept, none when it had
   * none; {@code null} when the text is no timestamp.
   */
  public static String isoText(byte[] b, int off, int len) {
    long utc = timestamp(b, off, len);
    if (utc == NONE) {
      return null;
    }
    int end = off + len;
    long zone = zone(b, off, end);
    StringBuilder out = new StringBuilder(32);
    long local = utc + offset(zone) * 60 * MICROS;
    isoDate(out, Math.floorDiv(local, DAY));
    isoClock(out.append('T'), Math.floorMod(local, DAY));
    if (zoned(zone)) {
      int minutes = offset(zone);
      out.append(minutes < 0 ? '-' : '+');
      pad(out, Math.abs(minutes) / 60, 2);
      pad(out.append(':'), Math.abs(minutes) % 60, 2);
    }
    return out.toString();
  }

  /** {@code 2024-01-02T03:04:05.600000+00:00}, the fraction only where there is one. */
  static String isoTimestamp(long micros) {
    StringBuilder out = new StringBuilder(32);
    isoDate(out, Math.floorDiv(micros, DAY));
    isoClock(out.append('T'), Math.floorMod(micros, DAY));
    return out.append("+00:00").toString();
  }

  static String isoDate(long day) {
    StringBuilder out = new StringBuilder(10);
    isoDate(out, day);
    return out.toString();
  }

  static String isoClock(long microsOfDay) {
    StringBuilder out = new StringBuilder(15);
    isoClock(out, microsOfDay);
    return out.toString();
  }

  private static void isoDate(StringBuilder out, long day) {
    LocalDate d = LocalDate.ofEpochDay(day);
    pad(out, d.getYear(), 4);
    pad(out.append('-'), d.getMonthValue(), 2);
    pad(out.append('-'), d.getDayOfMonth(), 2);
  }

  private static void isoClock(StringBuilder out, long microsOfDay) {
    int seconds = (int) (microsOfDay / MICROS);
    pad(out, seconds / 3600, 2);
    pad(out.append(':'), seconds / 60 % 60, 2);
    pad(out.append(':'), seconds % 60, 2);
    int fraction = (int) (microsOfDay % MICROS);
    if (fraction != 0) {
      pad(out.append('.'), fraction, 6);
    }
  }

  private static void pad(StringBuilder out, int number, int width) {
    String digits = Integer.toString(number);
    out.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
  }

  // ---- the grammar

  /**
   * Microseconds (with a time) or days (without), by the ISO grammar first and the loose one then.
   */
  private static long parse(byte[] b, int off, int end, boolean withTime) {
    long date = isoDay(b, off, end);
    if (date != NONE) {
      int p = off + length(date);
      long day = day(date);
      if (p == end) {
        return withTime ? NONE : day;
      }
      if (b[p] == 'T' || b[p] == ' ') {
        long clock = clock(b, p + 1, end, extended(date));
        if (clock != NONE) {
          return withTime ? inRange(day * DAY + micros(clock) - offset(clock) * 60 * MICROS) : NONE;
        }
      }
    }
    return loose(b, off, end, withTime);
  }

  /** The clock of a text that is known to be a timestamp, for its offset. */
  private static long zone(byte[] b, int off, int end) {
    long date = isoDay(b, off, end);
    long clock = date == NONE ? NONE : clock(b, off + length(date) + 1, end, extended(date));
    return clock == NONE ? NO_OFFSET : clock;
  }

  /**
   * The date at the start of a text in one of the ISO forms, packed as {@code day << 8 | length <<
   * 1 | extended}. What may follow is a blank, a T or the end.
   */
  private static long isoDay(byte[] b, int off, int end) {
    int year = two(b, off, end) * 100 + two(b, off + 2, end);
    int p = off + 4;
    if (p == end) {
      return NONE;
    }
    if (b[p] == '-') {
      if (p + 1 < end && b[p + 1] == 'W') {
        int week = two(b, p + 2, end);
        p += 4;
        int weekday = 1;
        if (week >= 0 && !dateEnds(b, p, end)) {
          weekday = b[p] == '-' ? one(b, p + 1, end) : -1;
          p += 2;
        }
        return pack(weekDay(year, week, weekday), p - off, true);
      }
      int month = two(b, p + 1, end);
      p += 3;
      if (month < 0) {
        return NONE;
      }
      if (dateEnds(b, p, end)) {
        return pack(calendarDay(year, month, 1), p - off, true);
      }
      if (b[p] == '-') {
        return pack(calendarDay(year, month, two(b, p + 1, end)), p + 3 - off, true);
      }
      int digit = one(b, p, end);
      return digit < 0 ? NONE : pack(ordinalDay(year, month * 10 + digit), p + 1 - off, true);
    }
    if (b[p] == 'W') {
      int week = two(b, p + 1, end);
      p += 3;
      int weekday = 1;
      if (week >= 0 && !dateEnds(b, p, end)) {
        weekday = one(b, p, end);
        p += 1;
      }
      return pack(weekDay(year, week, weekday), p - off, false);
    }
    int month = two(b, p, end);
    int digit = one(b, p + 2, end);
    if (month < 0 || digit < 0) {
      return NONE;
    }
    if (dateEnds(b, p + 3, end)) {
      return pack(ordinalDay(year, month * 10 + digit), 7, false);
    }
    int last = one(b, p + 3, end);
    return last < 0 ? NONE : pack(calendarDay(year, month, digit * 10 + last), 8, false);
  }

  /**
   * A time of the day that goes on to the end of the text, with an optional zone.
   *
   * @param extended whether colons must separate; without it they may, but then there are no
   *     seconds
   */
  private static long clock(byte[] b, int from, int end, boolean extended) {
    int hour = two(b, from, end);
    if (hour < 0) {
      return NONE;
    }
    int p = from + 2;
    int minute = 0;
    int second = 0;
    long fraction = 0;
    if (!clockEnds(b, p, end)) {
      boolean colons = b[p] == ':';
      if (extended && !colons) {
        return NONE;
      }
      p += colons ? 1 : 0;
      minute = two(b, p, end);
      p += 2;
      if (minute < 0) {
        return NONE;
      }
      if (!clockEnds(b, p, end)) {
        if (colons && (b[p] != ':' || !extended)) {
          return NONE;
        }
        p += colons ? 1 : 0;
        second = two(b, p, end);
        p += 2;
        if (second < 0) {
          return NONE;
        }
        if (p < end && (b[p] == '.' || b[p] == ',')) {
          p++;
          int first = p;
          int unit = 100_000;
          while (p < end && digit(b[p])) {
            fraction += (b[p] - '0') * unit;
            unit /= 10;
            p++;
          }
          if (p == first) {
            return NONE;
          }
        }
      }
    }
    if (hour > 23 || minute > 59 || second > 59) {
      return NONE;
    }
    int zone = zoneToEnd(b, p, end);
    long micros = ((hour * 60 + minute) * 60 + second) * MICROS + fraction;
    return zone < 0 ? NONE : micros << ZONE_BITS | zone;
  }

  /** Nothing, Z or an offset of less than a day, packed; -1 when anything else is there. */
  private static int zoneToEnd(byte[] b, int at, int end) {
    if (at == end) {
      return NO_OFFSET;
    }
    if (b[at] == 'Z') {
      return at + 1 == end ? ZONED | NO_OFFSET : -1;
    }
    if (b[at] != '+' && b[at] != '-') {
      return -1;
    }
    int hours = two(b, at + 1, end);
    int p = at + 3;
    if (hours < 0) {
      return -1;
    }
    if (p < end && b[p] == ':') {
      p++;
    }
    int minutes = p == end ? 0 : two(b, p, end);
    if (minutes < 0 || p < end && p + 2 != end) {
      return -1;
    }
    int total = hours * 60 + minutes;
    return total >= 24 * 60 ? -1 : ZONED | NO_OFFSET + (b[at] == '-' ? -total : total);
  }

  /**
   * The looser grammar: a year or a date with slashes, colons or nothing between its parts, perhaps
   * a blank, and a clock of one or two digits a part.
   */
  private static long loose(byte[] b, int off, int end, boolean withTime) {
    int year = two(b, off, end) * 100 + two(b, off + 2, end);
    int p = off + 4;
    int monthAt = p < end && (b[p] == '/' || b[p] == ':') ? p + 1 : p;
    int month = two(b, monthAt, end);
    if (month >= 0) {
      int dayAt = monthAt + 2;
      dayAt += dayAt < end && (b[dayAt] == '/' || b[dayAt] == ':') ? 1 : 0;
      int day = two(b, dayAt, end);
      int rest = dayAt + 2;
      if (day >= 0 && (rest == end || looseClock(b, blank(b, rest, end), end) != NONE)) {
        long date = calendarDay(year, month, day);
        if (date == NONE || withTime != rest < end) {
          return NONE;
        }
        return withTime ? date * DAY + looseClock(b, blank(b, rest, end), end) : date;
      }
    }
    long date = calendarDay(year, 1, 1);
    if (date == NONE || withTime != p < end) {
      return NONE;
    }
    if (!withTime) {
      return date;
    }
    long clock = looseClock(b, blank(b, p, end), end);
    return clock == NONE ? NONE : date * DAY + clock;
  }

  /** {@code H:M}, {@code H:M:S}, each of one or two digits, with up to nine of a fraction. */
  private static long looseClock(byte[] b, int from, int end) {
    int p = from;
    int hour = 0;
    int minute = 0;
    int second = 0;
    for (int part = 0; part < 3; part++) {
      int first = one(b, p, end);
      if (first < 0) {
        return NONE;
      }
      int next = one(b, p + 1, end);
      int value = next < 0 ? first : first * 10 + next;
      p += next < 0 ? 1 : 2;
      hour = part == 0 ? value : hour;
      minute = part == 1 ? value : minute;
      second = part == 2 ? value : second;
      if (part == 0 && (p >= end || b[p] != ':')) {
        return NONE;
      }
      if (p < end && b[p] == ':' && part < 2) {
        p++;
      } else {
        break;
      }
    }
    long fraction = 0;
    if (p < end && (b[p] == '.' || b[p] == ',')) {
      int digits = end - p - 1;
      if (digits < 1 || digits > 9) {
        return NONE;
      }
      int unit = 100_000;
      for (p++; p < end && digit(b[p]); p++) {
        fraction += (b[p] - '0') * unit;
        unit /= 10;
      }
    }
    return p != end || hour > 23 || minute > 59 || second > 59
        ? NONE
        : ((hour * 60 + minute) * 60 + second) * MICROS + fraction;
  }

  // ---- days

  private static long calendarDay(int year, int month, int day) {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
      return NONE;
    }
    // years begin in March, so that the leap day is the last
    int y = month <= 2 ? year - 1 : year;
    int m = month <= 2 ? month + 9 : month - 3;
    return 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
  }

  private static long ordinalDay(int year, int ordinal) {
    return year < 1 || ordinal < 1 || ordinal > (leap(year) ? 366 : 365)
        ? NONE
        : calendarDay(year, 1, 1) + ordinal - 1;
  }

  private static long weekDay(int year, int week, int weekday) {
    if (year < 1 || week < 0 || weekday < 0 || weekday > 7 || week > 53) {
      return NONE;
    }
    long fourth = calendarDay(year, 1, 4);
    long monday = fourth - Math.floorMod(fourth + 3, 7);
    if (week == 53) {
      long nextFourth = fourth + (leap(year) ? 366 : 365);
      if (nextFourth - Math.floorMod(nextFourth + 3, 7) - monday != 53 * 7) {
        return NONE;
      }
    }
    long day = monday + 7L * (week - 1) + weekday - 1;
    return day < FIRST_DAY || day > LAST_DAY ? NONE : day;
  }

  private static int monthLength(int year, int month) {
    return switch (month) {
      case 2 -> leap(year) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  private static boolean leap(int year) {
    return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
  }

  static long inRange(long micros) {
    return micros < FIRST_DAY * DAY || micros >= (LAST_DAY + 1) * DAY ? NONE : micros;
  }

  // ---- characters

  private static boolean yearAt(byte[] b, int at) {
    return digit(b[at]) && digit(b[at + 1]) && digit(b[at + 2]) && digit(b[at + 3]);
  }

  private static boolean digit(byte c) {
    return c >= '0' && c <= '9';
  }

  private static int one(byte[] b, int at, int end) {
    int d = at < end ? b[at] - '0' : -1;
    return d > 9 ? -1 : d;
  }

  private static int two(byte[] b, int at, int end) {
    if (at + 1 >= end) {
      return -1;
    }
    int tens = b[at] - '0';
    int ones = b[at + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
  }

  private static int blank(byte[] b, int at, int end) {
    return at < end && b[at] == ' ' ? at + 1 : at;
  }

  private static boolean dateEnds(byte[] b, int at, int end) {
    return at >= end || b[at] == ' ' || b[at] == 'T';
  }

  private static boolean clockEnds(byte[] b, int at, int end) {
    return at >= end || b[at] == 'Z' || b[at] == '+' || b[at] == '-';
  }

  // ---- packed answers

  private static long pack(long day, int length, boolean extended) {
    return day == NONE ? NONE : day << 8 | length << 1 | (extended ? 1 : 0);
  }

  private static long day(long packed) {
    return packed >> 8;
  }

  private static int length(long packed) {
    return (int) (packed >> 1) & 0x7f;
  }

  private static boolean extended(long packed) {
    return (packed & 1) == 1;
  }

  private static long micros(long clock) {
    return clock >> ZONE_BITS;
  }

  private static int offset(long clock) {
    return (int) (clock & ZONED - 1) - NO_OFFSET;
  }

  private static boolean zoned(long clock) {
    return (clock & ZONED) != 0;
  }
}
