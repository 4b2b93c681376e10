package io.millrace.project.shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A part of the configuration as written: what YAML and JSON have in common, with places. */
public sealed interface Node {
  Place place();

  /** What a scalar is. */
  enum Kind {
    TEXT,
    NUMBER,
    BOOL,
    NULL
  }

  /**
   * A single value.
   *
   * @param end behind its last character
   * @param text the content of a text; a number exactly as written (it has JSON's form); {@code
   *     true}, {@code false} or {@code null}
   */
  record Scalar(Place place, Place end, Kind kind, String text) implements Node {
    /** Another value at the same place. */
    public Scalar with(Kind newKind, String newText) {
      return new Scalar(place, end, newKind, newText);
    }
  }

  /** A list. */
  record Items(Place place, List<Node> items) implements Node {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A map: names are unique, in the order written. */
  record Fields(Place place, List<Field> fields) implements Node {
    public Fields {
      fields = List.copyOf(fields);
    }

    public Optional<Node> get(String name) {
      return fields.stream().filter(f -> f.name().equals(name)).map(Field::value).findFirst();
    }

    /** The same map with the field put in place of the one of its name, or at the end. */
    public Fields with(Field field) {
      List<Field> all = new ArrayList<>(fields);
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).name().equals(field.name())) {
          all.set(i, field);
          return new Fields(place, all);
        }
      }
      all.add(field);
      return new Fields(place, all);
    }

    public Fields without(String name) {
      return new Fields(place, fields.stream().filter(f -> !f.name().equals(name)).toList());
    }

    /** The same map with the value of that name replaced by what {@code change} makes of it. */
    public Fields changed(String name, UnaryOperator<Node> change) {
      return new Fields(
          place,
          fields.stream()
              .map(
                  f ->
                      f.name().equals(name)
                          ? new Field(f.place(), name, change.apply(f.value()))
                          : f)
              .toList());
    }
  }

  /** An entry of a map; {@code place} is the name's. */
  record Field(Place place, String name, Node value) {}

  /** Whether this is an explicit or an implied {@code null}. */
  static boolean isNull(Node node) {
    return node instanceof Scalar scalar && scalar.kind() == Kind.NULL;
  }
}
