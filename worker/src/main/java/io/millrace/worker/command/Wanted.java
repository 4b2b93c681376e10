package io.millrace.worker.command;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The selection that the words of a command line make. */
final class Wanted {
  private static final Set<String> OPERATORS = Set.of("and", "or", "not");

  private Wanted() {}

  /**
   * Several words are several selections ({@code a b} is {@code a, b}), unless one of them says how
   * they belong together ({@code a and not b}, unquoted).
   *
   * @return {@code null} when there is no word: all assets
   */
  static String of(List<String> words) {
    StringBuilder selection = new StringBuilder();
    String before = null;
    for (String word : words) {
      if (word.isBlank()) {
        continue;
      }
      if (before != null) {
        selection.append(belong(before, word) ? " " : ", ");
      }
      selection.append(word);
      before = word;
    }
    return before == null ? null : selection.toString();
  }

  private static boolean belong(String before, String after) {
    return operator(before)
        || operator(after)
        || before.endsWith("(")
        || before.endsWith(",")
        || after.startsWith(")")
        || after.startsWith(",");
  }

  private static boolean operator(String word) {
    return OPERATORS.contains(word.toLowerCase(Locale.ROOT));
  }
}
