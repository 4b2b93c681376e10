package io.millrace.project.shape;

import java.util.ArrayList;
import java.util.List;

/**
 * A node on its way to become a value: what it is called, and where to say what is wrong with it.
 *
 * @param path keys from the top joined by dots; empty for the top
 */
public record Spot(Node node, String path, Problems problems) {
  private static final int MAX_SHOWN = 40;

  public Place place() {
    return node.place();
  }

  /**
   * Tells a problem: <em>Cannot read {path}: {why}</em>.
   *
   * @param advice what to do; may be empty
   */
  public void refuse(String why, String advice) {
    refuse(place(), why, advice);
  }

  void refuse(Place place, String why, String advice) {
    problems.add(place, "Cannot read " + thing() + ": " + why, why, advice);
  }

  /** Tells that the key is known and not built yet. */
  public void refuseForNow(String advice) {
    refuseForNow(place(), advice);
  }

  void refuseForNow(Place place, String advice) {
    problems.add(
        place, "Cannot use " + thing() + ": not available yet in this version", "later", advice);
  }

  /** Tells what works and should not stay so: <em>{path} {what}</em>. */
  public void warn(String what, String advice) {
    problems.warn(place(), path + " " + what, advice);
  }

  private String thing() {
    return path.isEmpty() ? "the project" : path;
  }

  Spot child(Node.Field field) {
    return new Spot(
        field.value(), path.isEmpty() ? field.name() : path + "." + field.name(), problems);
  }

  /** An element is called by its {@code name} when it has one, else by its number from 0. */
  Spot item(int index, Node item) {
    String called = "[" + index + "]";
    if (item instanceof Node.Fields fields
        && fields.get("name").orElse(null) instanceof Node.Scalar name
        && name.kind() == Node.Kind.TEXT
        && !name.text().isEmpty()) {
      called = "." + name.text();
    }
    return new Spot(item, path + called, problems);
  }

  /** The value below a key; this spot itself when the key is not there. */
  public Spot key(String name) {
    if (node instanceof Node.Fields fields) {
      for (Node.Field field : fields.fields()) {
        if (field.name().equals(name)) {
          return child(field);
        }
      }
    }
    return this;
  }

  /** The elements of a list or the values of a map; nothing for a single value. */
  public List<Spot> below() {
    List<Spot> all = new ArrayList<>();
    if (node instanceof Node.Fields fields) {
      fields.fields().forEach(f -> all.add(child(f)));
    } else if (node instanceof Node.Items items) {
      for (int i = 0; i < items.items().size(); i++) {
        all.add(item(i, items.items().get(i)));
      }
    }
    return all;
  }

  /** The element of a list; this spot itself when it is no list or has no such element. */
  public Spot at(int index) {
    return node instanceof Node.Items items && index < items.items().size()
        ? item(index, items.items().get(index))
        : this;
  }

  /** What stands there, for a message; a literal secret is not shown. */
  public String found() {
    if (node instanceof Node.Items) {
      return "a list";
    }
    if (!(node instanceof Node.Scalar scalar)) {
      return "a map";
    }
    String shown =
        scalar.text().length() <= MAX_SHOWN
            ? scalar.text()
            : scalar.text().substring(0, MAX_SHOWN) + "…";
    if (problems.hidden(scalar.place())) {
      shown = "***";
    }
    return switch (scalar.kind()) {
      case TEXT -> scalar.text().isEmpty() ? "an empty text" : "the text " + shown;
      case NUMBER -> "the number " + shown;
      case BOOL, NULL -> shown;
    };
  }
}
