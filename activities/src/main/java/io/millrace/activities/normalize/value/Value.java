package io.millrace.activities.normalize.value;

import io.millrace.schema.DataType;

/**
 * One value on its way into a column: a reusable, unboxed holder. Before {@link Coercion#coerce} it
 * describes what came in, after it what goes into the cell (the forms of {@link
 * io.millrace.activities.staging.TableBatch}). Not thread-safe.
 *
 * <p>{@link #bits} holds numbers, times and yes/no, the slice ({@link #buf}, {@link #off}, {@link
 * #len}) holds text, json, bytes and the digits of decimals. A slice that a coercion made points
 * into this holder's own memory and lasts until the next coercion.
 */
public final class Value {
  private static final int MAX_WHOLE_DIGITS = 38;

  private DataType kind;
  private long bits;
  private byte[] buf = {};
  private int off;
  private int len;
  private boolean hex;
  private byte[] own = new byte[64];
  private final byte[] digits = new byte[Decimals.LONGEST];

  /** The type of what is held; {@code null} before the first value. */
  public DataType kind() {
    return kind;
  }

  /** Whether a double comes with its digits, in the slice. */
  boolean digitsKnown() {
    return kind == DataType.DOUBLE && len > 0;
  }

  /** The cell of a number, time or yes/no; undefined for slices. */
  public long bits() {
    return bits;
  }

  public byte[] buf() {
    return buf;
  }

  public int off() {
    return off;
  }

  public int len() {
    return len;
  }

  /** Whether bytes print as {@code 0x…} instead of base64. */
  boolean hex() {
    return hex;
  }

  /** A string, as UTF-8 with escapes already resolved. */
  public void setText(byte[] b, int at, int length) {
    slice(DataType.TEXT, b, at, length);
  }

  public void setBigint(long number) {
    kind = DataType.BIGINT;
    bits = number;
  }

  public void setDouble(double number) {
    kind = DataType.DOUBLE;
    len = 0;
    bits = Double.doubleToRawLongBits(number);
  }

  /** A number whose digits say more than a double can: what it is, and how it was written. */
  public void setReal(double number, byte[] b, int at, int length) {
    slice(DataType.DOUBLE, b, at, length);
    bits = Double.doubleToRawLongBits(number);
  }

  public void setBool(boolean yes) {
    kind = DataType.BOOL;
    bits = yes ? 1 : 0;
  }

  /** A record or list that is kept as one value: valid JSON, compact, UTF-8. */
  public void setJson(byte[] b, int at, int length) {
    slice(DataType.JSON, b, at, length);
  }

  /** Whether it is JSON that says nothing. */
  public boolean isNull() {
    return kind == DataType.JSON && len == 4 && buf[off] == 'n';
  }

  /**
   * A whole JSON number that is no {@code long}: plain digits with an optional minus. It becomes a
   * {@code wei} (whole numbers of up to 38 digits) or, when it is longer than any column can hold,
   * a text.
   */
  public void setBigInteger(byte[] b, int at, int length) {
    int digits = length > 0 && b[at] == '-' ? length - 1 : length;
    slice(digits <= MAX_WHOLE_DIGITS ? DataType.WEI : DataType.TEXT, b, at, length);
  }

  /** A typed date, time or timestamp: its cell and the text it was read from. */
  void setTemporal(DataType type, long cell, byte[] b, int at, int length) {
    slice(type, b, at, length);
    bits = cell;
  }

  void setBinary(byte[] b, int at, int length, boolean printsAsHex) {
    slice(DataType.BINARY, b, at, length);
    hex = printsAsHex;
  }

  void setBits(DataType type, long cell) {
    kind = type;
    bits = cell;
  }

  /** Calls the same content by another type. */
  void retype(DataType type) {
    kind = type;
  }

  void slice(DataType type, byte[] b, int at, int length) {
    kind = type;
    buf = b;
    off = at;
    len = length;
    hex = false;
  }

  /** This holder's own memory, at least that large. What an earlier coercion left in it is lost. */
  byte[] own(int size) {
    if (own.length < size) {
      own = new byte[Math.max(size, own.length * 2)];
    }
    return own;
  }

  /** Memory for the digits of one decimal. */
  byte[] digits() {
    return digits;
  }

  /** ASCII characters into this holder's own memory. */
  void ownAscii(DataType type, String ascii) {
    int n = ascii.length();
    byte[] to = own(n);
    for (int i = 0; i < n; i++) {
      to[i] = (byte) ascii.charAt(i);
    }
    slice(type, to, 0, n);
  }
}
