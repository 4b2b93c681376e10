package io.millrace.activities.normalize.value;

import java.time.LocalDate;

/** Dates and times as Python's {@code isoformat} prints them. Stateless. */
final class IsoPrint {
  private IsoPrint() {}

  /** {@code 2024-01-02T03:04:05.600000+00:00}, the fraction only where there is one. */
  static String timestamp(long micros) {
    StringBuilder out = new StringBuilder(32);
    date(out, Math.floorDiv(micros, IsoTime.DAY));
    clock(out.append('T'), Math.floorMod(micros, IsoTime.DAY));
    return out.append("+00:00").toString();
  }

  static String date(long day) {
    StringBuilder out = new StringBuilder(10);
    date(out, day);
    return out.toString();
  }

  static String clock(long microsOfDay) {
    StringBuilder out = new StringBuilder(15);
    clock(out, microsOfDay);
    return out.toString();
  }

  static void date(StringBuilder out, long day) {
    LocalDate d = LocalDate.ofEpochDay(day);
    pad(out, d.getYear(), 4);
    pad(out.append('-'), d.getMonthValue(), 2);
    pad(out.append('-'), d.getDayOfMonth(), 2);
  }

  static void clock(StringBuilder out, long microsOfDay) {
    int seconds = (int) (microsOfDay / IsoTime.MICROS);
    pad(out, seconds / 3600, 2);
    pad(out.append(':'), seconds / 60 % 60, 2);
    pad(out.append(':'), seconds % 60, 2);
    int fraction = (int) (microsOfDay % IsoTime.MICROS);
    if (fraction != 0) {
      pad(out.append('.'), fraction, 6);
    }
  }

  private static void pad(StringBuilder out, int number, int width) {
    String digits = Integer.toString(number);
    out.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
  }

  /** {@code +02:00}. */
  static void offset(StringBuilder out, int minutes) {
    pad(out.append(minutes < 0 ? '-' : '+'), Math.abs(minutes) / 60, 2);
    pad(out.append(':'), Math.abs(minutes) % 60, 2);
  }
}
