package io.millrace.activities.normalize.value;

import io.millrace.activities.staging.NumberedIds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Row ids: 14 ASCII bytes, the base64 of the first ten bytes of a SHAKE-128. Not thread-safe;
 * allocates nothing once warm.
 */
public final class RowIds {
  /** Bytes of an id. */
  public static final int LENGTH = NumberedIds.LENGTH;

  private static final int MAX_DIGITS = 20;

  private final Shake128 shake = new Shake128();
  private byte[] message = new byte[Shake128.RATE];

  /**
   * The ids of a table's rows by their number, where an id says nothing of the row: a second
   * attempt at the same load gives the same ones. Sixteen bytes of SHAKE-128 of {@code
   * {loadId}_{table}} are the seed; a hash a row would cost more than all else that is done for it.
   */
  public static NumberedIds numbered(String loadId, String table) {
    byte[] name = (loadId + "_" + table).getBytes(StandardCharsets.UTF_8);
    byte[] key = new byte[16];
    new Shake128().hash(name, 0, name.length, key, 0, key.length);
    return new NumberedIds((long) Shake128.LANE.get(key, 0), (long) Shake128.LANE.get(key, 8));
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
    NumberedIds.print(shake.first(in, off, len), (int) shake.second() & 0xffff, out, at);
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
