package io.millrace.activities.normalize;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads JSON tokens from the window, strictly as RFC 8259 says: no control characters in strings,
 * valid UTF-8 only, the grammar of numbers. An unpaired surrogate escape becomes U+FFFD and is
 * counted. Throws {@link Refused} for what is not JSON and {@link Refused.More} when the window
 * ends too early.
 */
class Scanner {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final double[] TENS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  Window window;
  byte[] buf;
  int limit;
  int pos;

  /** Whether a line feed ends the record instead of being white space. */
  boolean lines;

  /** The last string: where it lies, and whether that is the scratch. */
  int off;

  int len;
  boolean escaped;

  /** The last number or string's slice. */
  long number;

  long surrogates;

  /** NUL characters so far. */
  long nuls;

  /** Nested objects and lists that a record may have. */
  int maxDepth = 512;

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

  /** Whether a word is eight digits. */
  static boolean digits(long w) {
    return ((w + 0x4646464646464646L | w - 0x3030303030303030L) & HIGHS) == 0;
  }

  /** The number that eight digits say, the first of them in the lowest byte. */
  static long number(long w) {
    long d = w - 0x3030303030303030L;
    d = d * 10 + (d >>> 8);
    return (d & 0x000000FF000000FFL) * (100 + (1000000L << 32))
            + (d >>> 16 & 0x000000FF000000FFL) * (1 + (10000L << 32))
        >>> 32;
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

  /** The next byte that is not white space; {@link #pos} is on it. */
  final int peek() {
    int c = buf[pos];
    return c > ' ' ? c : space();
  }

  private int space() {
    byte[] b = buf;
    int p = pos;
    for (; ; p++) {
      int c = b[p];
      if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && !lines)) {
        continue;
      }
      pos = p;
      if (p >= limit) {
        if (!window.end) {
          throw Refused.More.MORE;
        }
        return -1;
      }
      return c <= 0 ? 1 : c;
    }
  }

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

  /** At the first byte of a number. Returns its kind; {@link #number} is its value. */
  final int number() {
    byte[] b = buf;
    int start = pos;
    int p = start;
    boolean minus = b[p] == '-';
    if (minus) {
      p++;
    }
    int first = p;
    long m = 0;
    int c = b[p];
    if (c == '0') {
      c = b[++p];
      if (c >= '0' && c <= '9') {
        throw bad("a number that begins with 0", p);
      }
    } else if (c >= '1' && c <= '9') {
      do {
        m = m * 10 + (c - '0');
        c = b[++p];
      } while (c >= '0' && c <= '9');
    } else {
      throw bad("not a value", p);
    }
    if (c != '.' && c != 'e' && c != 'E') {
      if (p >= limit && !window.end) {
        throw Refused.More.MORE;
      }
      pos = p;
      return whole(start, first, p, minus, m);
    }
    int digits = p - first;
    int exp = 0;
    if (c == '.') {
      int point = ++p;
      c = b[p];
      while (c >= '0' && c <= '9') {
        m = m * 10 + (c - '0');
        c = b[++p];
      }
      if (p == point) {
        throw bad("not a number", p);
      }
      digits += p - point;
      exp = point - p;
    }
    if (c == 'e' || c == 'E') {
      c = b[++p];
      boolean down = c == '-';
      if (down || c == '+') {
        c = b[++p];
      }
      int from = p;
      int e = 0;
      while (c >= '0' && c <= '9') {
        e = Math.min(e * 10 + (c - '0'), 100_000);
        c = b[++p];
      }
      if (p == from) {
        throw bad("not a number", p);
      }
      exp += down ? -e : e;
    }
    if (p >= limit && !window.end) {
      throw Refused.More.MORE;
    }
    pos = p;
    // Clinger's fast path: both factors are exact doubles, so one rounding gives the nearest one.
    if (digits <= 15 && exp >= -22 && exp <= 22) {
      double d = exp < 0 ? m / TENS[-exp] : m * TENS[exp];
      number = Double.doubleToRawLongBits(minus ? -d : d);
      return Tape.DOUBLE;
    }
    number = Tape.slice(start, p - start);
    return Tape.REAL;
  }

  private int whole(int start, int first, int end, boolean minus, long m) {
    int digits = end - first;
    if (digits > 18) {
      // 19 digits may fit; Long.MIN_VALUE does too, as its own negation
      boolean fits = digits == 19 && (m >= 0 || (minus && m == Long.MIN_VALUE));
      if (!fits) {
        number = Tape.slice(start, end - start);
        return Tape.BIG;
      }
    }
    number = minus ? -m : m;
    return Tape.INT;
  }

  /** At the first letter of true, false or null. */
  final int word() {
    byte[] b = buf;
    int p = pos;
    byte[] want;
    int kind;
    switch (b[p]) {
      case 't':
        want = TRUE;
        kind = Tape.TRUE;
        break;
      case 'f':
        want = FALSE;
        kind = Tape.FALSE;
        break;
      case 'n':
        want = NULL;
        kind = Tape.NULL;
        break;
      default:
        throw bad("not a value", p);
    }
    if (!Arrays.equals(b, p, p + want.length, want, 0, want.length)) {
      int i = 0;
      while (b[p + i] == want[i]) {
        i++;
      }
      throw bad("not a value", p + i);
    }
    pos = p + want.length;
    return kind;
  }

  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  /** Passes over one value, checking it. */
  final void skip(int depth) {
    int c = peek();
    switch (c) {
      case '"':
        pos++;
        int mark = tape.scratchSize;
        string();
        tape.scratchSize = mark;
        break;
      case '{':
        deeper(depth);
        pos++;
        if (peek() == '}') {
          pos++;
          break;
        }
        do {
          key();
          colon();
          skip(depth + 1);
        } while (another('}'));
        break;
      case '[':
        deeper(depth);
        pos++;
        if (peek() == ']') {
          pos++;
          break;
        }
        do {
          skip(depth + 1);
        } while (another(']'));
        break;
      default:
        if (c == '-' || (c >= '0' && c <= '9')) {
          number();
        } else {
          word();
        }
    }
  }

  /** Where the value ends that begins there and was read before. */
  final int behind(int start) {
    int before = pos;
    long surrogatesBefore = surrogates;
    long nulsBefore = nuls;
    pos = start;
    skip(0);
    int end = pos;
    pos = before;
    surrogates = surrogatesBefore;
    nuls = nulsBefore;
    return end;
  }

  final void deeper(int depth) {
    if (depth >= maxDepth) {
      throw Refused.record("is nested deeper than " + maxDepth);
    }
  }

  /** A key; the bytes in which it then lies at {@link #off}. */
  final byte[] key() {
    if (peek() != '"') {
      throw bad("not a key", pos);
    }
    pos++;
    int mark = tape.scratchSize;
    string();
    tape.scratchSize = mark;
    return escaped ? tape.scratch : buf;
  }

  final void colon() {
    if (buf[pos] != ':' && peek() != ':') {
      throw bad("no colon after a key", pos);
    }
    pos++;
  }

  /** Behind a value: passes a comma and says true, or the closing bracket and says false. */
  final boolean another(int close) {
    int c = buf[pos];
    if (c != ',' && c != close) {
      c = peek();
    }
    if (c == ',') {
      pos++;
      return true;
    }
    if (c != close) {
      throw bad("neither comma nor closing bracket", pos);
    }
    pos++;
    return false;
  }
}
