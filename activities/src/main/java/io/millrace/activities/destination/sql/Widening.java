package io.millrace.activities.destination.sql;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which types hold all that another one holds, in the words of the engines' catalogs. */
public final class Widening {
  private static final List<String> INTEGERS =
      List.of("tinyint", "smallint", "integer", "bigint", "hugeint");

  private static final Pattern DECIMAL = Pattern.compile("(?:decimal|numeric)\\((\\d+),(\\d+)\\)");

  /** A type of which one number is how much it holds at the most. */
  private static final Pattern SIZED =
      Pattern.compile("(character varying|timestamp|time)(?:\\((\\d+)\\))?(.*)");

  private Widening() {}

  /** Whether {@code to} holds every value of {@code from}, and more. */
  public static boolean keepsAll(String from, String to) {
    String narrow = from.toLowerCase(Locale.ROOT);
    String wide = to.toLowerCase(Locale.ROOT);
    int place = INTEGERS.indexOf(narrow);
    if (place >= 0) {
      return INTEGERS.indexOf(wide) > place;
    }
    Matcher one = DECIMAL.matcher(narrow);
    Matcher other = DECIMAL.matcher(wide);
    if (one.matches() && other.matches()) {
      int digits = number(other, 1) - number(one, 1);
      int fraction = number(other, 2) - number(one, 2);
      return fraction >= 0 && digits >= fraction && digits > 0;
    }
    one = SIZED.matcher(narrow);
    other = SIZED.matcher(wide);
    return one.matches()
        && other.matches()
        && one.group(1).equals(other.group(1))
        && one.group(3).equals(other.group(3))
        && one.group(2) != null
        && (other.group(2) == null || number(other, 2) > number(one, 2));
  }

  private static int number(Matcher type, int group) {
    return Integer.parseInt(type.group(group));
  }
}
