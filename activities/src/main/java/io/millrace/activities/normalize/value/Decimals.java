package io.millrace.activities.normalize.value;

import io.millrace.schema.DataType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Exact decimals as digits: read with the syntax of Python's {@code Decimal} (and {@code 0x…}),
 * rounded to a column. Works on the digits themselves, so that {@code 1e999999999} costs no more
 * than {@code 1}. Stateless.
 */
final class Decimals {
  /** The most digits of a decimal column. */
  static final int MAX_PRECISION = 38;

  /** The most bytes that a decimal has here, sign and point included. */
  static final int LONGEST = 112;

  private static final int MOST_DIGITS = 100;
  private static final int FAR = 1_000_000_000;

  private Decimals() {}

  /**
   * Rounds half up (away from zero) to {@code scale} digits after the point and makes {@code out}
   * plain digits of that type.
   *
   * @param exact refuse instead of rounding
   * @return false, {@code out} unchanged, when the text is no number or does not fit the precision
   */
  static boolean round(
      byte[] b,
      int off,
      int len,
      int precision,
      int scale,
      boolean exact,
      DataType type,
      Value out) {
    Digits n = read(b, off, len);
    if (n == null || n.whole > precision - scale || exact && n.nonZeroAfter(scale)) {
      return false;
    }
    byte[] to = n.b == out.digits() ? new byte[LONGEST] : out.digits();
    int whole = Math.max(n.whole, 1);
    int fraction = Math.max(0, Math.min(scale, n.count - n.whole));
    // the first two places are kept for the sign and for a carry
    int end = write(n, whole, fraction, to, 2);
    int from = 2;
    if (n.place(-scale - 1) >= '5' && carry(to, end)) {
      to[--from] = '1';
      whole++;
    }
    boolean leadingZero = to[from] == '0';
    if (whole - (leadingZero ? 1 : 0) > precision - scale) {
      return false;
    }
    set(n, to, from, end, type, out);
    return true;
  }

  /** Plain digits, nothing rounded; false when that takes more than a hundred of them. */
  static boolean exact(byte[] b, int off, int len, DataType type, Value out) {
    Digits n = read(b, off, len);
    if (n == null || Math.max(n.whole, 1) + Math.max(0L, n.count - n.whole) > MOST_DIGITS) {
      return false;
    }
    byte[] to = n.b == out.digits() ? new byte[LONGEST] : out.digits();
    set(n, to, 2, write(n, Math.max(n.whole, 1), Math.max(0, n.count - n.whole), to, 2), type, out);
    return true;
  }

  /** How many digits stand before the point; -1 when the text is no number. */
  static int wholeDigits(byte[] b, int off, int len) {
    Digits n = read(b, off, len);
    return n == null ? -1 : Math.max(0, n.whole);
  }

  private static int write(Digits n, int whole, int fraction, byte[] to, int at) {
    int p = at;
    for (int place = whole - 1; place >= -fraction; place--) {
      if (place == -1) {
        to[p++] = '.';
      }
      to[p++] = n.place(place);
    }
    return p;
  }

  /** Adds one in the last place; true when a new digit is needed in front. */
  private static boolean carry(byte[] to, int end) {
    for (int i = end - 1; i >= 2; i--) {
      if (to[i] == '.') {
        continue;
      }
      if (to[i] != '9') {
        to[i]++;
        return false;
      }
      to[i] = '0';
    }
    return true;
  }

  private static void set(Digits n, byte[] to, int from, int end, DataType type, Value out) {
    boolean zero = true;
    for (int i = from; i < end; i++) {
      zero &= to[i] == '0' || to[i] == '.';
    }
    int start = from;
    if (n.negative && !zero) {
      to[--start] = '-';
    }
    out.slice(type, to, start, end - start);
  }

  /** The digits of a text; {@code null} when it is no finite number. */
  private static Digits read(byte[] b, int off, int len) {
    // unlike int and float, Decimal takes underscores anywhere
    if (len == 0 || !PyNumbers.mayBeNumber(b[off]) && b[off] != '_') {
      return null;
    }
    if (PyText.hexPrefixed(b, off, len)) {
      BigInteger hex = PyNumbers.parseBig(b, off, len);
      return hex == null ? null : plain(hex.toString());
    }
    Digits digits = new Digits();
    if (digits.read(b, off, len)) {
      return digits;
    }
    String loose = PyNumbers.asciiDigits(b, off, len);
    return loose == null ? null : plain(loose.replace("_", ""));
  }

  private static Digits plain(String ascii) {
    byte[] b = ascii.getBytes(StandardCharsets.ISO_8859_1);
    Digits digits = new Digits();
    return digits.read(b, 0, b.length) ? digits : null;
  }

  /** Where the significant digits of a number stand in its text. */
  private static final class Digits {
    private byte[] b;
    private boolean negative;

    /** First significant digit, and the point ({@code MAX_VALUE} when there is none after it). */
    private int first;

    private int point;

    /** Significant digits, trailing zeros included, and how many of them are before the point. */
    private int count;

    private int whole;

    boolean read(byte[] in, int off, int len) {
      b = in;
      int end = off + len;
      int p = off;
      if (p < end && (in[p] == '-' || in[p] == '+')) {
        negative = in[p++] == '-';
      }
      first = -1;
      point = Integer.MAX_VALUE;
      int digits = 0;
      boolean any = false;
      boolean seenPoint = false;
      for (; p < end; p++) {
        if (in[p] >= '0' && in[p] <= '9') {
          any = true;
          if (first < 0 && in[p] != '0') {
            first = p;
          }
          count += first >= 0 ? 1 : 0;
          digits += seenPoint ? 1 : 0;
        } else if (in[p] == '.' && !seenPoint) {
          seenPoint = true;
          point = first >= 0 ? p : point;
        } else {
          break;
        }
      }
      if (!any || p < end && in[p] != 'e' && in[p] != 'E') {
        return false;
      }
      long exponent = 0;
      if (p < end) {
        boolean down = ++p < end && in[p] == '-';
        p += p < end && (down || in[p] == '+') ? 1 : 0;
        if (p == end) {
          return false;
        }
        for (; p < end; p++) {
          if (in[p] < '0' || in[p] > '9') {
            return false;
          }
          exponent = Math.min(exponent * 10 + in[p] - '0', FAR);
        }
        exponent = down ? -exponent : exponent;
      }
      if (first < 0) {
        // a zero keeps the zeros that were written after its point
        count = 0;
        whole = exponent == 0 ? -digits : 0;
        return true;
      }
      whole = (int) Math.max(-FAR, Math.min(FAR, count - digits + exponent));
      return true;
    }

    /** The digit that counts units at 0, tenths at -1. */
    byte place(int place) {
      long i = (long) whole - 1 - place;
      if (i < 0 || i >= count) {
        return '0';
      }
      int at = first + (int) i;
      return b[at < point ? at : at + 1];
    }

    boolean nonZeroAfter(int scale) {
      for (long i = Math.max(0, (long) whole + scale); i < count; i++) {
        if (place((int) (whole - 1 - i)) != '0') {
          return true;
        }
      }
      return false;
    }
  }
}
