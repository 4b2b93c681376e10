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

  /** Whether the stripped text begins with {@code 0x}. */
  static boolean hexPrefixed(byte[] b, int off, int len) {
    int p = skipSpace(b, off, off + len);
    return p + 1 < off + len && b[p] == '0' && b[p + 1] == 'x';
  }

  /** The first byte after leading whitespace. */
  private static int skipSpace(byte[] b, int off, int end) {
    int p = off;
    while (p < end) {
      if (b[p] >= 0) {
        if (!isSpace(b[p])) {
          return p;
        }
        p++;
      } else {
        // whitespace beyond ASCII takes two bytes up to U+07FF and three above
        int c =
            (b[p] & 0xe0) == 0xc0 && p + 1 < end
                ? (b[p] & 0x1f) << 6 | b[p + 1] & 0x3f
                : p + 2 < end
                    ? (b[p] & 0x0f) << 12 | (b[p + 1] & 0x3f) << 6 | b[p + 2] & 0x3f
                    : 'x';
        if (!isSpace(c)) {
          return p;
        }
        p += c < 0x800 ? 2 : 3;
      }
    }
    return end;
  }
}
