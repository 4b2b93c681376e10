package io.millrace.schema;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.destination.SystemNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The schema that a source begins with: settings and the system tables, in dlt's stored form. */
public final class NewSchema {
  private NewSchema() {}

  /**
   * A schema that was never stored, with the tables for versions and loads.
   *
   * @param name the source's name
   */
  public static Schema of(String name, SystemNames system, SchemaSettings settings) {
    return new Schema(
        name,
        0,
        null,
        List.of(),
        settings(system, settings),
        List.of(versions(system), loads(system)));
  }

  private static ObjectNode settings(SystemNames system, SchemaSettings settings) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode inner = root.putObject("settings");
    settings.detections().forEach(inner.putArray("detections")::add);
    ObjectNode hints = inner.putObject("default_hints");
    hints
        .putArray("not_null")
        .add(system.id())
        .add(system.rootId())
        .add(system.parentId())
        .add(system.listIdx())
        .add(system.loadId());
    hints.putArray("parent_key").add(system.parentId());
    hints.putArray("root_key").add(system.rootId());
    hints.putArray("unique").add(system.id());
    hints.putArray("row_key").add(system.id());
    if (!settings.preferredTypes().isEmpty()) {
      ObjectNode preferred = inner.putObject("preferred_types");
      settings.preferredTypes().forEach((column, type) -> preferred.put(column, type.key()));
    }
    ObjectNode normalizers = root.putObject("normalizers");
    normalizers.put("names", settings.naming());
    normalizers.putObject("json").put("module", "dlt.common.normalizers.json.relational");
    return root;
  }

  private static TableSchema versions(SystemNames system) {
    return table(
        system.version(),
        "Every version of this schema",
        column("version", DataType.BIGINT, false, null),
        column("engine_version", DataType.BIGINT, false, null),
        column("inserted_at", DataType.TIMESTAMP, false, null),
        column("schema_name", DataType.TEXT, false, null),
        column("version_hash", DataType.TEXT, false, null),
        column("schema", DataType.TEXT, false, null));
  }

  private static TableSchema loads(SystemNames system) {
    return table(
        system.loads(),
        "Every load that was completed",
        column("load_id", DataType.TEXT, false, 64),
        column("schema_name", DataType.TEXT, true, null),
        column("status", DataType.BIGINT, false, null),
        column("inserted_at", DataType.TIMESTAMP, false, null),
        column("schema_version_hash", DataType.TEXT, true, null));
  }

  private static TableSchema table(String name, String description, Column... columns) {
    Map<String, Object> hints = new LinkedHashMap<>();
    hints.put("write_disposition", "skip");
    hints.put("description", description);
    return new TableSchema(name, null, name, hints, List.of(columns));
  }

  private static Column column(String name, DataType type, boolean nullable, Integer precision) {
    return new Column(name, type, nullable, precision, null, null, Map.of());
  }
}
