package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a record looks like: its fields and the types that they would land with. */
final class RecordShape {
  private static final int MOST = 40;
  private static final int DEPTH = 3;
  private static final int NAME = 60;
  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d([.,]\\d+)?)?(Z|[+-]\\d\\d:?\\d\\d)?");

  private final List<Field> fields = new ArrayList<>();
  private int more;

  /**
   * @param name as in the record, with points between levels; cut when it is long
   * @param type of Millrace, {@code list of …}, or {@code null} for a field that has no value
   */
  record Field(String name, String type) {}

  private RecordShape() {}

  static RecordShape of(JsonNode record) {
    RecordShape shape = new RecordShape();
    if (record.isObject()) {
      shape.object("", record, 0);
    } else {
      shape.add("value", type(record));
    }
    return shape;
  }

  /** At most {@value #MOST}, in the order of the record. */
  List<Field> fields() {
    return fields;
  }

  /** {@code id bigint, owner.login text, … and 3 more}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Field field : fields) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(field.name())
          .append(' ')
          .append(field.type() == null ? "(no value)" : field.type());
    }
    return more == 0 ? text.toString() : text + " and " + more + " more";
  }

  private void object(String before, JsonNode object, int depth) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = before + field.getKey();
      JsonNode value = field.getValue();
      if (value.isObject() && depth < DEPTH && !value.isEmpty()) {
        object(name + ".", value, depth + 1);
      } else {
        add(name, type(value));
      }
    }
  }

  private void add(String name, String type) {
    if (fields.size() == MOST) {
      more++;
      return;
    }
    String line = name.replaceAll("\\p{Cntrl}", " ");
    fields.add(new Field(line.length() > NAME ? line.substring(0, NAME) + "…" : line, type));
  }

  /** The type that a value lands with when nothing is said; {@code null} for no value. */
  static String type(JsonNode value) {
    if (value.isArray()) {
      JsonNode first = value.isEmpty() ? null : value.get(0);
      String inner = first == null ? "nothing" : first.isObject() ? "records" : type(first);
      return "list of " + (inner == null ? "nothing" : inner);
    }
    if (value.isTextual()) {
      return TIMESTAMP.matcher(value.asText()).matches() ? "timestamp" : "text";
    }
    if (value.isBoolean()) {
      return "bool";
    }
    if (value.isIntegralNumber()) {
      return value.canConvertToLong() ? "bigint" : "wei";
    }
    return value.isNumber() ? "double" : value.isObject() ? "json" : null;
  }
}
