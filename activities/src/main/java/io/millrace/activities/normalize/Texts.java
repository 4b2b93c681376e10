package io.millrace.activities.normalize;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads strings from the window: no control characters, valid UTF-8 only. An unpaired surrogate
 * escape becomes U+FFFD and is counted. Throws {@link Refused} for what is not JSON and {@link
 * Refused.More} when the window ends too early.
 */
class Texts {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  static final long HIGHS = 0x8080808080808080L;

  Window window;
  byte[] buf;
  int limit;
  int pos;

  /** The last string: where it lies, and whether that is the scratch. */
  int off;

  int len;
  boolean escaped;

  long surrogates;

  /** NUL characters so far. */
  long nuls;

  /** Keys that came more than once in an object; the last one won. */
  long duplicates;

  final Tape tape = new Tape();

  static long word(byte[] b, int at) {
    return (long) WORD.get(b, at);
  }

  /** Copies some bytes, eight at a time: up to seven more are read and written behind them. */
  static void copy(byte[] from, int at, byte[] to, int where, int length) {
    for (int i = 0; i < length; i += 8) {
      WORD.set(to, where + i, (long) WORD.get(from, at + i));
    }
  }

  /** Takes over what the window holds now. */
  void attach() {
    buf = window.buf;
    limit = window.limit;
  }

  RuntimeException bad(String why, int at) {
    return at >= limit && !window.end ? Refused.More.MORE : Refused.at(why, at);
  }

  /** The string that begins at {@code from}, behind its quote, in bytes that lie elsewhere. */
  final void text(byte[] b, int from, int end) {
    buf = b;
    limit = end;
    pos = from;
    window = WHOLE;
    string();
  }

  /** Stands for bytes that are all there. */
  private static final Window WHOLE = Window.whole();

  /** At the byte behind the opening quote; afterwards behind the closing one. */
  final void string() {
    byte[] b = buf;
    int start = pos;
    int p = start;
    long any = 0;
    for (; ; ) {
      long w = (long) WORD.get(b, p);
      long end = end(w);
      if (end == 0) {
        any |= w;
        p += 8;
        continue;
      }
      int plain = Long.numberOfTrailingZeros(end) >>> 3;
      any |= w & (1L << 8 * plain) - 1;
      p += plain;
      if ((any & HIGHS) != 0) {
        utf8(start, p);
      }
      int c = b[p];
      if (c == '"') {
        off = start;
        len = p - start;
        escaped = false;
        pos = p + 1;
        return;
      }
      if (c != '\\') {
        throw bad("control character in a string", p);
      }
      unescape(start, p);
      return;
    }
  }

  /**
   * The top bit of each byte that ends a run of plain text: quote, backslash and control
   * characters. Exact up to the first of them.
   */
  static long end(long w) {
    long quote = w ^ 0x2222222222222222L;
    long slash = w ^ 0x5C5C5C5C5C5C5C5CL;
    return ((quote - ONES) | (slash - ONES) | (w - 0x2020202020202020L)) & ~w & HIGHS;
  }

  /** Checks that those bytes are whole characters. */
  final void utf8(int from, int to) {
    byte[] b = buf;
    if (Utf8.whole(b, from, to)) {
      return;
    }
    for (int p = from; p < to; ) {
      p = b[p] < 0 ? character(p) : p + 1;
    }
  }

  /** Checks the one character beyond ASCII at p; returns where it ends. */
  private int character(int p) {
    byte[] b = buf;
    int c = b[p];
    int n;
    if (c >= (byte) 0xC2 && c <= (byte) 0xDF) {
      n = 1;
    } else if (c >= (byte) 0xE0 && c <= (byte) 0xEF) {
      n = 2;
    } else if (c >= (byte) 0xF0 && c <= (byte) 0xF4) {
      n = 3;
    } else {
      throw bad("invalid UTF-8", p);
    }
    for (int i = 1; i <= n; i++) {
      if ((b[p + i] & 0xC0) != 0x80) {
        throw bad("invalid UTF-8", p + i);
      }
    }
    int second = b[p + 1] & 0xFF;
    if ((c == (byte) 0xE0 && second < 0xA0)
        || (c == (byte) 0xED && second > 0x9F)
        || (c == (byte) 0xF0 && second < 0x90)
        || (c == (byte) 0xF4 && second > 0x8F)) {
      throw bad("invalid UTF-8", p);
    }
    return p + n + 1;
  }

  /** The rest of a string that has its first escape at {@code from}, into the scratch. */
  private void unescape(int start, int from) {
    Tape t = tape;
    int begin = t.scratchSize;
    byte[] b = buf;
    int copied = start;
    int p = from;
    long any = 0;
    for (; ; ) {
      long w = (long) WORD.get(b, p);
      long end = end(w);
      if (end == 0) {
        any |= w;
        p += 8;
        continue;
      }
      int ahead = Long.numberOfTrailingZeros(end) >>> 3;
      any |= w & (1L << 8 * ahead) - 1;
      p += ahead;
      if ((any & HIGHS) != 0) {
        utf8(copied, p);
        any = 0;
      }
      int c = b[p];
      if (c != '"' && c != '\\') {
        throw bad("control character in a string", p);
      }
      int plain = p - copied;
      t.room(plain + 8);
      copy(b, copied, t.scratch, t.scratchSize, plain);
      t.scratchSize += plain;
      if (c == '"') {
        off = begin;
        len = t.scratchSize - begin;
        escaped = true;
        pos = p + 1;
        return;
      }
      p = escape(p + 1);
      copied = p;
    }
  }

  /** At the byte behind a backslash; the character goes into the scratch. Where the escape ends. */
  final int escape(int p) {
    int c;
    switch (buf[p]) {
      case '"':
      case '\\':
      case '/':
        c = buf[p];
        break;
      case 'b':
        c = '\b';
        break;
      case 'f':
        c = '\f';
        break;
      case 'n':
        c = '\n';
        break;
      case 'r':
        c = '\r';
        break;
      case 't':
        c = '\t';
        break;
      case 'u':
        c = hex4(p + 1);
        p += 4;
        if (c >= 0xD800 && c <= 0xDFFF) {
          int low = c < 0xDC00 && buf[p + 1] == '\\' && buf[p + 2] == 'u' ? hex4(p + 3) : 0;
          if (c < 0xDC00 && p + 2 >= limit && !window.end) {
            throw Refused.More.MORE;
          }
          if (low >= 0xDC00 && low <= 0xDFFF) {
            c = Character.toCodePoint((char) c, (char) low);
            p += 6;
          } else {
            c = 0xFFFD;
            surrogates++;
          }
        }
        break;
      default:
        throw bad("invalid escape", p);
    }
    put(c);
    return p + 1;
  }

  /**
   * The same for one escape alone: its {@link #len} bytes are the first in the scratch, which is
   * empty otherwise.
   */
  final int unescaped(int p) {
    tape.scratchSize = 0;
    int end = escape(p);
    len = tape.scratchSize;
    tape.scratchSize = 0;
    return end;
  }

  private int hex4(int p) {
    byte[] b = buf;
    byte[] hex = HEX;
    int v =
        hex[b[p] & 0xFF] << 12
            | hex[b[p + 1] & 0xFF] << 8
            | hex[b[p + 2] & 0xFF] << 4
            | hex[b[p + 3] & 0xFF];
    for (int i = p; v < 0; i++) {
      if (hex[b[i] & 0xFF] < 0) {
        throw bad("invalid escape", i);
      }
    }
    return v;
  }

  /** What a hexadecimal digit says; -1 for any other byte. */
  private static final byte[] HEX = hex();

  private static byte[] hex() {
    byte[] hex = new byte[256];
    for (int c = 0; c < hex.length; c++) {
      hex[c] = (byte) (c < 128 ? Character.digit(c, 16) : -1);
    }
    return hex;
  }

  private void put(int c) {
    byte[] s = tape.scratch;
    int n = tape.scratchSize;
    if (c < 0x80) {
      s[n++] = (byte) c;
      if (c == 0) {
        nuls++;
      }
    } else if (c < 0x800) {
      s[n++] = (byte) (0xC0 | c >> 6);
      s[n++] = (byte) (0x80 | c & 0x3F);
    } else if (c < 0x10000) {
      s[n++] = (byte) (0xE0 | c >> 12);
      s[n++] = (byte) (0x80 | c >> 6 & 0x3F);
      s[n++] = (byte) (0x80 | c & 0x3F);
    } else {
      s[n++] = (byte) (0xF0 | c >> 18);
      s[n++] = (byte) (0x80 | c >> 12 & 0x3F);
      s[n++] = (byte) (0x80 | c >> 6 & 0x3F);
      s[n++] = (byte) (0x80 | c & 0x3F);
    }
    tape.scratchSize = n;
  }
}
