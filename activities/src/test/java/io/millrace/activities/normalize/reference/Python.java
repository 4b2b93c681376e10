package io.millrace.activities.normalize.reference;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How Python strips texts, reads numbers from them and prints floats. */
final class Python {
  private static final String SPACE =
      "[\\x09-\\x0D\\x1C-\\x20\\x85\\xA0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]+";
  private static final Pattern ENDS = Pattern.compile("^" + SPACE + "|" + SPACE + "$");
  private static final Pattern INT = Pattern.compile("[+-]?\\d(_?\\d)*");
  private static final Pattern HEX =
      Pattern.compile("([+-]?)(?:0[xX]_?)?([0-9a-fA-F](?:_?[0-9a-fA-F])*)");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?(\\d(_?\\d)*(\\.(\\d(_?\\d)*)?)?|\\.\\d(_?\\d)*)([eE][+-]?\\d(_?\\d)*)?");
  private static final Pattern DECIMAL =
      Pattern.compile("([+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+))([eE][+-]?\\d+)?");

  /** An exponent that no column has room for, nor any beyond it. */
  private static final BigInteger FAR = BigInteger.valueOf(1_000_000_000);

  private Python() {}

  static String strip(String s) {
    return ENDS.matcher(s).replaceAll("");
  }

  /** {@code int(text)}, or hexadecimal behind {@code 0x}; {@code null} for none. */
  static BigInteger integer(String text) {
    String s = digits(strip(text));
    if (s.startsWith("0x")) {
      var hex = HEX.matcher(strip(s.substring(2)));
      return hex.matches()
          ? new BigInteger(hex.group(1) + hex.group(2).replace("_", ""), 16)
          : null;
    }
    return INT.matcher(s).matches() ? new BigInteger(s.replace("_", "")) : null;
  }

  /** {@code float(text)}, or a whole number behind {@code 0x}; {@code null} for none. */
  static Double floating(String text) {
    if (strip(text).startsWith("0x")) {
      BigInteger whole = integer(text);
      double d = whole == null ? Double.NaN : whole.doubleValue();
      return Double.isNaN(d) || Double.isInfinite(d) ? null : Double.valueOf(d);
    }
    return plainFloating(text);
  }

  static Double plainFloating(String text) {
    String s = digits(strip(text));
    if (FLOAT.matcher(s).matches()) {
      return Double.valueOf(s.replace("_", ""));
    }
    switch (s.toLowerCase(Locale.ROOT)) {
      case "inf", "+inf", "infinity", "+infinity":
        return Double.POSITIVE_INFINITY;
      case "-inf", "-infinity":
        return Double.NEGATIVE_INFINITY;
      case "nan", "+nan", "-nan":
        return Double.NaN;
      default:
        return null;
    }
  }

  /** {@code Decimal(text)}, finite ones; {@code null} for none. */
  static BigDecimal decimal(String text) {
    if (strip(text).startsWith("0x")) {
      BigInteger whole = integer(text);
      return whole == null ? null : new BigDecimal(whole);
    }
    String s = digits(strip(text)).replace("_", "");
    Matcher m = DECIMAL.matcher(s);
    if (!m.matches()) {
      return null;
    }
    BigInteger power = new BigInteger(m.group(2) == null ? "0" : m.group(2).substring(1));
    return new BigDecimal(m.group(1))
        .scaleByPowerOfTen(power.min(FAR).max(FAR.negate()).intValue());
  }

  private static String digits(String s) {
    StringBuilder out = new StringBuilder();
    s.codePoints()
        .forEach(
            c -> {
              boolean digit = Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
              out.appendCodePoint(digit ? '0' + Character.digit(c, 10) : c);
            });
    return out.toString();
  }

  /** {@code repr(float)}. */
  static String repr(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    return Double.isInfinite(d) ? d > 0 ? "inf" : "-inf" : print(d, -4, 2);
  }

  /** A float in the JSON that orjson writes. */
  static String json(double d) {
    return Double.isNaN(d) || Double.isInfinite(d) ? "null" : print(d, -5, 1);
  }

  private static String print(double d, int smallest, int width) {
    String sign = Double.doubleToRawLongBits(d) < 0 ? "-" : "";
    if (d == 0) {
      return sign + "0.0";
    }
    BigDecimal shortest = shortest(Math.abs(d)).stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= smallest && exponent < 16) {
      String plain = shortest.toPlainString();
      return sign + plain + (plain.contains(".") ? "" : ".0");
    }
    String digits = shortest.unscaledValue().toString();
    String tail = digits.length() > 1 ? "." + digits.substring(1) : "";
    String power = Integer.toString(Math.abs(exponent));
    String pad = "0".repeat(Math.max(0, width - power.length()));
    return sign + digits.charAt(0) + tail + (exponent < 0 ? "e-" : "e+") + pad + power;
  }

  /** The fewest digits that read back as the same number, of those the nearest to it. */
  private static BigDecimal shortest(double d) {
    BigDecimal exact = new BigDecimal(d);
    for (int digits = 1; ; digits++) {
      BigDecimal down = exact.round(new MathContext(digits, RoundingMode.DOWN));
      BigDecimal up = exact.round(new MathContext(digits, RoundingMode.UP));
      boolean downFits = down.doubleValue() == d;
      boolean upFits = up.doubleValue() == d;
      if (downFits && upFits) {
        int nearer = exact.subtract(down).compareTo(up.subtract(exact));
        boolean even = !down.unscaledValue().testBit(0);
        return nearer < 0 || nearer == 0 && even ? down : up;
      }
      if (downFits || upFits) {
        return downFits ? down : up;
      }
    }
  }
}
