package io.millrace.project;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.project.shape.Defs;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A query parameter. Of dlt's older ways to write one as a map, {@code type: resolve} is read as
 * the placeholder that it means; {@code type: incremental} is refused with the way on.
 */
record Param() implements Shape<Text> {
  @Override
  public Text read(Spot spot) {
    if (!(spot.node() instanceof Node.Fields fields)) {
      return Shapes.SENSITIVE.read(spot);
    }
    String type = text(fields, "type");
    if (type.equals("incremental")) {
      spot.refuse(
          "an incremental parameter is written the newer way",
          "put incremental: beside params:, and \"{incremental.start_value}\" here");
    } else if (type.equals("resolve")) {
      return resolved(fields, spot);
    } else {
      spot.refuse("expected text: found a map", "");
    }
    return null;
  }

  /** Takes out the parameters of the older form: they fill places in the path. */
  static Map<String, Text> taken(Map<String, Text> params, Spot spot) {
    Map<String, Text> taken = new LinkedHashMap<>();
    for (Spot below : spot.below()) {
      if (below.node() instanceof Node.Fields) {
        String name = below.path().substring(below.path().lastIndexOf('.') + 1);
        Text text = params.remove(name);
        if (text != null) {
          taken.put(name, text);
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
    return Shapes.VALUE.kind();
  }

  @Override
  public ObjectNode schema(Defs defs) {
    return Shapes.VALUE.schema(defs);
  }
}
