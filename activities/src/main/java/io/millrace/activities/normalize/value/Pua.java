package io.millrace.activities.normalize.value;

import io.millrace.schema.DataType;

/**
 * dlt marks typed values inside JSON with one private-use character (U+F026 to U+F02D) and decodes
 * every text that begins with one, also a user's. Followed only in compat mode. Stateless.
 */
final class Pua {
  private static final int FIRST = 0xa6;
  private static final int LENGTH = 3;

  private Pua() {}

  /** True when the text was a typed value and now is one; anything else stays as it is. */
  static boolean decode(Value in) {
    byte[] b = in.buf();
    int off = in.off();
    if (in.kind() != DataType.TEXT
        || in.len() <= LENGTH
        || b[off] != (byte) 0xef
        || b[off + 1] != (byte) 0x80) {
      return false;
    }
    int at = off + LENGTH;
    int len = in.len() - LENGTH;
    return switch ((b[off + 2] & 0xff) - FIRST) {
      case 0 -> decimal(in, b, at, len);
      case 1 ->
          day(b, at, len) > 0
              && temporal(in, DataType.TIMESTAMP, IsoTime.timestampOrDay(b, at, len), b, at, len);
      case 2 ->
          day(b, at, len) == len
              && temporal(in, DataType.DATE, IsoTime.dateOrDayOf(b, at, len), b, at, len);
      case 3 -> uuid(in, b, at, len);
      case 4 -> Base64Text.hex(b, hexDigits(b, at, len), at + len, in);
      case 5 -> bytes(in, b, off, at, len);
      case 6 ->
          !PyText.hexPrefixed(b, at, len)
              && Decimals.wholeDigits(b, at, len) <= Decimals.MAX_PRECISION
              && Decimals.exact(b, at, len, DataType.WEI, in);
      case 7 -> temporal(in, DataType.TIME, IsoTime.time(b, at, len), b, at, len);
      default -> false;
    };
  }

  /** Only decimals that the column they would get can hold; larger ones stay texts. */
  private static boolean decimal(Value in, byte[] b, int at, int len) {
    return !PyText.hexPrefixed(b, at, len)
        && Decimals.wholeDigits(b, at, len) <= Coercion.DEFAULT_PRECISION - Coercion.DEFAULT_SCALE
        && Decimals.exact(b, at, len, DataType.DECIMAL, in);
  }

  /** Bytes of the day that a text begins with, of the kinds that Python knows; -1 for none. */
  private static int day(byte[] b, int at, int len) {
    if (len >= 10 && b[at + 4] == '-' && b[at + 7] == '-') {
      return 10;
    }
    int digits = 0;
    while (digits < len && b[at + digits] >= '0' && b[at + digits] <= '9') {
      digits++;
    }
    boolean week = len >= 7 && (b[at + 4] == 'W' || b[at + 5] == 'W');
    return digits == 8 ? digits : week ? len : -1;
  }

  private static boolean temporal(Value in, DataType type, long cell, byte[] b, int at, int len) {
    if (cell == IsoTime.NONE) {
      return false;
    }
    in.setTemporal(type, cell, b, at, len);
    return true;
  }

  /** dlt crashes on these; the text without its prefix is what it meant to load. */
  private static boolean uuid(Value in, byte[] b, int at, int len) {
    if (len != 36) {
      return false;
    }
    for (int i = 0; i < len; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? b[at + i] != '-' : Character.digit(b[at + i], 16) < 0) {
        return false;
      }
    }
    in.setText(b, at, len);
    return true;
  }

  private static int hexDigits(byte[] b, int at, int len) {
    return len >= 2 && b[at] == '0' && (b[at + 1] | 0x20) == 'x' ? at + 2 : at;
  }

  private static boolean bytes(Value in, byte[] b, int off, int at, int len) {
    in.setText(b, at, len);
    if (Base64Text.decodeLoosely(in)) {
      return true;
    }
    in.setText(b, off, len + LENGTH);
    return false;
  }
}
