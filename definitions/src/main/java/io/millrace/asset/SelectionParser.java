package io.millrace.asset;

import io.millrace.asset.Selection.And;
import io.millrace.asset.Selection.Not;
import io.millrace.asset.Selection.Or;
import io.millrace.asset.Selection.Term;
import io.millrace.asset.Selection.Wish;
import java.util.ArrayList;
import java.util.List;

/** Reads a selection from left to right. For one text. */
final class SelectionParser {
  private static final int MAX_CHARACTERS = 10_000;
  private static final int MAX_DEPTH = 100;
  private static final String SIGNS = ",()+";

  private final String text;
  private int at;
  private int depth;

  SelectionParser(String text) {
    this.text = text;
  }

  Wish parse() {
    if (text.length() > MAX_CHARACTERS) {
      throw Selection.refused("that", "it is longer than " + MAX_CHARACTERS, "use tags or groups");
    }
    Wish wish = or();
    if (at < text.length()) {
      throw refused(
          text.charAt(at) == ')' ? "a ) has no ( before it" : "expected and, or or a comma");
    }
    return wish;
  }

  private Wish or() {
    List<Wish> parts = new ArrayList<>(List.of(and()));
    while (sign(',') || word("or")) {
      parts.add(and());
    }
    return parts.size() == 1 ? parts.get(0) : new Or(parts);
  }

  private Wish and() {
    List<Wish> parts = new ArrayList<>(List.of(not()));
    while (word("and")) {
      parts.add(not());
    }
    return parts.size() == 1 ? parts.get(0) : new And(parts);
  }

  private Wish not() {
    if (++depth > MAX_DEPTH) {
      throw refused("it is nested deeper than " + MAX_DEPTH);
    }
    Wish wish = word("not") ? new Not(not()) : primary();
    depth--;
    return wish;
  }

  private Wish primary() {
    if (!sign('(')) {
      return term();
    }
    Wish inner = or();
    if (!sign(')')) {
      throw refused("a ( has no ) behind it");
    }
    return inner;
  }

  private Wish term() {
    skipBlanks();
    int begin = at;
    int before = 0;
    String name = name();
    if (peek() == '+' && (name.isEmpty() || steps(name) >= 0)) {
      before = name.isEmpty() ? Integer.MAX_VALUE : steps(name);
      at++;
      name = name();
    }
    if (name.isEmpty()) {
      at = begin;
      throw refused(begin < text.length() ? "expected a name" : "something is missing at its end");
    }
    int after = 0;
    if (peek() == '+') {
      at++;
      int number = at;
      String steps = name();
      after = steps.isEmpty() ? Integer.MAX_VALUE : steps(steps);
      if (after < 0) {
        at = number;
        throw refused("expected a number of steps, or a blank");
      }
    }
    return new Term(name, before, after);
  }

  /** The letters up to a blank or a sign, or what stands in quotes; empty when there are none. */
  private String name() {
    char quote = peek();
    if (quote == '"' || quote == '\'') {
      int end = text.indexOf(quote, at + 1);
      if (end < 0) {
        throw refused("a quote is not closed");
      }
      String name = text.substring(at + 1, end);
      at = end + 1;
      return name;
    }
    int begin = at;
    while (at < text.length()
        && !Character.isWhitespace(text.charAt(at))
        && SIGNS.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(begin, at);
  }

  /** The number of steps; -1 when it is no number. */
  private static int steps(String digits) {
    return digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : -1;
  }

  private boolean sign(char sign) {
    skipBlanks();
    if (peek() == sign) {
      at++;
      return true;
    }
    return false;
  }

  private boolean word(String word) {
    skipBlanks();
    int end = at + word.length();
    boolean ends =
        end >= text.length()
            || Character.isWhitespace(text.charAt(end))
            || text.charAt(end) == '('
            || text.charAt(end) == ')';
    if (text.regionMatches(true, at, word, 0, word.length()) && ends) {
      at = end;
      return true;
    }
    return false;
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private RuntimeException refused(String why) {
    return Selection.refused(
        "\"" + text.substring(0, Math.min(text.length(), 200)) + "\"",
        why + " at character " + (at + 1),
        "for example: shop.* and not tag:slow");
  }
}
