package io.millrace.activities.normalize.value;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Decimal text to double, bit for bit as {@link Double#parseDouble} but straight from bytes: with
 * one exact multiplication for short numbers, by the method of Eisel and Lemire for up to 19
 * digits, and by the JDK for the few that these cannot decide.
 */
final class FastDouble {
  private static final int MIN_POWER = -342;
  private static final int MAX_POWER = 308;
  private static final int MAX_DIGITS = 19;
  private static final long MAX_EXACT = 1L << 53;

  /** 1 to 10^22: those that a double holds exactly. */
  private static final double[] EXACT = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /** The top 128 bits of 5^q, high and low half. */
  private static final long[] HIGH = new long[MAX_POWER - MIN_POWER + 1];

  private static final long[] LOW = new long[HIGH.length];

  static {
    BigInteger five = BigInteger.valueOf(5);
    for (int q = MIN_POWER; q <= MAX_POWER; q++) {
      BigInteger power = five.pow(Math.abs(q));
      BigInteger top;
      if (q >= 0) {
        int shift = power.bitLength() - 128;
        top = shift > 0 ? power.shiftRight(shift) : power.shiftLeft(-shift);
      } else {
        // reciprocals are rounded up
        int bits = power.bitLength() + (power.bitCount() == 1 ? -1 : 0);
        int b = q >= -27 ? bits + 127 : 2 * bits + 128;
        top = BigInteger.ONE.shiftLeft(b).divide(power).add(BigInteger.ONE);
        top = top.shiftRight(Math.max(0, top.bitLength() - 128));
      }
      HIGH[q - MIN_POWER] = top.shiftRight(64).longValue();
      LOW[q - MIN_POWER] = top.longValue();
    }
  }

  private FastDouble() {}

  /**
   * The double of {@code [sign] digits [. digits] [e [sign] digits]} with a digit before or after
   * the point; NaN when the text has another form.
   */
  static double parse(byte[] b, int off, int len) {
    int end = off + len;
    int p = off;
    boolean negative = false;
    if (p < end && (b[p] == '-' || b[p] == '+')) {
      negative = b[p] == '-';
      p++;
    }
    long mantissa = 0;
    int digits = 0;
    int exponent = 0;
    boolean any = false;
    boolean point = false;
    for (; p < end; p++) {
      int c = b[p] - '0';
      if (c >= 0 && c <= 9) {
        any = true;
        if (digits > 0 || c != 0) {
          digits++;
          if (digits <= MAX_DIGITS) {
            mantissa = mantissa * 10 + c;
          } else {
            exponent++;
          }
        }
        exponent -= point ? 1 : 0;
      } else if (b[p] == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (!any) {
      return Double.NaN;
    }
    if (p < end) {
      if (b[p] != 'e' && b[p] != 'E') {
        return Double.NaN;
      }
      p++;
      boolean down = p < end && b[p] == '-';
      p += p < end && (down || b[p] == '+') ? 1 : 0;
      if (p == end) {
        return Double.NaN;
      }
      int value = 0;
      for (; p < end; p++) {
        int c = b[p] - '0';
        if (c < 0 || c > 9) {
          return Double.NaN;
        }
        value = Math.min(value * 10 + c, 100_000_000);
      }
      exponent += down ? -value : value;
    }
    if (mantissa == 0) {
      return negative ? -0.0 : 0.0;
    }
    if (digits > MAX_DIGITS) {
      return slow(b, off, len);
    }
    if (mantissa > 0 && mantissa <= MAX_EXACT && exponent >= -22 && exponent <= 22) {
      double m = mantissa;
      double d = exponent < 0 ? m / EXACT[-exponent] : m * EXACT[exponent];
      return negative ? -d : d;
    }
    double d = eiselLemire(mantissa, exponent);
    return d != d ? slow(b, off, len) : negative ? -d : d;
  }

  private static double slow(byte[] b, int off, int len) {
    return Double.parseDouble(new String(b, off, len, StandardCharsets.ISO_8859_1));
  }

  /** The nearest double to {@code w * 10^q}, {@code w} unsigned and not 0; NaN when undecided. */
  private static double eiselLemire(long w, int q) {
    if (q < MIN_POWER) {
      return 0;
    }
    if (q > MAX_POWER) {
      return Double.POSITIVE_INFINITY;
    }
    int zeros = Long.numberOfLeadingZeros(w);
    long scaled = w << zeros;
    int i = q - MIN_POWER;
    long low = scaled * HIGH[i];
    long high = unsignedHigh(scaled, HIGH[i]);
    if ((high & 0x1ff) == 0x1ff) {
      long more = unsignedHigh(scaled, LOW[i]);
      low += more;
      if (Long.compareUnsigned(low, more) < 0) {
        high++;
      }
    }
    if (low == -1 && (q < -27 || q > 55)) {
      return Double.NaN;
    }
    int upper = (int) (high >>> 63);
    int shift = upper + 64 - 52 - 3;
    long m = high >>> shift;
    int power = (((152_170 + 65_536) * q) >> 16) + 63 + upper - zeros + 1023;
    if (power <= 0) {
      return Double.NaN;
    }
    boolean halfway =
        Long.compareUnsigned(low, 1) <= 0
            && q >= -4
            && q <= 23
            && (m & 3) == 1
            && m << shift == high;
    if (halfway) {
      m &= ~1L;
    }
    m = (m + (m & 1)) >>> 1;
    if (m >= 2L << 52) {
      m = 1L << 52;
      power++;
    }
    return power >= 0x7ff
        ? Double.POSITIVE_INFINITY
        : Double.longBitsToDouble(m & ~(1L << 52) | (long) power << 52);
  }

  private static long unsignedHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }
}
