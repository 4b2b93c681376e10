package io.millrace.project;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.project.shape.Defs;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;

/**
 * A query parameter. dlt's older ways to write one as a map are told apart, and refused with the
 * way on.
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
      Templates.refuseParent(spot, text(fields, "resource"));
    } else {
      spot.refuse("expected text: found a map", "");
    }
    return null;
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
