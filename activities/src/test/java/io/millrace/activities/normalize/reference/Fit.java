package io.millrace.activities.normalize.reference;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Section 11: a value in a column that has its type already; {@code null} when it does not fit. */
final class Fit {
  private static final Set<String> YES = Set.of("yes", "true", "t", "y", "1");
  private static final Set<String> NO = Set.of("no", "false", "f", "n", "0");
  private static final Pattern BASE64 =
      Pattern.compile("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?");
  private static final Pattern BYTES = Pattern.compile("[ \\t-\\r]*([0-9a-fA-F]{2}[ \\t-\\r]*)*");
  private static final BigDecimal LOWEST = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal HIGHEST = BigDecimal.valueOf(Long.MAX_VALUE);

  private final boolean compat;

  Fit(boolean compat) {
    this.compat = compat;
  }

  Val fit(Val v, Column to) {
    Object value =
        switch (to.type) {
          case "text" -> text(v);
          case "bigint" -> bigint(v, to);
          case "double" -> floating(v);
          case "bool" -> bool(v);
          case "timestamp" -> timestamp(v);
          case "date" -> date(v);
          case "time" ->
              v.type().equals("time")
                  ? v.value()
                  : v.type().equals("text") ? Iso.time((String) v.value()) : null;
          case "json" -> json(v);
          case "binary" -> binary(v);
          case "decimal" -> decimal(v, to);
          case "wei" -> wei(v);
          default -> throw new IllegalStateException(to.type);
        };
    return value == null ? null : Val.of(to.type, value);
  }

  /** What follows {@code v_} in the name of the variant column (section 12). */
  static Val variant(Val v, Column to) {
    if (to.type.equals("wei")) {
      String text =
          switch (v.type()) {
            case "text" -> (String) v.value();
            case "double" -> Python.repr((Double) v.value());
            case "decimal" -> ((BigDecimal) v.value()).toPlainString();
            default -> "0";
          };
      BigDecimal d = Python.decimal(text);
      if (d != null && d.precision() - (long) d.scale() > 38 && d.signum() != 0) {
        return new Val("text", text, "str", null);
      }
    }
    return v;
  }

  private static Object text(Val v) {
    if (v.shown() != null) {
      return v.shown();
    }
    return switch (v.type()) {
      case "double" -> Python.repr((Double) v.value());
      case "bool" -> (Boolean) v.value() ? "True" : "False";
      case "decimal", "wei" -> ((BigDecimal) v.value()).toPlainString();
      case "text", "json", "bigint" -> v.value().toString();
      default -> throw new IllegalStateException(v.type());
    };
  }

  private static Object bigint(Val v, Column to) {
    BigDecimal d =
        switch (v.type()) {
          case "bigint" -> BigDecimal.valueOf((Long) v.value());
          case "double" -> {
            double x = (Double) v.value();
            yield Double.isNaN(x) || Double.isInfinite(x) ? null : new BigDecimal(x);
          }
          case "decimal", "wei" -> (BigDecimal) v.value();
          case "text" -> {
            BigInteger i = Python.integer((String) v.value());
            yield i == null ? null : new BigDecimal(i);
          }
          default -> null;
        };
    if (d == null || d.compareTo(LOWEST) < 0 || d.compareTo(HIGHEST) > 0) {
      return null;
    }
    if (d.remainder(BigDecimal.ONE).signum() != 0) {
      return null;
    }
    BigInteger whole = d.toBigInteger();
    Integer p = to.precision;
    int bits = p == null || p > 32 ? 64 : p > 16 ? 32 : p > 8 ? 16 : 8;
    return whole.bitLength() < bits ? (Object) whole.longValue() : null;
  }

  private Object floating(Val v) {
    Double d =
        switch (v.type()) {
          case "double" -> (Double) v.value();
          case "bigint" -> same(BigDecimal.valueOf((Long) v.value()));
          case "decimal", "wei" -> same((BigDecimal) v.value());
          case "text" -> Python.floating((String) v.value());
          default -> null;
        };
    boolean minusZero = d != null && d == 0 && compat;
    return minusZero ? Double.valueOf(0.0) : d;
  }

  /** Millrace: a whole number becomes a double only when nothing of it is lost. */
  private Double same(BigDecimal number) {
    double d = number.doubleValue();
    return compat || new BigDecimal(d).compareTo(number) == 0 ? Double.valueOf(d) : null;
  }

  /** Millrace: of all numbers only 0 and 1 say no and yes. */
  private Boolean truth(BigDecimal number) {
    boolean clear = number.signum() == 0 || number.compareTo(BigDecimal.ONE) == 0;
    return compat || clear ? Boolean.valueOf(number.signum() != 0) : null;
  }

  private Object bool(Val v) {
    return switch (v.type()) {
      case "bool" -> v.value();
      case "bigint" -> truth(BigDecimal.valueOf((Long) v.value()));
      case "double" -> {
        double d = (Double) v.value();
        boolean number = !Double.isNaN(d) && !Double.isInfinite(d);
        yield number ? truth(new BigDecimal(d)) : compat ? Boolean.TRUE : null;
      }
      case "decimal", "wei" -> truth((BigDecimal) v.value());
      case "text" -> {
        String s = ((String) v.value()).toLowerCase(Locale.ROOT);
        yield YES.contains(s) ? Boolean.TRUE : NO.contains(s) ? Boolean.FALSE : null;
      }
      default -> null;
    };
  }

  private static Long timestamp(Val v) {
    return switch (v.type()) {
      case "timestamp" -> (Long) v.value();
      case "date" -> (Long) v.value() * Iso.DAY;
      case "text" -> Iso.loosely((String) v.value());
      case "bigint" -> Iso.epoch((Long) v.value());
      case "double" -> Iso.epoch((Double) v.value());
      default -> null;
    };
  }

  private static Object date(Val v) {
    if (v.type().equals("date")) {
      return v.value();
    }
    Long micros = timestamp(v);
    return micros == null ? null : (Object) Math.floorDiv(micros, Iso.DAY);
  }

  private static Object json(Val v) {
    if (v.type().equals("json")) {
      return v.value();
    }
    if (!v.type().equals("text")) {
      return null;
    }
    try {
      Json json = new Json();
      String compact = Json.compact(json.read((String) v.value()));
      return json.surrogates > 0 ? null : compact;
    } catch (IOException e) {
      return null;
    }
  }

  private static Object binary(Val v) {
    if (v.type().equals("binary")) {
      return v.value();
    }
    if (v.type().equals("bigint") && (Long) v.value() >= 0) {
      StringBuilder hex = new StringBuilder();
      for (long rest = (Long) v.value(); rest != 0; rest >>>= 8) {
        hex.append(HexFormat.of().toHexDigits((byte) rest));
      }
      return hex.toString();
    }
    if (!v.type().equals("text")) {
      return null;
    }
    String s = (String) v.value();
    if (s.startsWith("0x")) {
      String digits = s.substring(2);
      return BYTES.matcher(digits).matches()
          ? digits.replaceAll("[ \\t-\\r]", "").toLowerCase(Locale.ROOT)
          : null;
    }
    return BASE64.matcher(s).matches() ? Val.hex(Base64.getDecoder().decode(s)) : null;
  }

  /** Millrace keeps the digits that the data has, dlt those of the nearest double. */
  private String number(Val v) {
    return compat || v.written() == null ? Python.repr((Double) v.value()) : v.written();
  }

  /** A number as written in decimal; doubles as Python prints them. */
  private BigDecimal digits(Val v) {
    return switch (v.type()) {
      case "bigint" -> BigDecimal.valueOf((Long) v.value());
      case "double" -> Python.decimal(number(v));
      case "decimal", "wei" -> (BigDecimal) v.value();
      case "text" -> Python.decimal((String) v.value());
      default -> null;
    };
  }

  private Object decimal(Val v, Column to) {
    int precision = to.precision == null ? 38 : to.precision;
    int scale = to.scale == null ? Math.min(9, precision) : to.scale;
    precision = Math.min(precision, 38);
    scale = Math.max(0, Math.min(scale, precision));
    return round(digits(v), precision, scale);
  }

  private Object wei(Val v) {
    BigDecimal d = digits(v);
    BigDecimal rounded = round(d, 38, 0);
    return rounded == null || !compat && rounded.compareTo(d) != 0 ? null : rounded;
  }

  private static BigDecimal round(BigDecimal d, int precision, int scale) {
    if (d == null || d.signum() == 0) {
      return d == null ? null : BigDecimal.ZERO;
    }
    long whole = d.precision() - (long) d.scale();
    if (whole > precision - scale) {
      return null;
    }
    if (whole < -scale) {
      return BigDecimal.ZERO;
    }
    BigDecimal rounded = d.setScale(scale, RoundingMode.HALF_UP);
    return rounded.precision() - rounded.scale() > precision - scale && rounded.signum() != 0
        ? null
        : rounded;
  }
}
