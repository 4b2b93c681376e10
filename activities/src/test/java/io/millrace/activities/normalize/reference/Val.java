package io.millrace.activities.normalize.reference;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A value with its type, under dlt's name of the type: {@code text} and {@code json} are {@link
 * String}, {@code bigint}, {@code timestamp}, {@code date} and {@code time} {@link Long}, {@code
 * double} {@link Double}, {@code bool} {@link Boolean}, {@code decimal} and {@code wei} {@link
 * BigDecimal}, {@code binary} its hexadecimal digits.
 *
 * @param written the digits of a number as the data has them, where they count
 * @param shown how a text column shows it, where the value alone does not tell
 */
record Val(String type, Object value, String shown, String written) {
  private static final int WIDEST = 38;

  static Val of(String type, Object value) {
    return new Val(type, value, null, null);
  }

  /** What a value of the data is, before any column (section 9). */
  static Val infer(Object json, boolean compat) {
    if (json instanceof Boolean b) {
      return of("bool", b);
    }
    if (json instanceof Json.Real real) {
      return new Val("double", real.number(), null, real.written());
    }
    if (json instanceof BigInteger i) {
      if (i.bitLength() < 64) {
        return of("bigint", i.longValue());
      }
      // Millrace: exact where a column can hold it
      boolean fits = i.abs().toString().length() <= WIDEST;
      return fits ? of("wei", new BigDecimal(i)) : of("text", i.toString());
    }
    if (json instanceof Map<?, ?> || json instanceof List<?>) {
      return of("json", compat ? Json.compact(json) : Json.written(json));
    }
    return of("text", ((String) json).replace("\0", ""));
  }

  /** In a form that {@code equals} compares; decimals by number, doubles by bits. */
  Object cell() {
    return value instanceof BigDecimal d ? d.stripTrailingZeros().toPlainString() : value;
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
