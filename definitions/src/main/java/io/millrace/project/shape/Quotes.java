package io.millrace.project.shape;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The lines of the file, for quoting, with every literal that may be a secret masked. */
final class Quotes {
  private static final int MAX_CHARACTERS = 120;
  private static final String MASK = "***";
  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "(?i).*(token|secret|passw|api[_-]?key|authorization|credential|private[_-]?key|cookie).*(?<!_url|_path|_param)");
  private static final Set<String> OPEN_AUTH_KEYS =
      Set.of(
          "type",
          "name",
          "location",
          "username",
          "client_id",
          "access_token_url",
          "default_token_expiration");
  private static final Pattern SECRET_TEXT =
      Pattern.compile(
          "(?i)((?:auth|token|secret|passw|api[_-]?key|authorization|credential|cookie)\\w*[\"']?\\s*[:=]\\s*)"
              + "(?![\"']?\\$\\{)(.+)");

  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

  private final String text;
  private final List<Node.Scalar> secrets = new ArrayList<>();
  private final Set<Place> hidden = new HashSet<>();
  private boolean parsed;
  private String[] lines;

  Quotes(String text) {
    this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  void hideSecrets(Node root) {
    parsed = true;
    collect(root, false);
  }

  boolean hidden(Place place) {
    return hidden.contains(place);
  }

  private void collect(Node node, boolean secret) {
    if (node instanceof Node.Items items) {
      items.items().forEach(n -> collect(n, secret));
    } else if (node instanceof Node.Fields fields) {
      for (Node.Field field : fields.fields()) {
        boolean auth = field.name().equals("auth") || secret;
        boolean open = auth && OPEN_AUTH_KEYS.contains(field.name());
        collect(field.value(), !open && (auth || SECRET_KEY.matcher(field.name()).matches()));
      }
    } else if (node instanceof Node.Scalar scalar
        && secret
        && scalar.kind() != Node.Kind.NULL
        && !scalar.text().contains("${")
        && hidden.add(scalar.place())) {
      secrets.add(scalar);
    }
  }

  /** The line, cut around the column when it is long; empty when there is none. */
  String line(Place place) {
    if (lines == null) {
      lines = text.split("\r\n|\r|\n", -1);
    }
    if (place.line() > lines.length) {
      return "";
    }
    String line = lines[place.line() - 1];
    line = parsed ? masked(line, place.line()) : SECRET_TEXT.matcher(line).replaceAll("$1" + MASK);
    String part = cut(line, place.column());
    return CONTROL.matcher(part).replaceAll(" ").stripTrailing();
  }

  private String masked(String line, int number) {
    String result = line;
    // from the right, so that columns to the left stay true
    List<Node.Scalar> here =
        secrets.stream()
            .filter(s -> s.place().line() <= number && number <= s.end().line())
            .sorted((a, b) -> b.place().compareTo(a.place()))
            .toList();
    for (Node.Scalar secret : here) {
      int length = result.codePointCount(0, result.length());
      int from = secret.place().line() < number ? 0 : secret.place().column() - 1;
      int to = secret.end().line() > number ? length : secret.end().column() - 1;
      if (from < to && to <= length) {
        result =
            result.substring(0, result.offsetByCodePoints(0, from))
                + MASK
                + result.substring(result.offsetByCodePoints(0, to));
      }
    }
    return result;
  }

  private static String cut(String line, int column) {
    int length = line.codePointCount(0, line.length());
    if (length <= MAX_CHARACTERS) {
      return line;
    }
    int from = Math.max(0, Math.min(column - 1 - MAX_CHARACTERS / 3, length - MAX_CHARACTERS));
    int to = Math.min(length, from + MAX_CHARACTERS);
    String part = line.substring(line.offsetByCodePoints(0, from), line.offsetByCodePoints(0, to));
    return (from > 0 ? "…" : "") + part + (to < length ? "…" : "");
  }
}
