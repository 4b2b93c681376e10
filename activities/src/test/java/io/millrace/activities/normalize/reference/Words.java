package io.millrace.activities.normalize.reference;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Keys, literals and damage that are likely to hit something. */
final class Words {
  private static final List<String> TYPES =
      List.of(
          "text",
          "bigint",
          "double",
          "bool",
          "timestamp",
          "date",
          "time",
          "json",
          "binary",
          "decimal",
          "wei");
  private static final List<String> KEYS =
      List.of(
          "a",
          "A",
          "b",
          "aB",
          "a_b",
          "a__b",
          "a___b",
          "AB",
          "a b",
          "a-b",
          "a.b",
          "a/b",
          "a▶b",
          "a'B",
          "c",
          "d",
          "value",
          "list",
          "Value",
          "",
          " ",
          "_",
          "__",
          "id",
          "ID",
          "Id",
          "_id",
          "x1Y2",
          "1a",
          "٣a",
          "ümläut",
          "日本語",
          "日本語abc",
          "a😀",
          "😀",
          "a\"b",
          "a\\b",
          "a\nb",
          "a\u0000",
          "a__v_text",
          "a__v_bigint",
          "+-",
          "a--",
          "a._",
          "aBC",
          "HTTPServer",
          "a1B",
          "x/y",
          "🄰b",
          "b__v_double",
          "list__a",
          "thisIsAVeryLongColumnNameThatIsLong",
          "thisIsAVeryLongColumnNameThatIsLonger",
          "trailing_",
          "trailing__",
          "__a",
          "price($)");
  private static final List<String> SYSTEM =
      List.of("id", "load_id", "parent_id", "list_idx", "root_id", "x");
  private static final List<String> TEXTS =
      List.of(
          "",
          "x",
          "text",
          "true",
          "True",
          "YES",
          "no",
          "f",
          "1",
          "0",
          "7",
          " 7 ",
          "1_000",
          "0x1F",
          "0x1f2",
          "-3",
          "+4",
          "1.5",
          "1e5",
          "1e400",
          ".5",
          "5.",
          "nan",
          "-inf",
          "Infinity",
          "٣",
          "1__0",
          "_1",
          "2024-01-02T03:04:05Z",
          "2024-01-02T03:04:05.123456789Z",
          "2024-01-02 03:04:05",
          "2024-01-02T03:04:05+02:00",
          "2024-01-02",
          "2024-01",
          "2024",
          "20240102",
          "20240102T030405",
          "2024 10:30",
          "2024/01/02 3:4",
          "2024-W05-1T03:00:00Z",
          "2024-001T03",
          "2024-02-30T00:00:00Z",
          "2024-01-02T24:00:00Z",
          "0000-01-01T00:00:00Z",
          "0001-01-01T00:00:00+01:00",
          "9999-12-31T23:59:59.9999999-00:01",
          "03:04:05",
          "3:4",
          "12:30+01:00",
          "T1011",
          "1704164645",
          "1704164645.5",
          "1704164645000",
          "aGVsbG8=",
          "aGVsbG8",
          "0xff",
          "0xf",
          "{\"a\":1}",
          "[1,2.50]",
          "\"q\"",
          "12345678901234567890",
          "9223372036854775807",
          "9223372036854775808",
          "123456789012345678901234567890123456789",
          "1234567890123456789012345678.5",
          "0.1234567895",
          "a\u0000b",
          "\u0000",
          "é",
          "日本",
          "😀",
          "a\"b\\c/d\b\f\n\r\t\u0001\u007f",
          "x\u00a0",
          "\u20037\u2003",
          "a text that is a good deal longer than one word of the machine, so that loops go round");
  private static final List<String> RAW =
      List.of(
          "null",
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "-0",
          "42",
          "255",
          "256",
          "65536",
          "2147483648",
          "4294967296",
          "1700000000",
          "1700000000000",
          "9223372036854775807",
          "-9223372036854775808",
          "9223372036854775808",
          "18446744073709551615",
          "-9223372036854775809",
          "99999999999999999999999999999999999999",
          "100000000000000000000000000000000000000",
          "-578960446186580977117854925043439539267123456",
          "0.0",
          "-0.0",
          "1.0",
          "2.5",
          "-2.5",
          "1e5",
          "1E+2",
          "1e-7",
          "1.5e300",
          "1e308",
          "1e400",
          "-1e400",
          "5e-324",
          "1e-400",
          "2.2250738585072011e-308",
          "0.1",
          "0.30000000000000004",
          "123456789.123456789",
          "1.005",
          "1e15",
          "1e16",
          "1e22",
          "1e23",
          "9.223372036854775808e18",
          "9223372036854775807.0",
          "123456789012345678e2",
          "0.000123456789012345678",
          "9007199254740993.0",
          "1.7976931348623157e308",
          "1.7976931348623159e308",
          "0.00001",
          "0.000001",
          "1704164645.5",
          "3.14159265358979323846",
          "100000000000000000000000.5",
          "1e-5",
          "{}",
          "[]",
          "[[]]",
          "[null]",
          "{\"a\":null}",
          "\"\\ud83d\\ude00\"",
          "\"\\ud800\"",
          "\"\\udc00x\"",
          "\"\\ud800\\ud800\\udc00\"",
          "\"\\u0000\"",
          "\"\\u0041\"",
          "\"\\u00e9\\/\"",
          "\"\\u007F\"");

  /** Bytes, each character one: tokens at the wrong place, and UTF-8 that is none. */
  private static final List<String> NOISE =
      List.of(
          "",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\\u12",
          "\\ud800",
          "\\x",
          "0",
          "0",
          "0",
          "0",
          "00",
          "-",
          ".",
          "1.",
          "e",
          "e+",
          "+1",
          "nul",
          "true",
          "NaN",
          " ",
          "\u0000",
          "\u0001",
          "\u000b",
          "\u007f",
          "/*",
          "\u00c0\u0080",
          "\u00c3",
          "\u00c3\u00a9",
          "\u00e0\u0080\u00af",
          "\u00ed\u00a0\u0080",
          "\u00f4\u0090\u0080\u0080",
          "\u00f0\u009f\u0098\u0080",
          "\u00f0\u008f\u00bf\u00bf",
          "\u0080",
          "\u00ff",
          "\u00ef\u00bb\u00bf");

  private final Random r;

  Words(Random r) {
    this.r = r;
  }

  /** A few keys, so that they meet. */
  List<String> keys() {
    List<String> some = new ArrayList<>();
    for (int i = 2 + r.nextInt(7); i > 0; i--) {
      some.add(
          switch (r.nextInt(12)) {
            case 0 -> (r.nextBoolean() ? "_dlt_" : "_mr_") + pick(SYSTEM);
            case 1 -> (r.nextBoolean() ? "_DLT_" : "_Mr_") + pick(SYSTEM);
            case 2, 3, 4 -> pick(KEYS.subList(0, 9));
            default -> pick(KEYS);
          });
    }
    return some;
  }

  /** A few literals, so that columns keep their types for a while. */
  List<String> values() {
    List<String> some = new ArrayList<>();
    for (int i = 2 + r.nextInt(8); i > 0; i--) {
      some.add(literal());
    }
    return some;
  }

  private String literal() {
    switch (r.nextInt(10)) {
      case 0:
        return number();
      case 1:
        return quoted(near(pick(TEXTS)));
      case 2, 3, 4, 5:
        return quoted(pick(TEXTS));
      default:
        return pick(RAW);
    }
  }

  private String number() {
    return switch (r.nextInt(5)) {
      case 0 -> Long.toString(r.nextLong());
      case 1 -> Double.toString(Double.longBitsToDouble(r.nextLong())).replaceAll("[NI].*", "1.5");
      case 2 -> r.nextInt(1000) + "." + r.nextInt(1000);
      case 3 -> r.nextInt(10) + "." + Math.abs(r.nextLong()) + "e" + (r.nextInt(80) - 40);
      default -> Integer.toString(r.nextInt(300) - 150);
    };
  }

  /** The text with one character changed, doubled or left out. */
  private String near(String s) {
    if (s.isEmpty()) {
      return "-";
    }
    int at = r.nextInt(s.length());
    String head = s.substring(0, at);
    String tail = s.substring(at + 1);
    return switch (r.nextInt(4)) {
      case 0 -> head + tail;
      case 1 -> head + s.charAt(at) + s.charAt(at) + tail;
      case 2 -> head + "0123456789:-+TZ. Wxe".charAt(r.nextInt(20)) + tail;
      default -> head + " " + s.charAt(at) + tail;
    };
  }

  String type() {
    return pick(TYPES);
  }

  private String pick(List<String> all) {
    return all.get(r.nextInt(all.size()));
  }

  /** A JSON string, sometimes with escapes that nobody needs. */
  String quoted(String s) {
    StringBuilder out = new StringBuilder("\"");
    boolean odd = r.nextInt(10) == 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || odd && r.nextInt(3) == 0) {
        HexFormat hex = r.nextBoolean() ? HexFormat.of() : HexFormat.of().withUpperCase();
        out.append("\\u").append(hex.toHexDigits(c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /** The record with a zero in front of the first number behind that place. */
  private static byte[] zeroed(byte[] record, int from) {
    int at = from;
    while (at < record.length && !(digit(record[at]) && at > 0 && !digit(record[at - 1]))) {
      at++;
    }
    byte[] out = Arrays.copyOf(record, record.length + 1);
    System.arraycopy(record, at, out, at + 1, record.length - at);
    out[at] = '0';
    return out;
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** The record with a few bytes changed, so that it is mostly no JSON any more. */
  static byte[] damaged(byte[] record, Random r) {
    int at = r.nextInt(record.length);
    if (r.nextInt(5) == 0) {
      return zeroed(record, at);
    }
    // as often at the beginning of a value as anywhere
    boolean value = r.nextBoolean();
    while (value && at > 0 && record[at - 1] != ':' && record[at - 1] != '[') {
      at--;
    }
    String noise = NOISE.get(r.nextInt(NOISE.size()));
    int left = r.nextInt(4) == 0 ? record.length : at + r.nextInt(2);
    byte[] with = noise.getBytes(StandardCharsets.ISO_8859_1);
    byte[] out =
        Arrays.copyOf(record, at + with.length + record.length - Math.min(left, record.length));
    System.arraycopy(with, 0, out, at, with.length);
    int rest = Math.min(left, record.length);
    System.arraycopy(record, rest, out, at + with.length, record.length - rest);
    return out;
  }
}
