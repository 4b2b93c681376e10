package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A simple JSONPath: names and places in lists, {@code a.b}, {@code $.a['b c']}, {@code a[0].b}; a
 * last {@code [*]} means the list itself.
 *
 * @param steps names ({@link String}) and places ({@link Integer}); empty for the document
 */
record Path(List<Object> steps) {
  private static final Pattern STEP =
      Pattern.compile(
          "\\.?(?:([^.\\[\\]*?()'\",\\s][^.\\[\\]*?()'\",]*)|'([^']+)'|\"([^\"]+)\")"
              + "|\\.?\\[(?:'([^']+)'|\"([^\"]+)\"|(\\d{1,9}))]");

  Path {
    steps = List.copyOf(steps);
  }

  /**
   * @param key the configuration's key, for the message
   */
  static Path parse(String key, String text) {
    String rest = text.strip();
    rest = rest.startsWith("$") ? rest.substring(1) : rest;
    rest = rest.endsWith("[*]") ? rest.substring(0, rest.length() - 3) : rest;
    rest = rest.endsWith(".") && rest.length() == 1 ? "" : rest;
    List<Object> steps = new ArrayList<>();
    Matcher step = STEP.matcher(rest);
    int end = 0;
    while (end < rest.length() && step.find() && step.start() == end) {
      boolean dotted = rest.charAt(end) == '.';
      boolean bracket = step.group(4) != null || step.group(5) != null || step.group(6) != null;
      if (!bracket && dotted == (end == 0 && !text.strip().startsWith("$"))) {
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
    if (end < rest.length()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use "
              + key
              + ": only names and places in lists are understood: "
              + text
              + " (write it like data.items, $.data['my items'] or links[0].href)");
    }
    return new Path(steps);
  }

  /** The same path from its names, for what was found in an answer. */
  static Path of(List<String> keys) {
    return new Path(List.copyOf(keys));
  }

  /** The names of a path without places in lists, as a page's selector wants them. */
  List<String> keys(String key) {
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
