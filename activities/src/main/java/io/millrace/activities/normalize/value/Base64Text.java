package io.millrace.activities.normalize.value;

import io.millrace.schema.DataType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Bytes in texts: strict base64, or hexadecimal after {@code 0x}. Stateless. */
final class Base64Text {
  private Base64Text() {}

  /** False, the holder unchanged, when the text is neither. */
  static boolean decode(Value in) {
    byte[] b = in.buf();
    int off = in.off();
    int len = in.len();
    if (len >= 2 && b[off] == '0' && b[off + 1] == 'x') {
      return hex(b, off + 2, off + len, in);
    }
    if ((len & 3) != 0) {
      return false;
    }
    int padding = len == 0 || b[off + len - 1] != '=' ? 0 : b[off + len - 2] != '=' ? 1 : 2;
    byte[] to = target(in, b, len / 4 * 3 + 1);
    int n = 0;
    int bits = 0;
    for (int i = 0; i < len; i++) {
      int digit = i >= len - padding ? 0 : digit(b[off + i]);
      if (digit < 0) {
        return false;
      }
      bits = bits << 6 | digit;
      if ((i & 3) == 3) {
        to[n++] = (byte) (bits >> 16);
        if (i < len - 1 || padding < 2) {
          to[n++] = (byte) (bits >> 8);
        }
        if (i < len - 1 || padding < 1) {
          to[n++] = (byte) bits;
        }
        bits = 0;
      }
    }
    in.setBinary(to, 0, n, false);
    return true;
  }

  /**
   * As Python's {@code b64decode} reads ASCII when it is not strict: other characters are passed
   * over, and what follows the padding is not read.
   */
  static boolean decodeLoosely(Value in) {
    byte[] b = in.buf();
    byte[] to = target(in, b, in.len());
    int n = 0;
    int bits = 0;
    int digits = 0;
    int padding = 0;
    for (int i = in.off(); i < in.off() + in.len(); i++) {
      int digit = digit(b[i]);
      if (b[i] < 0) {
        return false;
      }
      boolean ended = digits >= 2 && digits + padding >= 4;
      if (b[i] == '=' && digits >= 2) {
        padding++;
      } else if (digit >= 0 && !ended) {
        padding = 0;
        bits = bits << 6 | digit;
        digits = digits + 1 & 3;
        if (digits != 1) {
          to[n++] = (byte) (bits >> (8 - 2 * digits & 7));
        }
      }
    }
    if (digits == 1 || digits > 1 && digits + padding < 4) {
      return false;
    }
    in.setBinary(to, 0, n, false);
    return true;
  }

  /** Hexadecimal digits, whitespace allowed between the bytes, as Python's {@code fromhex}. */
  static boolean hex(byte[] b, int from, int end, Value in) {
    byte[] to = target(in, b, (end - from) / 2 + 1);
    int n = 0;
    int p = from;
    while (p < end) {
      if (b[p] == ' ' || b[p] >= '\t' && b[p] <= '\r') {
        p++;
        continue;
      }
      if (p + 1 == end || !HexFormat.isHexDigit(b[p]) || !HexFormat.isHexDigit(b[p + 1])) {
        return false;
      }
      to[n++] = (byte) (HexFormat.fromHexDigit(b[p]) << 4 | HexFormat.fromHexDigit(b[p + 1]));
      p += 2;
    }
    in.setBinary(to, 0, n, true);
    return true;
  }

  /** As a text column shows bytes. */
  static void print(Value in) {
    byte[] bytes = Arrays.copyOfRange(in.buf(), in.off(), in.off() + in.len());
    in.ownAscii(
        DataType.TEXT,
        in.hex()
            ? "0x" + HexFormat.of().formatHex(bytes)
            : new String(Base64.getEncoder().encode(bytes), StandardCharsets.ISO_8859_1));
  }

  private static byte[] target(Value in, byte[] source, int size) {
    byte[] own = in.own(size);
    return own == source ? new byte[size] : own;
  }

  private static int digit(byte c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  }
}
