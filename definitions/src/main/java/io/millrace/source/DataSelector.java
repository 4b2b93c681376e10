package io.millrace.source;

import com.jayway.jsonpath.InvalidPathException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The JSONPath of a page's records, in dlt's dialect (jsonpath-ng): {@code data}, {@code a.b[*].c},
 * {@code items[?status == 'open']}, {@code ..rows}, {@code $.a[0:2]}.
 *
 * @param text as written
 * @param simple names only, which needs no tree of the page; {@code null} when it is more
 * @param beginning the names before the first step that may match several: where they lead nowhere
 *     the answer is not a page, where they lead somewhere no match is an empty page
 * @param expression the same for the library that evaluates it; {@code null} when it is simple
 */
public record DataSelector(String text, JsonPath simple, JsonPath beginning, String expression) {
  /** How to write one, for a message. */
  public static final String EXAMPLE =
      "write it like data.items, $.data['my items'], groups[*].rows or items[?status == 'open']";

  private static final Pattern STEP =
      Pattern.compile(
          "(?<deep>\\.\\.)?\\.?(?:"
              + "(?<all>\\*)"
              + "|(?<name>[^.\\[\\]*?()'\"`,|&\\s]+)"
              + "|'(?<single>[^']+)'|\"(?<double>[^\"]+)\""
              + "|\\[(?<places>\\*|-?\\d{1,9}(?:\\s*,\\s*-?\\d{1,9})*|(?:-?\\d{1,9})?:(?:-?\\d{1,9})?)]"
              + "|\\[(?<names>'[^']+'(?:\\s*,\\s*'[^']+')*|\"[^\"]+\"(?:\\s*,\\s*\"[^\"]+\")*)]"
              + "|\\[\\?(?<filter>(?:[^\\[\\]'\"]|'[^']*'|\"[^\"]*\")+)])");

  /** What a filter is made of: texts, operators, names and values. */
  private static final Pattern WORD =
      Pattern.compile(
          "=~\\s*(?<regex>'[^']*'|\"[^\"]*\")"
              + "|(?<text>'[^']*'|\"[^\"]*\")"
              + "|(?<operator>[=!<>]=|[<>=]|&&?|\\|\\|?|!)"
              + "|(?<path>@(?:\\.[\\w$-]+)*)"
              + "|(?<value>-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?(?![\\w.])|true\\b|false\\b|null\\b)"
              + "|(?<field>[A-Za-z_$][\\w$-]*(?:\\.[\\w$-]+)*)"
              + "|(?<other>[()\\s])");

  /** The selector that a text means; empty when it is none. */
  public static Optional<DataSelector> read(String text) {
    Optional<JsonPath> simple = JsonPath.read(text).filter(path -> !path.hasPlaces());
    return simple.isPresent()
        ? Optional.of(new DataSelector(text, simple.get(), simple.get(), null))
        : translated(text);
  }

  /**
   * The selector that a text means; {@code CONFIG_INVALID} when it is none.
   *
   * @param key the configuration's key, for the message
   */
  public static DataSelector parse(String key, String text) {
    return read(text)
        .orElseThrow(
            () ->
                new MillraceException(
                    Failure.CONFIG_INVALID,
                    "Cannot use " + key + ": it is no JSONPath: " + text + " (" + EXAMPLE + ")"));
  }

  /** The same from a path that was found in an answer. */
  public static DataSelector of(JsonPath path) {
    return new DataSelector(path.toString(), path, path, null);
  }

  @Override
  public String toString() {
    return text;
  }

  private static Optional<DataSelector> translated(String text) {
    String rest = text.strip();
    rest = rest.startsWith("$") ? rest.substring(1) : rest;
    StringBuilder out = new StringBuilder("$");
    List<Object> beginning = new ArrayList<>();
    boolean plain = true;
    Matcher step = STEP.matcher(rest);
    int end = 0;
    while (end < rest.length() && step.find() && step.start() == end) {
      boolean bracket = rest.charAt(end) == '[';
      boolean pointed = rest.charAt(end) == '.';
      if (!bracket && !pointed && end > 0) {
        return Optional.empty(); // a name needs a point before it unless it is the first
      }
      end = step.end();
      String name = name(step);
      plain &= name != null && step.group("deep") == null;
      if (plain) {
        beginning.add(name);
      }
      String translated = name == null ? brackets(step) : quoted(name);
      if (translated == null) {
        return Optional.empty();
      }
      out.append(step.group("deep") == null ? "" : "..").append(translated);
    }
    return end < rest.length() || rest.isEmpty()
        ? Optional.empty()
        : compiled(new DataSelector(text, null, new JsonPath(beginning), out.toString()));
  }

  private static Optional<DataSelector> compiled(DataSelector selector) {
    try {
      com.jayway.jsonpath.JsonPath.compile(selector.expression());
      return Optional.of(selector);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String name(Matcher step) {
    for (String group : List.of("name", "single", "double")) {
      if (step.group(group) != null) {
        return step.group(group);
      }
    }
    String names = step.group("names");
    boolean one = names != null && names.indexOf(names.charAt(0), 1) == names.length() - 1;
    return one ? names.substring(1, names.length() - 1) : null;
  }

  private static String brackets(Matcher step) {
    if (step.group("all") != null) {
      return "[*]";
    }
    String inside = step.group("places") != null ? step.group("places") : step.group("names");
    String filter = inside == null ? filter(step.group("filter")) : null;
    return inside != null ? "[" + inside + "]" : filter == null ? null : "[?(" + filter + ")]";
  }

  private static String quoted(String name) {
    return "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']";
  }

  /** dlt's {@code ?a.b == 1 & c = 'x'} is {@code @.a.b == 1 && @.c == 'x'}; null for no filter. */
  private static String filter(String text) {
    StringBuilder out = new StringBuilder();
    Matcher word = WORD.matcher(text);
    int end = 0;
    while (end < text.length() && word.find() && word.start() == end) {
      end = word.end();
      if (word.group("regex") != null) {
        String regex = word.group("regex");
        out.append("=~ /").append(regex.substring(1, regex.length() - 1).replace("/", "\\/"));
        out.append('/');
      } else if (word.group("operator") != null) {
        String operator = word.group("operator");
        boolean doubled = operator.length() == 1 && "=&|".contains(operator);
        out.append(operator).append(doubled ? operator : "");
      } else {
        out.append(word.group("field") == null ? "" : "@.").append(word.group());
      }
    }
    return end < text.length() || out.toString().isBlank() ? null : out.toString();
  }
}
