package io.millrace.activities.normalize.value;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Converts values into the cells of columns, by dlt's matrix of types. Where dlt lets a value
 * through that then kills the load (a number out of range, a decimal with too many digits), the
 * value does not fit here. Nothing throws, whatever the input. Stateless and thread-safe; the
 * holders are not.
 */
public final class Coercion {
  static final int DEFAULT_PRECISION = 38;
  static final int DEFAULT_SCALE = 9;

  private Coercion() {}

  /**
   * Rewrites the value into the cell form of {@code to}, whose type must be known.
   *
   * @param from the incoming type, {@code in.kind()}
   * @param compat follow dlt where it bends data: {@code -0.0} becomes {@code 0.0}, a fraction is
   *     rounded away from a {@code wei}
   * @return false when the value does not fit (the holder is unchanged): the caller makes a
   *     variant, named with {@link #variant}
   */
  public static boolean coerce(Value in, DataType from, Column to, boolean compat) {
    return switch (to.type()) {
      case TEXT -> toText(in, from);
      case BIGINT -> toBigint(in, from, to);
      case DOUBLE -> toDouble(in, from, compat);
      case BOOL -> toBool(in, from, compat);
      case TIMESTAMP -> toTimestamp(in, from);
      case DATE -> toDate(in, from);
      case TIME -> toTime(in, from);
      case JSON -> from == DataType.JSON || from == DataType.TEXT && JsonText.parse(in);
      case BINARY -> toBinary(in, from);
      case DECIMAL -> toDecimal(in, from, to);
      case WEI -> toWei(in, from, compat);
    };
  }

  /**
   * What follows {@code v_} in the name of the variant column for a value that did not fit. It is
   * the value's type, except for a number too large for {@code wei}: that is {@code str}, and the
   * value becomes a text.
   */
  public static String variant(Value in, DataType from, Column to) {
    boolean number = from == DataType.TEXT || from == DataType.DOUBLE || from == DataType.DECIMAL;
    if (to.type() != DataType.WEI || !number) {
      return from.key();
    }
    byte[] b = in.buf();
    int off = in.off();
    int len = in.len();
    if (from == DataType.DOUBLE) {
      b = ascii(PyNumbers.repr(Double.longBitsToDouble(in.bits())));
      off = 0;
      len = b.length;
    }
    if (Decimals.wholeDigits(b, off, len) <= Decimals.MAX_PRECISION) {
      return from.key();
    }
    in.setText(b, off, len);
    return "str";
  }

  /** The type of a new column that gets this value, without detections. The value fits it. */
  public static DataType infer(Value in) {
    return in.kind();
  }

  /**
   * Compat: turns a text that begins with one of dlt's private-use characters into the typed value;
   * true when it did. Anything else stays as it is.
   */
  public static boolean decodePua(Value in) {
    return Pua.decode(in);
  }

  private static boolean toText(Value in, DataType from) {
    switch (from) {
      case TEXT -> withoutNul(in);
      case BIGINT -> in.ownAscii(DataType.TEXT, Long.toString(in.bits()));
      case DOUBLE -> in.ownAscii(DataType.TEXT, PyNumbers.repr(Double.longBitsToDouble(in.bits())));
      case BOOL -> in.ownAscii(DataType.TEXT, in.bits() != 0 ? "True" : "False");
      case DECIMAL, WEI -> in.ownAscii(DataType.TEXT, new BigDecimal(text(in)).toString());
      case TIMESTAMP -> {
        String iso = IsoTime.isoText(in.buf(), in.off(), in.len());
        in.ownAscii(DataType.TEXT, iso == null ? IsoPrint.timestamp(in.bits()) : iso);
      }
      case DATE -> in.ownAscii(DataType.TEXT, IsoPrint.date(in.bits()));
      case TIME -> in.ownAscii(DataType.TEXT, IsoPrint.clock(in.bits()));
      case BINARY -> Base64Text.print(in);
      case JSON -> in.retype(DataType.TEXT);
    }
    return true;
  }

  private static boolean toBigint(Value in, DataType from, Column to) {
    long number;
    switch (from) {
      case BIGINT -> number = in.bits();
      case DOUBLE -> {
        double d = Double.longBitsToDouble(in.bits());
        // 2^63 is the first double that is no long; NaN fails every comparison
        if (!(d >= -0x1p63 && d < 0x1p63) || d != Math.rint(d)) {
          return false;
        }
        number = (long) d;
      }
      case DECIMAL, WEI -> {
        BigDecimal d = new BigDecimal(text(in));
        if (d.stripTrailingZeros().scale() > 0 || d.toBigInteger().bitLength() > 63) {
          return false;
        }
        number = d.longValue();
      }
      case TEXT -> {
        return bigintOfText(in, to);
      }
      default -> {
        return false;
      }
    }
    if (!inBits(number, to.precision())) {
      return false;
    }
    in.setBigint(number);
    return true;
  }

  private static boolean bigintOfText(Value in, Column to) {
    byte[] b = in.buf();
    int off = in.off();
    int len = in.len();
    if (!PyNumbers.parseLong(b, off, len, in)) {
      return false;
    }
    if (!inBits(in.bits(), to.precision())) {
      in.setText(b, off, len);
      return false;
    }
    return true;
  }

  /** The widths that destinations have for whole numbers; wider than 64 holds every long. */
  private static boolean inBits(long number, Integer precision) {
    if (precision == null || precision > 32) {
      return true;
    }
    return precision > 16
        ? number == (int) number
        : precision > 8 ? number == (short) number : number == (byte) number;
  }

  private static boolean toDouble(Value in, DataType from, boolean compat) {
    switch (from) {
      case DOUBLE -> {
        if (compat && in.bits() == Long.MIN_VALUE) {
          in.setDouble(0.0);
        }
        return true;
      }
      case BIGINT -> {
        double d = in.bits();
        // 2^63 is no long, but the conversion back makes the largest one of it
        if (!compat && ((long) d != in.bits() || d == 0x1p63)) {
          return false;
        }
        in.setDouble(d);
        return true;
      }
      case DECIMAL, WEI -> {
        double d = PyNumbers.parseDouble(in.buf(), in.off(), in.len());
        if (!compat
            && (Double.isInfinite(d)
                || new BigDecimal(text(in)).compareTo(new BigDecimal(d)) != 0)) {
          return false;
        }
        in.setDouble(d);
        return true;
      }
      case TEXT -> {
        return doubleOfText(in, compat);
      }
      default -> {
        return false;
      }
    }
  }

  private static boolean doubleOfText(Value in, boolean compat) {
    if (PyText.hexPrefixed(in.buf(), in.off(), in.len())) {
      var hex = PyNumbers.parseBig(in.buf(), in.off(), in.len());
      if (hex == null || Double.isInfinite(hex.doubleValue())) {
        return false;
      }
      in.setDouble(hex.doubleValue());
      return true;
    }
    return PyNumbers.parseFloat(in.buf(), in.off(), in.len(), in)
        && toDouble(in, DataType.DOUBLE, compat);
  }

  private static boolean toBool(Value in, DataType from, boolean compat) {
    switch (from) {
      case BOOL -> {
        return true;
      }
      case BIGINT -> {
        return truth(in, in.bits(), compat);
      }
      case DOUBLE -> {
        return truth(in, Double.longBitsToDouble(in.bits()), compat);
      }
      case DECIMAL, WEI -> {
        return truth(in, new BigDecimal(text(in)).doubleValue(), compat);
      }
      case TEXT -> {
        if (in.len() == 0 || in.len() > 5) {
          return false;
        }
        switch (text(in).toLowerCase(Locale.ROOT)) {
          case "yes", "true", "t", "y", "1" -> in.setBool(true);
          case "no", "false", "f", "n", "0" -> in.setBool(false);
          default -> {
            return false;
          }
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Python calls every number but zero true, which forgets the number: only 1 is taken for it. */
  private static boolean truth(Value in, double number, boolean compat) {
    if (!compat && number != 0 && number != 1) {
      return false;
    }
    in.setBool(number != 0);
    return true;
  }

  private static boolean toTimestamp(Value in, DataType from) {
    long micros =
        switch (from) {
          case TIMESTAMP -> in.bits();
          case DATE -> in.bits() * IsoTime.DAY;
          case TEXT -> IsoTime.coerceTimestamp(in.buf(), in.off(), in.len());
          case BIGINT -> IsoTime.epochSeconds(in.bits());
          case DOUBLE -> IsoTime.epochSeconds(Double.longBitsToDouble(in.bits()));
          default -> IsoTime.NONE;
        };
    return set(in, DataType.TIMESTAMP, micros);
  }

  private static boolean toDate(Value in, DataType from) {
    if (from == DataType.DATE) {
      return true;
    }
    long micros =
        switch (from) {
          case TIMESTAMP -> in.bits();
          case TEXT -> IsoTime.coerceTimestamp(in.buf(), in.off(), in.len());
          case BIGINT -> IsoTime.epochSeconds(in.bits());
          case DOUBLE -> IsoTime.epochSeconds(Double.longBitsToDouble(in.bits()));
          default -> IsoTime.NONE;
        };
    return micros != IsoTime.NONE && set(in, DataType.DATE, Math.floorDiv(micros, IsoTime.DAY));
  }

  private static boolean toTime(Value in, DataType from) {
    return from == DataType.TIME
        || from == DataType.TEXT
            && set(in, DataType.TIME, IsoTime.time(in.buf(), in.off(), in.len()));
  }

  private static boolean set(Value in, DataType type, long cell) {
    if (cell == IsoTime.NONE) {
      return false;
    }
    in.setBits(type, cell);
    return true;
  }

  private static boolean toBinary(Value in, DataType from) {
    if (from == DataType.BINARY) {
      return true;
    }
    if (from == DataType.TEXT) {
      return Base64Text.decode(in);
    }
    if (from != DataType.BIGINT || in.bits() < 0) {
      return false;
    }
    byte[] to = in.own(8);
    int n = 0;
    for (long rest = in.bits(); rest != 0; rest >>>= 8) {
      to[n++] = (byte) rest;
    }
    in.setBinary(to, 0, n, false);
    return true;
  }

  private static boolean toDecimal(Value in, DataType from, Column to) {
    int precision = to.precision() == null ? DEFAULT_PRECISION : to.precision();
    int scale = to.scale() == null ? Math.min(DEFAULT_SCALE, precision) : to.scale();
    // no column is wider; what a wider hint would allow is not more than this
    precision = Math.min(precision, Decimals.MAX_PRECISION);
    scale = Math.max(0, Math.min(scale, precision));
    return digits(in, from, precision, scale, false, DataType.DECIMAL);
  }

  private static boolean toWei(Value in, DataType from, boolean compat) {
    return digits(in, from, Decimals.MAX_PRECISION, 0, !compat, DataType.WEI);
  }

  private static boolean digits(
      Value in, DataType from, int precision, int scale, boolean exact, DataType type) {
    byte[] b = in.buf();
    int off = in.off();
    int len = in.len();
    switch (from) {
      case TEXT, DECIMAL, WEI -> {}
      case BIGINT, DOUBLE -> {
        if (in.digitsKnown()) {
          break;
        }
        b =
            ascii(
                from == DataType.BIGINT
                    ? Long.toString(in.bits())
                    : PyNumbers.repr(Double.longBitsToDouble(in.bits())));
        off = 0;
        len = b.length;
      }
      default -> {
        return false;
      }
    }
    return Decimals.round(b, off, len, precision, scale, exact, type, in);
  }

  /** NUL cannot be stored in every destination; dlt 1.31 leaves it out too. */
  private static void withoutNul(Value in) {
    byte[] b = in.buf();
    int end = in.off() + in.len();
    int p = in.off();
    while (p < end && b[p] != 0) {
      p++;
    }
    if (p == end) {
      return;
    }
    byte[] to = new byte[in.len()];
    int n = 0;
    for (int i = in.off(); i < end; i++) {
      if (b[i] != 0) {
        to[n++] = b[i];
      }
    }
    in.setText(to, 0, n);
  }

  private static String text(Value in) {
    return new String(in.buf(), in.off(), in.len(), StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The detections that are on, in order. Immutable. */
  public static final class Detections {
    private static final long FIVE_YEARS = 5L * 365 * 24 * 3600;

    private final List<Kind> kinds;

    /** Epoch seconds; {@code MIN_VALUE} when no time was given. */
    private final long now;

    private Detections(List<Kind> kinds, long now) {
      this.kinds = kinds;
      this.now = now;
    }

    /** By dlt's names; {@code CONFIG_INVALID} for a name that does not exist. */
    public static Detections of(List<String> names) {
      return new Detections(names.stream().map(Kind::of).toList(), Long.MIN_VALUE);
    }

    /** The same with a "now" for the detection {@code timestamp}; without it that never matches. */
    public Detections at(long nowEpochSeconds) {
      return new Detections(kinds, nowEpochSeconds);
    }

    /**
     * The detected type, {@code null} for none. The value stays as it is; {@link #coerce} converts
     * it.
     */
    public DataType detect(Value in) {
      for (int i = 0; i < kinds.size(); i++) {
        DataType type = detect(kinds.get(i), in);
        if (type != null) {
          return type;
        }
      }
      return null;
    }

    private DataType detect(Kind kind, Value in) {
      DataType from = in.kind();
      boolean text = from == DataType.TEXT;
      return switch (kind) {
        case ISO_TIMESTAMP ->
            text && IsoTime.timestamp(in.buf(), in.off(), in.len()) != IsoTime.NONE
                ? DataType.TIMESTAMP
                : null;
        case RFC3339_TIMESTAMP ->
            text && rfc3339(in.buf(), in.off(), in.len()) ? DataType.TIMESTAMP : null;
        case ISO_DATE ->
            text && IsoTime.date(in.buf(), in.off(), in.len()) != IsoTime.NONE
                ? DataType.DATE
                : null;
        case TIMESTAMP -> near(in, from) ? DataType.TIMESTAMP : null;
        case LARGE_INTEGER -> from == DataType.WEI ? DataType.WEI : null;
        case HEXBYTES_TO_TEXT -> from == DataType.BINARY && in.hex() ? DataType.TEXT : null;
        case WEI_TO_DOUBLE -> from == DataType.WEI ? DataType.DOUBLE : null;
      };
    }

    /** {@code 2024-01-02T03:04:05[.6](Z|+02:00)} and nothing else. */
    private static boolean rfc3339(byte[] b, int off, int len) {
      int end = off + len;
      boolean utc = len > 0 && b[end - 1] == 'Z';
      boolean offset = len > 6 && (b[end - 6] == '+' || b[end - 6] == '-') && b[end - 3] == ':';
      return len >= 20
          && b[off + 4] == '-'
          && b[off + 7] == '-'
          && b[off + 10] == 'T'
          && b[off + 13] == ':'
          && b[off + 16] == ':'
          && (utc || offset)
          && (b[off + 19] == '.' || off + 19 == end - (utc ? 1 : 6))
          && IsoTime.timestamp(b, off, len) != IsoTime.NONE;
    }

    private boolean near(Value in, DataType from) {
      if (now == Long.MIN_VALUE || from != DataType.BIGINT && from != DataType.DOUBLE) {
        return false;
      }
      double seconds = from == DataType.BIGINT ? in.bits() : Double.longBitsToDouble(in.bits());
      return Math.abs(seconds - now) <= FIVE_YEARS;
    }

    private enum Kind {
      ISO_TIMESTAMP,
      RFC3339_TIMESTAMP,
      ISO_DATE,
      TIMESTAMP,
      LARGE_INTEGER,
      HEXBYTES_TO_TEXT,
      WEI_TO_DOUBLE;

      static Kind of(String name) {
        for (Kind kind : values()) {
          if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
            return kind;
          }
        }
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot detect types: no such detection: "
                + name
                + " (use iso_timestamp, rfc3339_timestamp, iso_date, timestamp, large_integer, hexbytes_to_text or"
                + " wei_to_double)");
      }
    }
  }
}
