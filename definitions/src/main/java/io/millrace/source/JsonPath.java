package io.millrace.source;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A simple JSONPath: names and places in lists, {@code a.b}, {@code $.a['b c']}, {@code a[0].b}; a
 * last {@code [*]} means the list itself.
 *
 * @param steps names ({@link String}) and places ({@link Integer}); empty for the document
 */
public record JsonPath(List<Object> steps) {
  /** How to write one, for a message. */
  public static final String EXAMPLE =
      "write it like data.items, $.data['my items'] or links[0].href";

  private static final Pattern STEP =
      Pattern.compile(
          "\\.?(?:([^.\\[\\]*?()'\"`|,\\s][^.\\[\\]*?()'\"`|,]*)|'([^']+)'|\"([^\"]+)\")"
              + "|\\.?\\[(?:'([^']+)'|\"([^\"]+)\"|(\\d{1,9}))]");

  public JsonPath {
    steps = List.copyOf(steps);
  }

  /** The path that a text means; empty when it is none, or one of those that are not simple. */
  public static Optional<JsonPath> read(String text) {
    boolean rooted = text.strip().startsWith("$");
    String rest = text.strip();
    rest = rooted ? rest.substring(1) : rest;
    rest = rest.endsWith("[*]") ? rest.substring(0, rest.length() - 3) : rest;
    rest = rest.equals(".") ? "" : rest;
    List<Object> steps = new ArrayList<>();
    Matcher step = STEP.matcher(rest);
    int end = 0;
    while (end < rest.length() && step.find() && step.start() == end) {
      boolean dotted = rest.charAt(end) == '.';
      boolean bracket = step.group(4) != null || step.group(5) != null || step.group(6) != null;
      if (!bracket && dotted == (end == 0 && !rooted)) {
        break; // a name needs a point before it unless it is the first
      }
      end = step.end();
      if (step.group(6) != null) {
        steps.add(Integer.valueOf(step.group(6)));
      } else {
        for (int group = 1; group <= 5; group++) {
          if (step.group(group) != null) {
            steps.add(step.group(group));
          }
        }
      }
    }
    return end < rest.length() ? Optional.empty() : Optional.of(new JsonPath(steps));
  }

  /**
   * The path that a text means; {@code CONFIG_INVALID} when it is none.
   *
   * @param key the configuration's key, for the message
   */
  public static JsonPath parse(String key, String text) {
    return read(text)
        .orElseThrow(
            () ->
                new MillraceException(
                    Failure.CONFIG_INVALID,
                    "Cannot use "
                        + key
                        + ": only names and places in lists are understood: "
                        + text
                        + " ("
                        + EXAMPLE
                        + ")"));
  }

  /** The same path from its names, for what was found in an answer. */
  public static JsonPath of(List<String> keys) {
    return new JsonPath(List.copyOf(keys));
  }

  /** Whether it leads through places in lists. */
  public boolean hasPlaces() {
    return steps.stream().anyMatch(Integer.class::isInstance);
  }

  /** The names of a path without places in lists, as a page's selector wants them. */
  public List<String> keys(String key) {
    List<String> keys = new ArrayList<>();
    for (Object step : steps) {
      if (!(step instanceof String name)) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot use " + key + ": a place in a list is not understood here: " + this);
      }
      keys.add(name);
    }
    return keys;
  }

  /** Text that {@link #parse} reads back, whatever the names hold. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (Object step : steps) {
      if (step instanceof Integer place) {
        out.append('[').append(place).append(']');
      } else if (((String) step).matches("[\\w@$ -]+") && !((String) step).startsWith("$")) {
        out.append(out.isEmpty() ? "" : ".").append(step);
      } else {
        String quote = ((String) step).contains("'") ? "\"" : "'";
        out.append('[').append(quote).append(step).append(quote).append(']');
      }
    }
    return out.isEmpty() ? "$" : out.toString();
  }
}
