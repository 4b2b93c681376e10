package io.millrace.activities.normalize;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of unknown quality as text that a column can hold. */
final class Utf8 {
  /** What is kept of a rejected record. */
  static final int KEPT = 64 << 10;

  /**
   * For each byte what it makes of each state: a number of six bits, the place of the next state's
   * number. So a step is one shift, whatever the text; a text of many scripts gives branches
   * nothing to predict.
   */
  private static final long[] STEPS = steps();

  /** Between two characters. */
  private static final int WHOLE = 0;

  /** Nothing leads out of it. */
  private static final int BROKEN = 6;

  private Utf8() {}

  private static long[] steps() {
    int one = 12;
    int two = 18;
    int three = 24;
    long[] steps = new long[256];
    java.util.Arrays.fill(steps, every(BROKEN));
    fill(steps, 0x00, 0x7F, WHOLE, WHOLE);
    fill(steps, 0xC2, 0xDF, WHOLE, one);
    fill(steps, 0xE1, 0xEF, WHOLE, two);
    fill(steps, 0xF1, 0xF3, WHOLE, three);
    fill(steps, 0x80, 0xBF, one, WHOLE);
    fill(steps, 0x80, 0xBF, two, one);
    fill(steps, 0x80, 0xBF, three, two);
    // not too long, no half of a pair, not beyond the last one
    int place = three;
    int[][] narrower = {
      {0xE0, 0xA0, 0xBF, one},
      {0xED, 0x80, 0x9F, one},
      {0xF0, 0x90, 0xBF, two},
      {0xF4, 0x80, 0x8F, two}
    };
    for (int[] each : narrower) {
      place += 6;
      fill(steps, each[0], each[0], WHOLE, place);
      fill(steps, each[1], each[2], place, each[3]);
    }
    return steps;
  }

  private static long every(int state) {
    long all = 0;
    for (int from = 0; from < 60; from += 6) {
      all |= (long) state << from;
    }
    return all;
  }

  private static void fill(long[] steps, int first, int last, int from, int to) {
    for (int b = first; b <= last; b++) {
      steps[b] = steps[b] & ~(63L << from) | (long) to << from;
    }
  }

  /** Whether those bytes are whole characters and nothing else. */
  static boolean whole(byte[] b, int from, int to) {
    long[] steps = STEPS;
    long state = WHOLE;
    for (int p = from; p < to; p++) {
      state = steps[b[p] & 0xFF] >>> state;
    }
    return (state & 63) == WHOLE;
  }

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
