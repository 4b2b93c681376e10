package io.millrace.activities.normalize.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Row ids: 14 ASCII bytes, the base64 of the first ten bytes of a SHAKE-128. Not thread-safe;
 * allocates nothing once warm.
 */
public final class RowIds {
  /** Bytes of an id. */
  public static final int LENGTH = 14;

  private static final int MAX_DIGITS = 20;

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

  private final Shake128 shake = new Shake128();
  private byte[] message = new byte[Shake128.RATE];

  /**
   * Ids by number, so that a second attempt at the same segment gives the same ones. Sixteen bytes
   * of SHAKE-128 of {@code {loadId}_{table}} seed Java's {@link java.util.SplittableRandom}, whose
   * numbers are all different until 2^64: the first eight bytes of an id, so that ids of one table
   * and load never meet. The last two come from those and the seed's other half. A hash a row would
   * cost more than all else that is done for it ({@code docs/decisions/}). Immutable.
   */
  public static final class Numbered {
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final long first;
    private final long second;

    /** For the rows of that table that come with that load. */
    public Numbered(String loadId, String table) {
      byte[] name = (loadId + "_" + table).getBytes(StandardCharsets.UTF_8);
      byte[] key = new byte[16];
      new Shake128().hash(name, 0, name.length, key, 0, key.length);
      first = (long) Shake128.LANE.get(key, 0);
      second = (long) Shake128.LANE.get(key, 8);
    }

    /**
     * Writes an id.
     *
     * @param at where the {@link #LENGTH} bytes begin in {@code out}
     * @param number of the row in its table and segment, from 0
     */
    public void id(byte[] out, int at, long number) {
      long eight = mixed(first + number * STEP);
      print(eight, (int) mixed(eight + second) & 0xffff, out, at);
    }

    /**
     * {@code SplittableRandom}'s mix, one to one, so that any number is found without the others.
     */
    private static long mixed(long z) {
      z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
      z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
      return z ^ z >>> 31;
    }
  }

  /**
   * The id of a list element: SHAKE-128 of {@code {parent}_{table}_{idx}}, dlt's rule letter for
   * letter.
   *
   * @param at where the {@link #LENGTH} bytes begin in {@code out}
   */
  public void child(
      byte[] out, int at, byte[] parentId, int pOff, int pLen, byte[] tableUtf8, long listIdx) {
    room(pLen + tableUtf8.length + 2 + MAX_DIGITS);
    byte[] m = message;
    System.arraycopy(parentId, pOff, m, 0, pLen);
    int p = pLen;
    m[p++] = '_';
    System.arraycopy(tableUtf8, 0, m, p, tableUtf8.length);
    p += tableUtf8.length;
    m[p++] = '_';
    write(out, at, m, 0, digits(m, p, listIdx));
  }

  /**
   * The id that is a hash of a key or of a row, given as JSON in orjson's form with sorted keys.
   */
  public void hash(byte[] out, int at, byte[] json, int off, int len) {
    write(out, at, json, off, len);
  }

  /** SHA3-256, for hashes of schemas. */
  public static byte[] sha3_256(byte[] in) {
    return Shake128.sha3_256(in);
  }

  private void room(int bytes) {
    if (message.length < bytes) {
      message = Arrays.copyOf(message, Math.max(bytes, 2 * message.length));
    }
  }

  private void write(byte[] out, int at, byte[] in, int off, int len) {
    print(shake.first(in, off, len), (int) shake.second() & 0xffff, out, at);
  }

  /** Ten bytes, as two little-endian numbers of eight and of two. */
  private static void print(long eight, int two, byte[] out, int at) {
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

  /** Writes the number in decimal and returns where it ends. */
  private static int digits(byte[] to, int at, long number) {
    if (number < 0) {
      byte[] text = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(text, 0, to, at, text.length);
      return at + text.length;
    }
    int n = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      n++;
    }
    long rest = number;
    for (int i = at + n - 1; i >= at; i--) {
      long next = rest / 10;
      to[i] = (byte) ('0' + (rest - next * 10));
      rest = next;
    }
    return at + n;
  }
}
