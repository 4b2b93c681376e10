package io.millrace.expression;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The functions of expressions. Of {@code null} each gives {@code null}. Public for JEXL alone. */
public final class Functions {
  private Functions() {}

  /** In small letters. */
  public static String lower(Object text) {
    return text == null ? null : text.toString().toLowerCase(Locale.ROOT);
  }

  /** In capitals. */
  public static String upper(Object text) {
    return text == null ? null : text.toString().toUpperCase(Locale.ROOT);
  }

  /** Without blanks at both ends. */
  public static String trim(Object text) {
    return text == null ? null : text.toString().strip();
  }

  /** As a text. */
  public static String text(Object value) {
    return value == null ? null : value.toString();
  }

  /** From a character (0 is the first) to before another; both may lie outside. */
  public static String substring(Object text, int from, int to) {
    if (text == null) {
      return null;
    }
    String all = text.toString();
    int end = Math.max(0, Math.min(to, all.length()));
    return all.substring(Math.max(0, Math.min(from, end)), end);
  }

  /** With every {@code old} replaced; nothing is a pattern. */
  public static String replace(Object text, String old, String by) {
    if (text == null || old.isEmpty()) {
      return text(text);
    }
    String all = text.toString();
    long many = 0;
    for (int at = all.indexOf(old); at >= 0; at = all.indexOf(old, at + old.length())) {
      many++;
    }
    ExactArithmetic.fits(all.length() + many * ((long) by.length() - old.length()));
    return all.replace(old, by);
  }

  /** The parts between separators; nothing is a pattern. */
  public static List<String> split(Object text, String separator) {
    return text == null || separator.isEmpty()
        ? null
        : Arrays.asList(text.toString().split(Pattern.quote(separator), -1));
  }

  /** The first that is not {@code null}. */
  public static Object coalesce(Object first, Object second) {
    return first == null ? second : first;
  }
}
