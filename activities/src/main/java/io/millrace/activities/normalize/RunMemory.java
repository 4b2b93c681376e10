package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.schema.SchemaContract;

/**
 * What a run remembers of its contracts from segment to segment, beside the schema: the tables that
 * it made, and with dlt's rules the columns that it left out. It travels in the cursor.
 */
final class RunMemory {
  private final ObjectNode run;

  private RunMemory(ObjectNode run) {
    this.run = run;
  }

  /** What earlier segments of this run noted in the cursor; nothing of another run. */
  static RunMemory of(Order order) {
    String id = order.segment().runId();
    if (order.cursor() != null && order.cursor().get("run") instanceof ObjectNode o) {
      if (o.path("id").asText().equals(id)) {
        return new RunMemory(o.deepCopy());
      }
    }
    return new RunMemory(JsonNodeFactory.instance.objectNode().put("id", id));
  }

  /** A cursor with what a run remembers in another one; {@code null} for none. */
  static JsonNode carried(JsonNode into, JsonNode from) {
    JsonNode run = from.get("run");
    if (run == null) {
      return into;
    }
    ObjectNode cursor =
        into instanceof ObjectNode o ? o.deepCopy() : JsonNodeFactory.instance.objectNode();
    cursor.set("run", run);
    return cursor;
  }

  /** Puts it into the cursor, unless there is nothing to remember. */
  void write(ObjectNode cursor) {
    if (run.size() > 1) {
      cursor.set("run", run);
    }
  }

  boolean made(String table) {
    for (JsonNode n : run.path("new")) {
      if (n.asText().equals(table)) {
        return true;
      }
    }
    return false;
  }

  /** Notes that a table is new in this run, when its contract makes that matter. */
  void make(Table t) {
    if (t.contract.columns() != SchemaContract.Mode.EVOLVE && !made(t.name)) {
      run.withArrayProperty("new").add(t.name);
    }
  }

  /** Tells the columns of a table what the contract said of them. */
  void remind(Table t) {
    run.path("filtered")
        .path(t.name)
        .properties()
        .forEach(e -> t.slot(e.getKey()).filter(SchemaContract.Mode.of(e.getValue().asText())));
  }

  /** Notes that the contract left out a column, so that later rows of the run are judged alike. */
  void filter(Slot s, SchemaContract.Mode mode) {
    s.filter(mode);
    run.withObjectProperty("filtered").withObjectProperty(s.table.name).put(s.name, mode.key());
  }
}
