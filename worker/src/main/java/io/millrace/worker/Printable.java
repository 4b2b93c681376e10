package io.millrace.worker;

import java.util.regex.Pattern;

/** Texts on their way to a terminal or a log: others chose the names and words in them. */
public final class Printable {
  /**
   * What moves the cursor, colours, or turns the direction of writing. Line ends, tabs and the
   * three ways in which we colour ourselves are none of it.
   */
  private static final Pattern ACTING =
      Pattern.compile("(?!\u001b\\[(?:0|1|31)m)[\\p{Cc}\\u202A-\\u202E\\u2066-\\u2069&&[^\\n\\t]]");

  private Printable() {}

  /** The text with a blank for each character that would do something instead of being seen. */
  public static String text(String text) {
    return ACTING.matcher(text).replaceAll(" ");
  }
}
