package io.millrace.worker.init;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Texts of others as YAML: what they hold can end no quote, no comment and no line. */
final class Yaml {
  private static final Set<String> WORDS =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private static final int COMMENT = 200;

  private Yaml() {}

  /** A scalar: bare where that cannot be misread, else in quotes. */
  static String text(String value) {
    boolean bare =
        value.matches("[A-Za-z_][A-Za-z0-9_./-]*")
            && !WORDS.contains(value.toLowerCase(Locale.ROOT));
    return bare ? value : quoted(value);
  }

  /** The same for a piece of a request, where braces would be placeholders. */
  static String literal(String value) {
    return text(value.replace("{", "{{").replace("}", "}}"));
  }

  /** A parameter's value: a whole number stays one. */
  static String param(String value) {
    return value.matches("0|[1-9][0-9]{0,8}") ? value : literal(value);
  }

  static String quoted(String value) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append("\\u%04X".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /** {@code {a: 1, b: "x y"}}; the values are YAML already. */
  static String map(Map<String, String> values) {
    return values.entrySet().stream()
        .map(e -> text(e.getKey()) + ": " + e.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  static String list(List<String> values) {
    return values.stream().map(Yaml::text).collect(Collectors.joining(", ", "[", "]"));
  }

  /** On one line and not endless, to stand behind a {@code #}. */
  static String comment(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s\\u2028\\u2029\\uFEFF]+", " ").strip();
    return line.length() > COMMENT ? line.substring(0, COMMENT) + "…" : line;
  }
}
