package io.millrace.activities.normalize.value;

/** What Python takes for whitespace, in texts and in UTF-8. */
final class PyText {
  private PyText() {}

  /** Python's {@code str.strip()}; Java's differs in seven characters. */
  static String strip(String s) {
    int from = 0;
    int to = s.length();
    while (from < to && isSpace(s.charAt(from))) {
      from++;
    }
    while (to > from && isSpace(s.charAt(to - 1))) {
      to--;
    }
    return s.substring(from, to);
  }

  static boolean isSpace(int c) {
    return switch (c) {
      case ' ', 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
      default -> c >= 0x09 && c <= 0x0d || c >= 0x1c && c <= 0x1f || c >= 0x2000 && c <= 0x200a;
    };
  }
}
