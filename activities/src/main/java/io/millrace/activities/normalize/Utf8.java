package io.millrace.activities.normalize;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of unknown quality as text that a column can hold. */
final class Utf8 {
  /** What is kept of a rejected record. */
  static final int KEPT = 64 << 10;

  private Utf8() {}

  /** The first 64 KiB, whole characters only; invalid ones and NUL become U+FFFD. */
  static byte[] clean(byte[] b, int off, int len) {
    int n = Math.min(len, KEPT);
    while (n > 0 && n < len && n > KEPT - 4 && (b[off + n] & 0xC0) == 0x80) {
      n--;
    }
    String s = new String(b, off, n, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    byte[] out = s.getBytes(StandardCharsets.UTF_8);
    return out.length <= 3 * KEPT ? out : Arrays.copyOf(out, 3 * KEPT);
  }
}
