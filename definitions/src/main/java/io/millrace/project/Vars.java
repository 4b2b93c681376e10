package io.millrace.project;

import io.millrace.project.shape.Nearest;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code ${vars.x}} everywhere, and checks that what else is written as {@code ${…}} is a
 * reference that can be looked up later. A scalar that is one variable and nothing else becomes the
 * variable, number or not; anywhere else the variable's text is put in.
 */
final class Vars {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{vars\\.([^}]*)}");
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)(}?)");
  private static final Pattern ENV =
      Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]*(:-.*)?", Pattern.DOTALL);
  private static final Pattern FILE = Pattern.compile("file:[^\\p{Cntrl}]+");
  private static final int MAX_CHARACTERS = 100_000;

  private final Problems problems;
  private final Map<String, Node.Scalar> declared = new LinkedHashMap<>();
  private final Map<String, Node.Scalar> resolved = new HashMap<>();

  private Vars(Problems problems) {
    this.problems = problems;
  }

  /** The tree with its variables replaced. */
  static Node.Fields replaced(Node.Fields root, Problems problems) {
    Vars vars = new Vars(problems);
    if (root.get("vars").orElse(null) instanceof Node.Fields fields) {
      for (Node.Field field : fields.fields()) {
        if (field.value() instanceof Node.Scalar scalar && scalar.kind() != Node.Kind.NULL) {
          vars.declared.put(field.name(), scalar);
        }
      }
    }
    return (Node.Fields) vars.replace(root);
  }

  private Node replace(Node node) {
    if (node instanceof Node.Items items) {
      return new Node.Items(items.place(), items.items().stream().map(this::replace).toList());
    }
    if (node instanceof Node.Fields fields) {
      List<Node.Field> all = new ArrayList<>();
      for (Node.Field field : fields.fields()) {
        all.add(new Node.Field(field.place(), field.name(), replace(field.value())));
      }
      return new Node.Fields(fields.place(), all);
    }
    Node.Scalar scalar = (Node.Scalar) node;
    return scalar.kind() == Node.Kind.TEXT && scalar.text().contains("${")
        ? checked(replace(scalar, new LinkedHashSet<>()))
        : scalar;
  }

  /**
   * @param above the variables whose values are being replaced, to find cycles
   */
  private Node.Scalar replace(Node.Scalar scalar, Set<String> above) {
    Matcher match = VARIABLE.matcher(scalar.text());
    if (match.matches()) {
      Node.Scalar value = value(match.group(1), scalar, above);
      return value == null ? unknown(scalar) : scalar.with(value.kind(), value.text());
    }
    match.reset();
    StringBuilder text = new StringBuilder();
    while (match.find()) {
      Node.Scalar value = value(match.group(1), scalar, above);
      if (value == null) {
        return unknown(scalar);
      }
      match.appendReplacement(text, Matcher.quoteReplacement(value.text()));
      if (text.length() > MAX_CHARACTERS) {
        problems.add(
            scalar.place(),
            "Cannot replace variables: the text gets longer than " + MAX_CHARACTERS,
            "use shorter variables");
        return unknown(scalar);
      }
    }
    return scalar.with(Node.Kind.TEXT, match.appendTail(text).toString());
  }

  /** Stands for what a problem was told of. */
  private Node.Scalar unknown(Node.Scalar scalar) {
    problems.spoil(scalar.place());
    return scalar.with(Node.Kind.TEXT, "unknown");
  }

  private Node.Scalar value(String name, Node.Scalar user, Set<String> above) {
    Node.Scalar scalar = declared.get(name);
    if (scalar == null) {
      problems.add(
          user.place(),
          "Cannot replace ${vars." + name + "}: no such variable",
          declared.isEmpty() ? "add it under vars:" : Nearest.advice(name, declared.keySet()));
      return null;
    }
    if (above.contains(name)) {
      problems.add(
          scalar.place(),
          "Cannot replace ${vars."
              + name
              + "}: it holds itself: "
              + String.join(" -> ", above)
              + " -> "
              + name,
          "break the circle");
      return null;
    }
    Node.Scalar value = resolved.get(name);
    if (value == null) {
      above.add(name);
      value =
          scalar.kind() == Node.Kind.TEXT && scalar.text().contains("${vars.")
              ? replace(scalar, above)
              : scalar;
      above.remove(name);
      resolved.put(name, value);
    }
    return value;
  }

  private Node.Scalar checked(Node.Scalar scalar) {
    Matcher match = REFERENCE.matcher(scalar.text());
    while (scalar.kind() == Node.Kind.TEXT && match.find()) {
      String body = match.group(1);
      String shown = body.contains(":-") ? body.substring(0, body.indexOf(":-")) : body;
      if (match.group(2).isEmpty()) {
        refuse(scalar, "a ${ has no } behind it", "write ${env:NAME}");
        break;
      } else if (body.contains("${")) {
        refuse(scalar, "a reference cannot hold another: ${" + shown + "…", "use one of them");
        break;
      } else if (ENV.matcher(body).matches()) {
        if (shown.equals(body)) {
          problems.needs(scalar.place(), body.substring("env:".length()));
        }
      } else if (!FILE.matcher(body).matches()) {
        refuse(
            scalar,
            "unknown reference: ${" + shown + "}",
            "write ${env:NAME}, ${env:NAME:-default}, ${file:path} or ${vars.name}");
      }
    }
    return scalar;
  }

  private void refuse(Node.Scalar scalar, String why, String advice) {
    problems.add(scalar.place(), "Cannot read a reference: " + why, advice);
  }
}
