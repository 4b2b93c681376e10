package io.millrace.project;

import io.millrace.project.shape.Nearest;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Spot;
import java.util.List;

/**
 * Checks dlt's placeholders in the texts of a request: {@code {incremental.start_value}} and its
 * siblings; {@code {{} and {@code }}} are braces; {@code ${…}} is no placeholder.
 */
final class Templates {
  private static final List<String> INCREMENTAL =
      List.of(
          "incremental.start_value",
          "incremental.initial_value",
          "incremental.last_value",
          "incremental.end_value");
  private static final String DOUBLE = "write {{ and }} for braces";

  private Templates() {}

  /** Checks every text at and below the spot. */
  static void check(Spot spot, boolean incremental) {
    if (spot.node() instanceof Node.Scalar scalar && scalar.kind() == Node.Kind.TEXT) {
      check(scalar.text(), spot, incremental);
    } else {
      spot.below().forEach(child -> check(child, incremental));
    }
  }

  private static void check(String text, Spot spot, boolean incremental) {
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("${", i)) {
        int end = text.indexOf('}', i);
        i = end < 0 ? text.length() : end;
      } else if (text.startsWith("{{", i) || text.startsWith("}}", i)) {
        i++;
      } else if (text.charAt(i) == '}') {
        spot.refuse("a } has no { before it", DOUBLE);
        return;
      } else if (text.charAt(i) == '{') {
        int end = text.indexOf('}', i);
        if (end < 0) {
          spot.refuse("a { has no } behind it", DOUBLE);
          return;
        }
        placeholder(text.substring(i + 1, end), spot, incremental);
        i = end;
      }
    }
  }

  private static void placeholder(String name, Spot spot, boolean incremental) {
    if (name.startsWith("resources.")) {
      String parent = name.substring("resources.".length());
      int dot = parent.indexOf('.');
      refuseParent(spot, dot < 0 ? parent : parent.substring(0, dot));
    } else if (!INCREMENTAL.contains(name)) {
      spot.refuse(
          "unknown placeholder {" + name + "}",
          Nearest.to(name, INCREMENTAL)
              .map(near -> "did you mean {" + near + "}?")
              .orElse("write {incremental.start_value}, or " + DOUBLE.substring(6)));
    } else if (!incremental) {
      spot.refuse("the endpoint has no incremental for {" + name + "}", "add incremental");
    }
  }

  /** Tells that child resources are to come, and whose child this one is. */
  static void refuseParent(Spot spot, String parent) {
    spot.refuse(
        "it reads fields of its parent "
            + parent
            + ", and child resources are not available yet in this version",
        "take the resource out");
  }
}
