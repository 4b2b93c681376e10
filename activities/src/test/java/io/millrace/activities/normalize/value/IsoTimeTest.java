package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IsoTimeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-01-02T03:04:05Z           | 2024-01-02T03:04:05Z",
        "2024-01-02 03:04:05            | 2024-01-02T03:04:05Z",
        "2024-01-02 03:04               | 2024-01-02T03:04:00Z",
        "2024-01-02T03                  | 2024-01-02T03:00:00Z",
        "2024-01-02T03Z                 | 2024-01-02T03:00:00Z",
        "2024-01-02T03:04:05.1          | 2024-01-02T03:04:05.1Z",
        "2024-01-02T03:04:05,123456789Z | 2024-01-02T03:04:05.123456Z",
        "2024-01-02T03:04:05+02         | 2024-01-02T01:04:05Z",
        "2024-01-02T03:04:05+0200       | 2024-01-02T01:04:05Z",
        "2024-01-02T03:04:05+02:00      | 2024-01-02T01:04:05Z",
        "2024-01-02T03:04:05+02:        | 2024-01-02T01:04:05Z",
        "2001-02T05-02:                 | 2001-02-01T07:00:00Z",
        "2024-01-02T03:04:05-0530       | 2024-01-02T08:34:05Z",
        "20240102T030405                | 2024-01-02T03:04:05Z",
        "20240102T0304                  | 2024-01-02T03:04:00Z",
        "20240102T03:04                 | 2024-01-02T03:04:00Z",
        "20240102 03:04                 | 2024-01-02T03:04:00Z",
        "20240102 03:04:05              | 2024-01-02T03:04:05Z",
        "2024/01/02 03:04:05            | 2024-01-02T03:04:05Z",
        "2024:01:02 03:04:05            | 2024-01-02T03:04:05Z",
        "2024/0102 1:2                  | 2024-01-02T01:02:00Z",
        "2024 03:04                     | 2024-01-01T03:04:00Z",
        "2024 3:4                       | 2024-01-01T03:04:00Z",
        "2024 10:30                     | 2024-01-01T10:30:00Z",
        "2024 1:2:3                     | 2024-01-01T01:02:03Z",
        "202401:02:03                   | 2024-01-01T01:02:03Z",
        "2024-W05-1T03:00:00Z           | 2024-01-29T03:00:00Z",
        "2024-001T03:00:00Z             | 2024-01-01T03:00:00Z",
        "2024001T030405                 | 2024-01-01T03:04:05Z",
        "2024-01T03:04                  | 2024-01-01T03:04:00Z",
        "2024-01 03:04                  | 2024-01-01T03:04:00Z",
        "2024-W05 03:04                 | 2024-01-29T03:04:00Z",
        "9999-12-31T23:59:59Z           | 9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z           | 0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z    | 1969-12-31T23:59:59.999999Z",
        "2024-02-29T12:00:00.000001+14:00 | 2024-02-28T22:00:00.000001Z",
        "2024-12-31T23:30:00-01:00      | 2025-01-01T00:30:00Z",
      })
  void seesADateWithATime(String text, Instant instant) {
    assertThat(timestamp(text)).isEqualTo(micros(instant));
    assertThat(date(text)).isEqualTo(IsoTime.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2",
        "2024-01-02",
        "2024-01",
        "2024",
        "20240102",
        "03:04:05",
        "12:30",
        "1704164645",
        "202401",
        "P1D",
        "2024-01-02T03:04:05z",
        "T03:04:05",
        "2024-01-02T",
        "2024-01-02 ",
        " 2024-01-02T03:04:05Z",
        "2024-01-02T03:04:05.Z",
        "2024-01-02T03:04:05 +02:00",
        "2024-01-02T03:04:05 UTC",
        "2024-01-02T03:04:05+25:00",
        "2024-01-02T0304",
        "2024-01-02T3:4:5",
        "2024-01-02 3:04",
        "2024-01-02T24:00:00Z",
        "2024-01-02T23:59:60Z",
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-2024-01-02T00:00:00Z",
        "2024-01-02T03:04:05Z/2024-01-03T03:04:05Z",
        "2024-01-02T03:04:05[Europe/Paris]",
        "Jan 2 2024",
        "1/2/2024",
        "2024-13-01T00:00:00Z",
        "2024-01-02T25:00:00",
        "2024-01-02t03:04:05Z",
        "٢٠٢٤-01-02T03:04:05Z",
        "2024-01-02T03:04:05\n",
        "Tue, 02 Jan 2024 03:04:05 GMT",
        "2024-W60-1T00:00:00Z",
        "20240102T03:04:05.",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2024 10:",
        "2024 10::5"
      })
  void leavesEverythingElseAText(String text) {
    assertThat(timestamp(text)).isEqualTo(IsoTime.NONE);
    assertThat(text(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "2024-01-02, 2024-01-02",
    "2024-01, 2024-01-01",
    "2024, 2024-01-01",
    "20240102, 2024-01-02",
    "2024-060, 2024-02-29",
    "2024060, 2024-02-29",
    "2024-W05-1, 2024-01-29",
    "2024-W05, 2024-01-29",
    "2024W051, 2024-01-29",
    "2024W05, 2024-01-29",
    "2020-W53-5, 2021-01-01",
    "2024/01/02, 2024-01-02",
    "2024:01/02, 2024-01-02",
    "0001-01-01, 0001-01-01",
  })
  void seesADate(String text, LocalDate day) {
    assertThat(date(text)).isEqualTo(day.toEpochDay());
    assertThat(timestamp(text)).isEqualTo(IsoTime.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"202401", "2024-1-2", "2021-W53", "2023-366", "12:30", "x", "2024-02-30"})
  void seesNoDate(String text) {
    assertThat(date(text)).isEqualTo(IsoTime.NONE);
  }

  /** The golden case timestamps-coerced. */
  @ParameterizedTest
  @CsvSource({
    "2024-01-02, 2024-01-02T00:00:00Z", "2024-01, 2024-01-01T00:00:00Z",
    "2024, 2024-01-01T00:00:00Z", "20240102, 2024-01-02T00:00:00Z",
    "1704164645, 2024-01-02T03:04:05Z", "202401, 1970-01-03T08:13:21Z",
    "1e9, 2001-09-09T01:46:40Z", "1704164645.5, 2024-01-02T03:04:05.5Z",
    "12345678, 1970-05-23T21:21:18Z", "'  1_000 ', 1970-01-01T00:16:40Z",
    "-1, 1969-12-31T23:59:59Z", "-0.0000005, 1970-01-01T00:00:00Z",
  })
  void aTimestampColumnAlsoTakesDatesAndEpochs(String text, Instant instant) {
    byte[] b = utf8(text);
    long micros = micros(instant);
    assertThat(IsoTime.coerceTimestamp(b, 0, b.length)).isEqualTo(micros);
    assertThat(IsoTime.coerceDate(b, 0, b.length))
        .isEqualTo(Math.floorDiv(micros, 86_400_000_000L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "03:04:05",
        "12:30",
        "P1D",
        "nan",
        "inf",
        "garbage",
        "2024-01-02 ",
        "1e99",
        "1704164645000",
        "T10"
      })
  void aTimestampColumnRefusesTheRest(String text) {
    byte[] b = utf8(text);
    assertThat(IsoTime.coerceTimestamp(b, 0, b.length)).isEqualTo(IsoTime.NONE);
    assertThat(IsoTime.coerceDate(b, 0, b.length)).isEqualTo(IsoTime.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "10:11, 10:11",
    "10:11:12.5, 10:11:12.5",
    "23:59:59.999999, 23:59:59.999999",
    "1:2, 01:02",
    "T1011, 10:11",
    "T10, 10:00",
    "T10:11, 10:11",
    "10:11+02:00, 08:11",
    "01:00+0200, 23:00",
    "10:11Z, 10:11",
    "' 1:2:3', 01:02:03",
  })
  void readsTimesOfTheDay(String text, LocalTime time) {
    byte[] b = utf8(text);
    assertThat(IsoTime.time(b, 0, b.length)).isEqualTo(time.toNanoOfDay() / 1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "101112",
        "10",
        "10:",
        "24:00",
        "10:60",
        "T10:11:12",
        "2024-01-02",
        "1:",
        "2024 1:2",
        "10:11 ",
        ":11"
      })
  void refusesOtherTimes(String text) {
    byte[] b = utf8(text);
    assertThat(IsoTime.time(b, 0, b.length)).isEqualTo(IsoTime.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-01-02T03:04:05Z, 2024-01-02T03:04:05+00:00",
    "2024-01-02 03:04, 2024-01-02T03:04:00",
    "20240102T030405.5-0330, 2024-01-02T03:04:05.500000-03:30",
    "2024 1:2, 2024-01-01T01:02:00",
    "0001-01-01T00:00:00+00:00, 0001-01-01T00:00:00+00:00",
  })
  void printsTimestampsWithTheirOwnOffset(String text, String iso) {
    assertThat(text(text)).isEqualTo(iso);
  }

  @Test
  void readsNothingBeyondTheSlice() {
    byte[] b = utf8("2024-01-02T03:04:05.123456Z");
    for (int end = 0; end <= b.length; end++) {
      byte[] cut = Arrays.copyOf(b, end);
      assertThat(IsoTime.timestamp(b, 0, end)).isEqualTo(IsoTime.timestamp(cut, 0, end));
      assertThat(IsoTime.time(b, 11, Math.max(0, end - 11)))
          .isEqualTo(end < 11 ? IsoTime.NONE : IsoTime.time(cut, 11, end - 11));
    }
  }

  @Test
  void agreesWithTheGrammarWrittenAsPatterns() {
    String[] seeds = {
      "2024-01-02T03:04:05Z",
      "2024-01-02 03:04:05.123",
      "2024-W05-1T03",
      "2024-001T03:00+02",
      "20240102T030405,5-0330",
      "2024001 0304",
      "2024W051T03",
      "2024/01/02 3:4:5.678",
      "2024 1:2",
      "2024:0102 10:30",
      "2020-W53-7T00:00",
      "2023-02-28T23:59:59",
      "0001-01-01T00:00+14:00",
      "2024-12",
      "20241231",
      "2024/12/31"
    };
    String alphabet = "0123456789-:T Z+/.,W";
    Random random = new Random(11);
    int seen = 0;
    for (int i = 0; i < 300_000; i++) {
      StringBuilder text = new StringBuilder(seeds[random.nextInt(seeds.length)]);
      for (int n = random.nextInt(4); n > 0; n--) {
        int at = random.nextInt(text.length() + 1);
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.insert(at, c);
          case 1 -> text.replace(Math.min(at, Math.max(0, text.length() - 1)), at, "");
          default -> text.replace(Math.max(0, at - 1), at, String.valueOf(c));
        }
      }
      Long expected = Reference.timestamp(text.toString());
      seen += expected == null ? 0 : 1;
      assertThat(timestamp(text.toString()))
          .as("%s", text)
          .isEqualTo(expected == null ? IsoTime.NONE : expected);
      Long day = Reference.date(text.toString());
      assertThat(date(text.toString())).as("%s", text).isEqualTo(day == null ? IsoTime.NONE : day);
    }
    assertThat(seen).isBetween(50_000, 250_000);
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
  }

  private static long timestamp(String text) {
    byte[] b = utf8("#" + text + "9");
    return IsoTime.timestamp(b, 1, b.length - 2);
  }

  private static long date(String text) {
    byte[] b = utf8("#" + text + "9");
    return IsoTime.date(b, 1, b.length - 2);
  }

  private static String text(String text) {
    byte[] b = utf8(text);
    return IsoTime.isoText(b, 0, b.length);
  }

  private static byte[] utf8(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  /** Section 10 of the reference, slowly. */
  private static final class Reference {
    private static final String FRACTION = "(?:[.,](?<f>[0-9]+))?";
    private static final String ZONE = "(?<z>Z|[+-][0-9]{2}(?::?(?:[0-9]{2})?)?)?";
    private static final Pattern DATE =
        Pattern.compile(
            "(?<y>[0-9]{4})(?:-(?<M>[0-9]{2})(?:-(?<d>[0-9]{2}))?|-(?<o>[0-9]{3})"
                + "|-W(?<w>[0-9]{2})(?:-(?<wd>[0-9]))?|(?<cM>[0-9]{2})(?<cd>[0-9]{2})"
                + "|(?<co>[0-9]{3})|W(?<cw>[0-9]{2})(?<cwd>[0-9])?)");
    private static final Pattern EXTENDED =
        Pattern.compile(
            "(?<h>[0-9]{2})(?::(?<m>[0-9]{2})(?::(?<s>[0-9]{2})" + FRACTION + ")?)?" + ZONE);
    private static final Pattern BASIC =
        Pattern.compile(
            "(?<h>[0-9]{2})(?::(?<m>[0-9]{2})|(?<m2>[0-9]{2})(?:(?<s>[0-9]{2})"
                + FRACTION
                + ")?)?"
                + ZONE);
    private static final Pattern LOOSE_DATE =
        Pattern.compile("(?<y>[0-9]{4})(?:[/:]?(?<M>[0-9]{2})[/:]?(?<d>[0-9]{2}))?");
    private static final Pattern LOOSE =
        Pattern.compile(
            LOOSE_DATE.pattern()
                + " ?(?<h>[0-9]{1,2}):(?<m>[0-9]{1,2})(?::(?<s>[0-9]{1,2}))?(?:[.,](?<f>[0-9]{1,9}))?");

    static Long timestamp(String text) {
      for (int i = 4; i < text.length(); i++) {
        if (text.charAt(i) != 'T' && text.charAt(i) != ' ') {
          continue;
        }
        Matcher date = DATE.matcher(text.substring(0, i));
        if (!date.matches()) {
          continue;
        }
        boolean extended = text.charAt(4) == '-';
        Matcher clock = (extended ? EXTENDED : BASIC).matcher(text.substring(i + 1));
        if (clock.matches()) {
          String minute = clock.group("m");
          minute = minute == null && !extended ? clock.group("m2") : minute;
          return micros(day(date), clock.group("h"), minute, clock, clock.group("z"));
        }
      }
      Matcher loose = LOOSE.matcher(text);
      if (LOOSE_DATE.matcher(text).matches() || !loose.matches()) {
        return null;
      }
      return micros(looseDay(loose), loose.group("h"), loose.group("m"), loose, null);
    }

    static Long date(String text) {
      Matcher date = DATE.matcher(text);
      Long day = date.matches() ? day(date) : null;
      Matcher loose = LOOSE_DATE.matcher(text);
      return day == null && loose.matches() ? looseDay(loose) : day;
    }

    private static Long micros(Long day, String hour, String minute, Matcher clock, String zone) {
      if (day == null) {
        return null;
      }
      try {
        LocalTime time =
            LocalTime.of(number(hour, 0), number(minute, 0), number(clock.group("s"), 0));
        String fraction = clock.group("f");
        int micros = fraction == null ? 0 : Integer.parseInt((fraction + "000000").substring(0, 6));
        int offset = 0;
        if (zone != null && !zone.equals("Z")) {
          String digits = zone.substring(1).replace(":", "");
          offset = Integer.parseInt(digits.substring(0, 2)) * 60;
          offset += digits.length() > 2 ? Integer.parseInt(digits.substring(2)) : 0;
          offset *= zone.startsWith("-") ? -1 : 1;
        }
        if (Math.abs(offset) >= 24 * 60) {
          return null;
        }
        LocalDateTime utc =
            LocalDateTime.of(LocalDate.ofEpochDay(day), time)
                .plus(micros, ChronoUnit.MICROS)
                .minusMinutes(offset);
        return utc.getYear() < 1 || utc.getYear() > 9999
            ? null
            : IsoTimeTest.micros(utc.toInstant(ZoneOffset.UTC));
      } catch (DateTimeException outOfRange) {
        return null;
      }
    }

    private static Long looseDay(Matcher m) {
      return calendar(number(m.group("y"), 0), number(m.group("M"), 1), number(m.group("d"), 1));
    }

    private static Long day(Matcher m) {
      int year = number(m.group("y"), 0);
      String ordinal = m.group("o") != null ? m.group("o") : m.group("co");
      String week = m.group("w") != null ? m.group("w") : m.group("cw");
      String weekday = m.group("w") != null ? m.group("wd") : m.group("cwd");
      try {
        if (ordinal != null) {
          return year == 0 ? null : LocalDate.ofYearDay(year, number(ordinal, 0)).toEpochDay();
        }
        if (week != null) {
          LocalDate fourth = LocalDate.of(year, 1, 4);
          long weeks = IsoFields.WEEK_OF_WEEK_BASED_YEAR.rangeRefinedBy(fourth).getMaximum();
          LocalDate day =
              fourth
                  .with(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 1)
                  .with(DayOfWeek.MONDAY)
                  .plusWeeks(number(week, 0) - 1L)
                  .plusDays(number(weekday, 1) - 1L);
          boolean fits = number(week, 0) <= weeks && number(weekday, 1) <= 7 && year > 0;
          return fits && day.getYear() > 0 && day.getYear() < 10_000 ? day.toEpochDay() : null;
        }
      } catch (DateTimeException outOfRange) {
        return null;
      }
      String month = m.group("M") != null ? m.group("M") : m.group("cM");
      String day = m.group("M") != null ? m.group("d") : m.group("cd");
      return calendar(year, number(month, 1), number(day, 1));
    }

    private static Long calendar(int year, int month, int day) {
      try {
        return year == 0 ? null : LocalDate.of(year, month, day).toEpochDay();
      } catch (DateTimeException outOfRange) {
        return null;
      }
    }

    private static int number(String digits, int otherwise) {
      return digits == null ? otherwise : Integer.parseInt(digits);
    }
  }
}
