package io.millrace.activities.normalize.value;

/**
 * Row ids: 14 ASCII bytes, the base64 of the first ten bytes of a SHAKE-128. Not thread-safe;
 * allocates nothing once warm.
 */
public final class RowIds {
  public static final int LENGTH = 14;

  /** The id of a root row: SHAKE-128 of {@code {loadId}_{table}_{ordinal}}. */
  public void random(byte[] out, int at, String loadId, String table, long ordinal) {
    throw new UnsupportedOperationException();
  }

  /** The id of a list element: SHAKE-128 of {@code {parent}_{table}_{idx}}. */
  public void child(
      byte[] out, int at, byte[] parentId, int pOff, int pLen, byte[] tableUtf8, long listIdx) {
    throw new UnsupportedOperationException();
  }

  /** The id that is a hash of a key or of a row, given as JSON in orjson's form with sorted keys. */
  public void hash(byte[] out, int at, byte[] json, int off, int len) {
    throw new UnsupportedOperationException();
  }

  public static byte[] sha3_256(byte[] in) {
    return Shake128.sha3_256(in);
  }
}
