package io.millrace.activities.normalize.value;

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

  /** Bytes of a hash that make an id. */
  private static final int BYTES = 10;

  /** Ids of root rows that share one hash: as many as one permutation gives bytes for. */
  private static final int BLOCK = 16;

  private static final byte[] BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
          .getBytes(StandardCharsets.US_ASCII);

  private final Shake128 shake = new Shake128();
  private byte[] message = new byte[Shake128.RATE];

  /**
   * Ids by number, so that a second attempt at the same segment gives the same ones: ten bytes of
   * SHAKE-128 of {@code {loadId}_{table}_{number / 16}}, from byte {@code 10 * (number % 16)} on.
   * Sixteen rows share a hash because hashing would cost more than all else that is done for a row
   * ({@code docs/decisions/}). Not thread-safe.
   */
  public static final class Numbered {
    private final Shake128 shake = new Shake128();
    private final byte[] message;
    private final int prefix;
    private final byte[] block = new byte[BLOCK * BYTES];
    private long blockOf = -1;

    /** For the rows of that table that come with that load. */
    public Numbered(String loadId, String table) {
      byte[] name = (loadId + "_" + table + "_").getBytes(StandardCharsets.UTF_8);
      prefix = name.length;
      message = Arrays.copyOf(name, prefix + MAX_DIGITS);
    }

    /**
     * Writes an id.
     *
     * @param at where the {@link #LENGTH} bytes begin in {@code out}
     * @param number of the row in its table and segment, from 0
     */
    public void id(byte[] out, int at, long number) {
      long wanted = number / BLOCK;
      if (wanted != blockOf) {
        int end = digits(message, prefix, wanted);
        shake.hash(message, 0, end, block, 0, block.length);
        blockOf = wanted;
      }
      int from = (int) (number % BLOCK) * BYTES;
      int two = block[from + 8] & 0xff | (block[from + 9] & 0xff) << 8;
      print((long) Shake128.LANE.get(block, from), two, out, at);
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
    byte[] alphabet = BASE64;
    for (int i = 0; i < 10; i++) {
      out[at + i] = alphabet[(int) (high >>> (58 - 6 * i)) & 63];
    }
    out[at + 10] = alphabet[(int) (high << 2 & 0x3c) | low >>> 14];
    out[at + 11] = alphabet[low >>> 8 & 63];
    out[at + 12] = alphabet[low >>> 2 & 63];
    out[at + 13] = alphabet[low << 4 & 0x30];
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
