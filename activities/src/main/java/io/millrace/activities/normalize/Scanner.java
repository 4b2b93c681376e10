package io.millrace.activities.normalize;

import java.util.Arrays;

/**
 * Reads JSON tokens from the window, strictly as RFC 8259 says. Throws {@link Refused} for what is
 * not JSON and {@link Refused.More} when the window ends too early.
 */
class Scanner extends Texts {
  private static final double[] TENS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /** Whether a line feed ends the record instead of being white space. */
  boolean lines;

  /** The last number or string's slice. */
  long number;

  /** Nested objects and lists that a record may have. */
  int maxDepth = 512;

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
