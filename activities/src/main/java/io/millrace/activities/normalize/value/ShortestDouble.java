package io.millrace.activities.normalize.value;

import java.math.BigInteger;

/**
 * The shortest decimal that reads back as the same double, by Raffaello Giulietti's Schubfach. The
 * JDK has it since 19 only, and prints two digits where one is enough. Stateless, thread-safe.
 */
final class ShortestDouble {
  private static final int MIN_K = -324;
  private static final int MAX_K = 292;
  private static final int SMALLEST_EXPONENT = -1074;
  private static final long HIDDEN = 1L << 52;
  private static final long MASK_63 = Long.MAX_VALUE;

  /** 10^-k scaled to 126 bits and rounded up: the high 63 bits and the low 63. */
  private static final long[] G1 = new long[MAX_K - MIN_K + 1];

  private static final long[] G0 = new long[G1.length];

  static {
    for (int k = MIN_K; k <= MAX_K; k++) {
      BigInteger power = BigInteger.TEN.pow(Math.abs(k));
      BigInteger g;
      if (k <= 0) {
        int shift = 126 - power.bitLength();
        g = shift >= 0 ? power.shiftLeft(shift) : power.shiftRight(-shift);
      } else {
        int shift = 125 + power.bitLength();
        g = BigInteger.ONE.shiftLeft(shift).divide(power);
        g = g.shiftRight(g.bitLength() - 126);
      }
      g = g.add(BigInteger.ONE);
      G1[k - MIN_K] = g.shiftRight(63).longValue();
      G0[k - MIN_K] = g.longValue() & MASK_63;
    }
  }

  /** The digits without trailing zeros, and the power of ten that they are multiplied with. */
  record Decimal(long digits, int exponent) {}

  private ShortestDouble() {}

  /** Of a finite, positive double. */
  static Decimal of(double v) {
    long bits = Double.doubleToRawLongBits(v);
    int biased = (int) (bits >>> 52) & 0x7ff;
    long fraction = bits & HIDDEN - 1;
    int q = biased == 0 ? SMALLEST_EXPONENT : biased - 1075;
    long c = biased == 0 ? fraction : fraction | HIDDEN;
    if (q <= 0 && q > -53 && (c & (1L << -q) - 1) == 0) {
      return trimmed(c >> -q, 0);
    }
    return decimal(q, c);
  }

  private static Decimal decimal(int q, long c) {
    long odd = c & 1;
    long center = c << 2;
    long right = center + 2;
    boolean regular = c != HIDDEN || q == SMALLEST_EXPONENT;
    long left = regular ? center - 2 : center - 1;
    int k = (int) ((q * 661_971_961_083L - (regular ? 0 : 274_743_187_321L)) >> 41);
    int h = q + (int) (-k * 913_124_641_741L >> 38) + 2;
    long g1 = G1[k - MIN_K];
    long g0 = G0[k - MIN_K];
    long vb = roundToOdd(g1, g0, center << h);
    long vbl = roundToOdd(g1, g0, left << h);
    long vbr = roundToOdd(g1, g0, right << h);
    long s = vb >> 2;
    if (s >= 10) {
      long lower = s / 10 * 10;
      long upper = lower + 10;
      boolean lowerIn = vbl + odd <= lower << 2;
      boolean upperIn = (upper << 2) + odd <= vbr;
      if (lowerIn != upperIn) {
        return trimmed(lowerIn ? lower : upper, k);
      }
    }
    long t = s + 1;
    boolean sIn = vbl + odd <= s << 2;
    boolean tIn = (t << 2) + odd <= vbr;
    if (sIn != tIn) {
      return trimmed(sIn ? s : t, k);
    }
    long cmp = vb - ((s + t) << 1);
    return trimmed(cmp < 0 || cmp == 0 && (s & 1) == 0 ? s : t, k);
  }

  private static long roundToOdd(long g1, long g0, long cp) {
    long x1 = Math.multiplyHigh(g0, cp);
    long y0 = g1 * cp;
    long y1 = Math.multiplyHigh(g1, cp);
    long z = (y0 >>> 1) + x1;
    long w = y1 + (z >>> 63);
    return w | ((z & MASK_63) + MASK_63) >>> 63;
  }

  private static Decimal trimmed(long digits, int exponent) {
    long d = digits;
    int e = exponent;
    while (d % 10 == 0) {
      d /= 10;
      e++;
    }
    return new Decimal(d, e);
  }
}
