package io.millrace.activities.normalize.reference;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.temporal.IsoFields;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Section 10: which texts are timestamps, dates and times. Microseconds; {@code null} for none. */
final class Iso {
  static final long SECOND = 1_000_000;
  static final long DAY = 86_400 * SECOND;
  private static final long FIRST = LocalDate.of(1, 1, 1).toEpochDay() * DAY;
  private static final long LAST = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY - 1;

  private static final String EXTENDED =
      "(?<y>\\d{4})-(?:(?<m>\\d\\d)-(?<d>\\d\\d)|(?<o>\\d{3})|(?<m2>\\d\\d)|W(?<w>\\d\\d)(?:-(?<k>\\d))?)";
  private static final String BASIC =
      "(?<y>\\d{4})(?:(?<m>\\d\\d)(?<d>\\d\\d)|(?<o>\\d{3})|(?<m2>(?!))|W(?<w>\\d\\d)(?<k>\\d)?)";
  private static final String COLONS =
      "(?<H>\\d\\d)(?::(?<M>\\d\\d)(?::(?<S>\\d\\d)(?:[.,](?<f>\\d+))?)?)?";
  private static final String NO_COLONS =
      "(?<H>\\d\\d)(?:(?<M>\\d\\d)(?:(?<S>\\d\\d)(?:[.,](?<f>\\d+))?)?|:(?<M2>\\d\\d))?";
  private static final String ZONE = "(?<z>Z|(?<s>[+-])(?<zh>\\d\\d):?(?<zm>\\d\\d)?)?";
  private static final String LOOSE_CLOCK =
      "(?<H>\\d{1,2}):(?<M>\\d{1,2})(?::(?<S>\\d{1,2}))?(?:[.,](?<f>\\d{1,9}))?";

  private static final Pattern EXTENDED_DATE = Pattern.compile(EXTENDED);
  private static final Pattern BASIC_DATE = Pattern.compile(BASIC);
  private static final Pattern EXTENDED_FULL = Pattern.compile(EXTENDED + "[T ]" + COLONS + ZONE);
  private static final Pattern BASIC_FULL = Pattern.compile(BASIC + "[T ]" + NO_COLONS + ZONE);
  private static final Pattern LOOSE =
      Pattern.compile(
          "(?<y>\\d{4})(?:[/:]?(?<m>\\d\\d)[/:]?(?<d>\\d\\d))?(?<c> ?" + LOOSE_CLOCK + ")?");
  private static final Pattern T_TIME = Pattern.compile("T" + NO_COLONS + ZONE);
  private static final Pattern TIME = Pattern.compile("(?=\\d\\d:)" + COLONS + ZONE);
  private static final Pattern LOOSE_TIME = Pattern.compile(" ?" + LOOSE_CLOCK);

  private Iso() {}

  /** A date with a time. */
  static Long timestamp(String s) {
    if (!begins(s)) {
      return null;
    }
    for (Pattern p : new Pattern[] {EXTENDED_FULL, BASIC_FULL}) {
      Matcher m = p.matcher(s);
      Long day = m.matches() ? day(m) : null;
      Long clock = day == null ? null : clock(m);
      Long offset = clock == null ? null : offset(m);
      if (offset != null) {
        return inRange(day * DAY + clock - offset);
      }
    }
    Matcher m = LOOSE.matcher(s);
    if (m.matches() && m.group("c") != null) {
      Long day = looseDay(m);
      Long clock = day == null ? null : clock(m);
      return clock == null ? null : day * DAY + clock;
    }
    return null;
  }

  /** Days of a date without a time. */
  static Long date(String s) {
    if (!begins(s)) {
      return null;
    }
    for (Pattern p : new Pattern[] {EXTENDED_DATE, BASIC_DATE}) {
      Matcher m = p.matcher(s);
      Long day = m.matches() ? day(m) : null;
      if (day != null) {
        return day;
      }
    }
    Matcher m = LOOSE.matcher(s);
    return m.matches() && m.group("c") == null ? looseDay(m) : null;
  }

  /** Whether a year may stand there: most texts are no dates. */
  private static boolean begins(String s) {
    return s.length() >= 4 && s.charAt(0) >= '0' && s.charAt(0) <= '9';
  }

  /** What fits a timestamp column: also dates and epoch seconds. */
  static Long loosely(String s) {
    Long micros = timestamp(s);
    Long day = micros == null ? date(s) : null;
    if (micros != null || day != null) {
      return micros != null ? micros : Long.valueOf(day * DAY);
    }
    Double seconds = Python.plainFloating(s);
    return seconds == null ? null : epoch(seconds);
  }

  /** Microseconds of the day. */
  static Long time(String s) {
    for (Pattern p : new Pattern[] {T_TIME, TIME}) {
      Matcher m = p.matcher(s);
      Long clock = m.matches() ? clock(m) : null;
      Long offset = clock == null ? null : offset(m);
      if (offset != null) {
        return Math.floorMod(clock - offset, DAY);
      }
    }
    Matcher m = LOOSE_TIME.matcher(s);
    return m.matches() ? clock(m) : null;
  }

  /** Seconds since 1970, rounded half to even as Python does. */
  static Long epoch(double seconds) {
    if (Double.isNaN(seconds) || Math.abs(seconds) > 1e12) {
      return null;
    }
    double whole = seconds < 0 ? Math.ceil(seconds) : Math.floor(seconds);
    return inRange((long) whole * SECOND + (long) Math.rint((seconds - whole) * 1e6));
  }

  private static Long inRange(long micros) {
    return micros < FIRST || micros > LAST ? null : Long.valueOf(micros);
  }

  private static int number(Matcher m, String group) {
    return m.group(group) == null ? 0 : Integer.parseInt(m.group(group));
  }

  private static Long day(Matcher m) {
    int year = number(m, "y");
    if (m.group("w") != null) {
      int weekday = m.group("k") == null ? 1 : number(m, "k");
      return week(year, number(m, "w"), weekday);
    }
    if (m.group("o") != null) {
      return date(year, number(m, "o"));
    }
    return m.group("m2") != null
        ? date(year, number(m, "m2"), 1)
        : date(year, number(m, "m"), number(m, "d"));
  }

  private static Long looseDay(Matcher m) {
    return m.group("m") == null
        ? date(number(m, "y"), 1, 1)
        : date(number(m, "y"), number(m, "m"), number(m, "d"));
  }

  private static Long date(int year, int month, int day) {
    try {
      return year == 0 ? null : LocalDate.of(year, month, day).toEpochDay();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Long date(int year, int dayOfYear) {
    try {
      return year == 0 ? null : LocalDate.ofYearDay(year, dayOfYear).toEpochDay();
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Week 0 and day 0 count back from the first, where the parser looks at no lower bound. */
  private static Long week(int year, int week, int weekday) {
    if (year == 0 || weekday > 7) {
      return null;
    }
    LocalDate inYear = LocalDate.of(year, 7, 1);
    if (week > IsoFields.WEEK_OF_WEEK_BASED_YEAR.rangeRefinedBy(inYear).getMaximum()) {
      return null;
    }
    LocalDate monday = LocalDate.of(year, 1, 4);
    monday = monday.minusDays(monday.getDayOfWeek().getValue() - 1L);
    LocalDate day = monday.plusWeeks(week - 1L).plusDays(weekday - 1L);
    return day.getYear() < 1 || day.getYear() > 9999 ? null : Long.valueOf(day.toEpochDay());
  }

  private static Long clock(Matcher m) {
    int hour = number(m, "H");
    int minute = number(m, "M");
    if (m.pattern() == BASIC_FULL || m.pattern() == T_TIME) {
      minute += number(m, "M2");
    }
    int second = number(m, "S");
    if (hour > 23 || minute > 59 || second > 59) {
      return null;
    }
    String fraction = m.group("f") == null ? "0" : m.group("f");
    long micros = Long.parseLong((fraction + "000000").substring(0, 6));
    return ((hour * 60 + minute) * 60 + second) * SECOND + micros;
  }

  private static Long offset(Matcher m) {
    if (m.group("s") == null) {
      return 0L;
    }
    long minutes = number(m, "zh") * 60L + number(m, "zm");
    return minutes >= 1440
        ? null
        : Long.valueOf((m.group("s").equals("-") ? -60 : 60) * minutes * SECOND);
  }
}
