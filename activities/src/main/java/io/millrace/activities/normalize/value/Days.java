package io.millrace.activities.normalize.value;

/**
 * Days since 1970 of the years 1 to 9999, and {@link IsoTime#NONE} for what no calendar has.
 * Stateless.
 */
final class Days {
  /** 0001-01-01 and 9999-12-31, in days since 1970. */
  private static final long FIRST_DAY = -719_162;

  private static final long LAST_DAY = 2_932_896;

  private Days() {}

  static long calendarDay(int year, int month, int day) {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
      return IsoTime.NONE;
    }
    // years begin in March, so that the leap day is the last
    int y = month <= 2 ? year - 1 : year;
    int m = month <= 2 ? month + 9 : month - 3;
    return 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
  }

  static long ordinalDay(int year, int ordinal) {
    return year < 1 || ordinal < 1 || ordinal > (leap(year) ? 366 : 365)
        ? IsoTime.NONE
        : calendarDay(year, 1, 1) + ordinal - 1;
  }

  static long weekDay(int year, int week, int weekday) {
    if (year < 1 || week < 0 || weekday < 0 || weekday > 7 || week > 53) {
      return IsoTime.NONE;
    }
    long fourth = calendarDay(year, 1, 4);
    long monday = fourth - Math.floorMod(fourth + 3, 7);
    if (week == 53) {
      long nextFourth = fourth + (leap(year) ? 366 : 365);
      if (nextFourth - Math.floorMod(nextFourth + 3, 7) - monday != 53 * 7) {
        return IsoTime.NONE;
      }
    }
    long day = monday + 7L * (week - 1) + weekday - 1;
    return day < FIRST_DAY || day > LAST_DAY ? IsoTime.NONE : day;
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
    return micros < FIRST_DAY * IsoTime.DAY || micros >= (LAST_DAY + 1) * IsoTime.DAY
        ? IsoTime.NONE
        : micros;
  }
}
