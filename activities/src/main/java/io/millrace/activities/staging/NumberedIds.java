package io.millrace.activities.staging;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Row ids by the rows' numbers, so that a package holds one seed instead of an id a row. The seed's
 * first half is that of Java's {@link java.util.SplittableRandom}, whose numbers are all different
 * until 2^64: the first eight bytes of an id, so that ids of one seed never meet. The last two come
 * from those and the seed's second half ({@code docs/decisions/}). Immutable.
 */
public record NumberedIds(long first, long second) {
  /** Bytes of an id: the base64 of ten bytes, without padding. */
  public static final int LENGTH = 14;

  private static final long STEP = 0x9E3779B97F4A7C15L;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** For each twelve bits the two characters of their base64, the first one in the lower byte. */
  private static final short[] PAIRS = pairs();

  private static short[] pairs() {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    short[] pairs = new short[1 << 12];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = (short) (alphabet.charAt(i & 63) << 8 | alphabet.charAt(i >>> 6));
    }
    return pairs;
  }

  /**
   * Writes an id.
   *
   * @param at where its {@link #LENGTH} bytes begin in {@code out}
   * @param number of the row in its table and segment, from 0
   */
  public void write(byte[] out, int at, long number) {
    long eight = mixed(first + number * STEP);
    print(eight, (int) mixed(eight + second) & 0xffff, out, at);
  }

  /** {@code SplittableRandom}'s mix, one to one, so that any number is found without the others. */
  private static long mixed(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** Writes ten bytes as an id: two little-endian numbers of eight and of two. */
  public static void print(long eight, int two, byte[] out, int at) {
    long high = Long.reverseBytes(eight);
    int low = (two & 0xff) << 8 | two >>> 8;
    short[] pairs = PAIRS;
    SHORT.set(out, at, pairs[(int) (high >>> 52)]);
    SHORT.set(out, at + 2, pairs[(int) (high >>> 40) & 0xfff]);
    SHORT.set(out, at + 4, pairs[(int) (high >>> 28) & 0xfff]);
    SHORT.set(out, at + 6, pairs[(int) (high >>> 16) & 0xfff]);
    SHORT.set(out, at + 8, pairs[(int) (high >>> 4) & 0xfff]);
    SHORT.set(out, at + 10, pairs[(int) (high << 8) & 0xf00 | low >>> 8]);
    SHORT.set(out, at + 12, pairs[low << 4 & 0xff0]);
  }
}
