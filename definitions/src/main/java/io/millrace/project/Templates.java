package io.millrace.project;

import io.millrace.project.shape.Nearest;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Spot;
import io.millrace.source.JsonPath;
import java.util.List;
import java.util.Set;

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
  private static final String PARENT = "write {resources.parent.field}";
  private static final String DOUBLE = "write {{ and }} for braces";

  private Templates() {}

  /**
   * Checks every text at and below the spot.
   *
   * @param params names that may stand alone in braces, because a parameter of dlt's older form
   *     says what they mean
   */
  static void check(Spot spot, boolean incremental, Set<String> params) {
    if (spot.node() instanceof Node.Scalar scalar && scalar.kind() == Node.Kind.TEXT) {
      check(scalar.text(), spot, incremental, params);
    } else {
      spot.below().forEach(child -> check(child, incremental, params));
    }
  }

  private static void check(String text, Spot spot, boolean incremental, Set<String> params) {
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
        String name = text.substring(i + 1, end);
        if (!params.contains(name)) {
          placeholder(name, spot, incremental);
        }
        i = end;
      }
    }
  }

  private static void placeholder(String name, Spot spot, boolean incremental) {
    if (name.startsWith("resources.")) {
      parent(name.substring("resources.".length()), spot);
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

  /** The parent itself is looked for when all resources are known. */
  private static void parent(String name, Spot spot) {
    int dot = name.indexOf('.');
    if (dot <= 0 || dot == name.length() - 1) {
      spot.refuse("{resources." + name + "} names no field of a parent", PARENT);
    } else if (JsonPath.read(name.substring(dot + 1)).filter(p -> !p.steps().isEmpty()).isEmpty()) {
      spot.refuse(
          "{resources." + name + "} does not say where in the parent's record", JsonPath.EXAMPLE);
    }
  }
}
