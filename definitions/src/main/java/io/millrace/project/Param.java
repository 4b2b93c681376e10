package io.millrace.project;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.project.shape.Defs;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import java.util.ArrayList;
import java.util.List;

/**
 * A query parameter as Python's {@code requests} writes it, because dlt does: a list repeats the
 * name, {@code null} leaves it out, {@code true} is {@code True}. dlt's older ways to write one as
 * a map are told apart, and refused with the way on.
 */
record Param() implements Shape<List<Text>> {
  private static final Shape<Object> WRITTEN =
      Shapes.either(
          Shapes.oneOrMany(Shapes.orNull(Shapes.VALUE, null)), Shapes.mapOf(Shapes.ANYTHING));

  @Override
  public List<Text> read(Spot spot) {
    if (spot.node() instanceof Node.Fields fields) {
      map(spot, fields);
      return null;
    }
    if (!(spot.node() instanceof Node.Items)) {
      return one(spot);
    }
    List<Text> all = new ArrayList<>();
    for (Spot item : spot.below()) {
      if (!Node.isNull(item.node())) {
        List<Text> value = one(item);
        if (value == null) {
          return null;
        }
        all.addAll(value);
      }
    }
    return all;
  }

  private static List<Text> one(Spot spot) {
    Text text = Shapes.SENSITIVE.read(spot);
    if (text == null) {
      return null;
    }
    boolean bool = ((Node.Scalar) spot.node()).kind() == Node.Kind.BOOL;
    return List.of(bool ? new Text(python(text.raw().equals("true"))) : text);
  }

  /** How Python writes a boolean where a text is wanted. */
  private static String python(boolean value) {
    return value ? "True" : "False";
  }

  private static void map(Spot spot, Node.Fields fields) {
    String type = text(fields, "type");
    if (type.equals("incremental")) {
      spot.refuse(
          "the endpoint has an incremental already, and one is all that it can have",
          "write \"{incremental.start_value}\" here");
    } else if (type.equals("resolve")) {
      Templates.refuseParent(spot, text(fields, "resource"));
    } else {
      spot.refuse("expected text or a list of texts: found a map", "");
    }
  }

  private static String text(Node.Fields fields, String key) {
    return fields.get(key).orElse(null) instanceof Node.Scalar scalar ? scalar.text() : "";
  }

  @Override
  public String kind() {
    return Shapes.VALUE.kind() + ", or a list of it";
  }

  @Override
  public ObjectNode schema(Defs defs) {
    return WRITTEN.schema(defs);
  }
}
