package io.millrace.activities.normalize.value;

import io.millrace.schema.DataType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Numbers read and printed as Python does. Nothing here throws. Stateless, thread-safe. */
public final class PyNumbers {
  /** Python refuses to read longer whole numbers, since reading them takes quadratic time. */
  private static final int MAX_DIGITS = 4300;

  private PyNumbers() {}

  /** {@code repr(float)}: {@code 1.0}, {@code 1e+22}, {@code 1e-07}, {@code nan}, {@code inf}. */
  public static String repr(double d) {
    if (d != d) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    return print(d, -4, 2);
  }

  /**
   * As orjson 3.12 and later print it: {@code 1.0}, {@code 0.00001}, {@code 1e-7}, {@code 1e+16};
   * {@code null} for what JSON cannot say.
   */
  public static String orjson(double d) {
    return Double.isNaN(d) || Double.isInfinite(d) ? "null" : print(d, -5, 1);
  }

  /**
   * The double of a JSON number; infinite when it is too large, NaN when the text is no plain
   * number.
   */
  public static double parseDouble(byte[] b, int off, int len) {
    return FastDouble.parse(b, off, len);
  }

  /**
   * Python's {@code float(text)}: whitespace around, underscores between digits, any decimal
   * digits, {@code inf}, {@code nan}. NaN for everything else too; see {@link #parseFloat(byte[],
   * int, int, Value)} to tell them apart.
   */
  public static double parseFloat(byte[] b, int off, int len) {
    double d = FastDouble.parse(b, off, len);
    if (d == d) {
      return d;
    }
    String number = len > 0 && mayBeNumber(b[off]) ? plain(b, off, len, true) : null;
    if (number == null) {
      return Double.NaN;
    }
    byte[] ascii = number.getBytes(StandardCharsets.ISO_8859_1);
    d = FastDouble.parse(ascii, 0, ascii.length);
    if (d == d) {
      return d;
    }
    boolean signed = number.startsWith("-") || number.startsWith("+");
    String word = (signed ? number.substring(1) : number).toLowerCase(Locale.ROOT);
    double infinite = number.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    return word.equals("inf") || word.equals("infinity") ? infinite : Double.NaN;
  }

  /** The same; false and {@code out} unchanged when Python would raise. */
  public static boolean parseFloat(byte[] b, int off, int len, Value out) {
    double d = parseFloat(b, off, len);
    if (d != d && !isNan(b, off, len)) {
      return false;
    }
    out.setDouble(d);
    return true;
  }

  /**
   * Python's {@code int(text)}, and hexadecimal after {@code 0x} as dlt reads it: whitespace
   * around, sign, underscores between digits, any decimal digits. A number that is no {@code long}
   * becomes what {@link Value#setBigInteger} makes of it.
   *
   * @return false and {@code out} unchanged when the text is no whole number
   */
  public static boolean parseInt(byte[] b, int off, int len, Value out) {
    if (len > 0 && len <= 18) {
      int end = off + len;
      int p = b[off] == '-' || b[off] == '+' ? off + 1 : off;
      long number = 0;
      int from = p;
      while (p < end && b[p] >= '0' && b[p] <= '9') {
        number = number * 10 + (b[p++] - '0');
      }
      if (p == end && p > from) {
        out.setBigint(b[off] == '-' ? -number : number);
        return true;
      }
    }
    BigInteger number = parseBig(b, off, len);
    if (number == null) {
      return false;
    }
    if (number.bitLength() < 64) {
      out.setBigint(number.longValue());
    } else {
      out.ownAscii(DataType.WEI, number.toString());
      out.setBigInteger(out.buf(), out.off(), out.len());
    }
    return true;
  }

  /** The text stripped and with ASCII digits; {@code null} when that is no number's. */
  static String asciiDigits(byte[] b, int off, int len) {
    return plain(b, off, len, false);
  }

  /** Any whole number that {@link #parseInt} reads, {@code null} for none. */
  static BigInteger parseBig(byte[] b, int off, int len) {
    if (len == 0 || !mayBeNumber(b[off])) {
      return null;
    }
    boolean hex = PyText.hexPrefixed(b, off, len);
    String digits = plain(b, off, len, !hex);
    if (digits == null) {
      return null;
    }
    int radix = 10;
    if (hex) {
      radix = 16;
      digits = hexDigits(digits.substring(2));
      if (digits == null) {
        return null;
      }
    }
    int first = digits.startsWith("-") || digits.startsWith("+") ? 1 : 0;
    if (first == digits.length() || digits.length() - first > MAX_DIGITS) {
      return null;
    }
    for (int i = first; i < digits.length(); i++) {
      if (Character.digit(digits.charAt(i), radix) < 0) {
        return null;
      }
    }
    return new BigInteger(digits, radix);
  }

  /** Whether Python could read a number from a text that begins like that. */
  static boolean mayBeNumber(byte first) {
    return first <= ' '
        || first >= '0' && first <= '9'
        || first == '-'
        || first == '+'
        || first == '.'
        || first == 'i'
        || first == 'I'
        || first == 'n'
        || first == 'N';
  }

  private static boolean isNan(byte[] b, int off, int len) {
    String number = len > 0 && mayBeNumber(b[off]) ? plain(b, off, len, true) : null;
    String word = number == null ? "" : number.toLowerCase(Locale.ROOT);
    return word.equals("nan") || word.equals("+nan") || word.equals("-nan");
  }

  /**
   * What comes after {@code 0x}: Python's {@code int(text, 16)} takes whitespace, a sign and even
   * another prefix there.
   */
  private static String hexDigits(String after) {
    String s = PyText.strip(after);
    String sign = s.startsWith("-") || s.startsWith("+") ? s.substring(0, 1) : "";
    s = s.substring(sign.length());
    if (s.startsWith("0x") || s.startsWith("0X")) {
      s = s.substring(2);
      s = s.startsWith("_") ? s.substring(1) : s;
    }
    boolean twoSigns = s.startsWith("-") || s.startsWith("+");
    if (twoSigns || s.startsWith("_") || s.endsWith("_") || s.contains("__")) {
      return null;
    }
    return sign + s.replace("_", "");
  }

  /**
   * The text stripped, its decimal digits made ASCII and the underscores between digits left out;
   * {@code null} when something stands in it that no number has.
   */
  private static String plain(byte[] b, int off, int len, boolean underscores) {
    String s = PyText.strip(new String(b, off, len, StandardCharsets.UTF_8));
    StringBuilder out = new StringBuilder(s.length());
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      i += Character.charCount(c);
      if (c >= 128) {
        if (Character.getType(c) != Character.DECIMAL_DIGIT_NUMBER) {
          return null;
        }
        c = '0' + Character.digit(c, 10);
      }
      if (c != '_' || !underscores) {
        out.append((char) c);
        continue;
      }
      int before = out.length() == 0 ? -1 : out.charAt(out.length() - 1);
      int after = i < s.length() ? s.codePointAt(i) : -1;
      if (before < '0'
          || before > '9'
          || Character.getType(after) != Character.DECIMAL_DIGIT_NUMBER) {
        return null;
      }
    }
    return out.toString();
  }

  /** Digits as they are between the smallest plain exponent and 16, else in scientific form. */
  private static String print(double d, int smallest, int exponentDigits) {
    String sign = Double.doubleToRawLongBits(d) < 0 ? "-" : "";
    if (d == 0) {
      return sign + "0.0";
    }
    ShortestDouble.Decimal decimal = ShortestDouble.of(Math.abs(d));
    String digits = Long.toString(decimal.digits());
    int point = digits.length() + decimal.exponent();
    StringBuilder out = new StringBuilder(26).append(sign);
    if (point - 1 < smallest || point > 16) {
      out.append(digits.charAt(0));
      if (digits.length() > 1) {
        out.append('.').append(digits, 1, digits.length());
      }
      int exponent = point - 1;
      String power = Integer.toString(Math.abs(exponent));
      return out.append(exponent < 0 ? "e-" : "e+")
          .append("0".repeat(Math.max(0, exponentDigits - power.length())))
          .append(power)
          .toString();
    }
    if (point <= 0) {
      return out.append("0.").append("0".repeat(-point)).append(digits).toString();
    }
    if (point >= digits.length()) {
      return out.append(digits).append("0".repeat(point - digits.length())).append(".0").toString();
    }
    return out.append(digits, 0, point)
        .append('.')
        .append(digits, point, digits.length())
        .toString();
  }
}
