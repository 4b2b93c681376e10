package io.millrace.project;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.project.shape.Defs;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A query parameter as Python's {@code requests} writes it, because dlt does: a list repeats the
 * name, {@code null} leaves it out, {@code true} is {@code True}. Of dlt's older ways to write one
 * as a map, {@code type: resolve} is read as the placeholder that it means.
 */
record Param() implements Shape<List<Text>> {
  private static final Shape<Object> WRITTEN =
      Shapes.either(
          Shapes.oneOrMany(Shapes.orNull(Shapes.VALUE, null)), Shapes.mapOf(Shapes.ANYTHING));

  @Override
  public List<Text> read(Spot spot) {
    if (spot.node() instanceof Node.Fields fields) {
      return map(spot, fields);
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

  private static List<Text> map(Spot spot, Node.Fields fields) {
    String type = text(fields, "type");
    if (type.equals("incremental")) {
      spot.refuse(
          "the endpoint has an incremental already, and one is all that it can have",
          "write \"{incremental.start_value}\" here");
    } else if (type.equals("resolve")) {
      Text text = resolved(fields, spot);
      return text == null ? null : List.of(text);
    } else {
      spot.refuse("expected text or a list of texts: found a map", "");
    }
    return null;
  }

  /** Takes out the parameters of the older form: they fill places in the path. */
  static Map<String, Text> taken(Map<String, List<Text>> params, Spot spot) {
    Map<String, Text> taken = new LinkedHashMap<>();
    for (Spot below : spot.below()) {
      if (below.node() instanceof Node.Fields) {
        String name = below.path().substring(below.path().lastIndexOf('.') + 1);
        List<Text> texts = params.remove(name);
        if (texts != null) {
          taken.put(name, texts.get(0));
        }
      }
    }
    return taken;
  }

  /** The path with the places filled that the older form's parameters are for. */
  static Text bound(Text path, Map<String, Text> resolved, Spot spot) {
    String text = path == null ? "" : path.raw();
    for (Map.Entry<String, Text> param : resolved.entrySet()) {
      String place = "{" + param.getKey() + "}";
      if (path != null && !text.contains(place)) {
        spot.key(param.getKey())
            .refuse(
                "the path has no place for it: " + place,
                "write " + param.getValue().raw() + " as the parameter's value");
      }
      text = text.replace(place, param.getValue().raw());
    }
    return path == null ? null : new Text(text);
  }

  /** dlt's older way to name a field of the parent; the newer one means the same. */
  private static Text resolved(Node.Fields fields, Spot spot) {
    String parent = text(fields, "resource");
    String field = text(fields, "field");
    if (parent.isEmpty() || field.isEmpty()) {
      spot.refuse(
          "it names no parent, or no field of it", "write resource: and field:, both as text");
      return null;
    }
    return new Text("{resources." + parent + "." + field + "}");
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
