package io.millrace.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A type as DuckDB writes it: {@code BIGINT}, {@code STRUCT(a BIGINT, "b c" VARCHAR[])}.
 *
 * @param scalar its name; {@code null} for structs and lists
 * @param fields of a struct; {@code null} for others
 * @param element of a list; {@code null} for others
 */
record DuckType(String scalar, Map<String, DuckType> fields, DuckType element) {
  static DuckType parse(String text) {
    return new Parser(text).type();
  }

  /** Whether no record had a value here. */
  boolean empty() {
    return "\"NULL\"".equals(scalar);
  }

  /** The type again, without what no record had. */
  String sql() {
    if (element != null) {
      return element.sql() + "[]";
    }
    return fields == null ? scalar : "STRUCT(" + fields(fields, " ", "\"") + ")";
  }

  /** {@code name type, …} of those that have values. */
  static String fields(Map<String, DuckType> fields, String between, String quote) {
    StringBuilder out = new StringBuilder();
    fields.forEach(
        (name, type) -> {
          if (!type.empty()) {
            out.append(out.isEmpty() ? "" : ", ").append(quote).append(name).append(quote);
            out.append(between).append(quote.equals("'") ? "'" + type.sql() + "'" : type.sql());
          }
        });
    return out.toString();
  }

  private static final class Parser {
    private final String text;
    private int at;

    private Parser(String text) {
      this.text = text;
    }

    private DuckType type() {
      DuckType type = text.startsWith("STRUCT(", at) ? struct() : new DuckType(word(), null, null);
      while (text.startsWith("[]", at)) {
        at += 2;
        type = new DuckType(null, null, type);
      }
      return type;
    }

    private DuckType struct() {
      Map<String, DuckType> fields = new LinkedHashMap<>();
      at += "STRUCT(".length();
      while (true) {
        boolean quoted = text.charAt(at) == '"';
        int end = text.indexOf(quoted ? '"' : ' ', at + 1);
        String name = text.substring(quoted ? at + 1 : at, end);
        at = end + (quoted ? 2 : 1);
        fields.put(name, type());
        at += text.charAt(at) == ',' ? 2 : 1;
        if (text.charAt(at - 1) == ')') {
          return new DuckType(null, fields, null);
        }
      }
    }

    private String word() {
      int from = at;
      while (at < text.length() && ",)[".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(from, at);
    }
  }
}
