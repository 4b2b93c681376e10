package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.normalize.value.Naming;
import io.millrace.destination.SystemNames;
import io.millrace.run.Wire;
import io.millrace.schema.SchemaContract;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Source;
import java.util.List;

/**
 * What a stored schema says beside its tables: {@code settings} and {@code normalizers}, as dlt.
 */
final class StoredSettings {
  private StoredSettings() {}

  /**
   * @param propagating tables whose rows hand their id down as the root's
   */
  static JsonNode of(Order order, Naming naming, Iterable<String> propagating) {
    SchemaSettings s = order.project().schema();
    SystemNames n = order.project().systemNames();
    Source.Settings source = order.source().settings();
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    ObjectNode settings = out.putObject("settings");
    settings.set("detections", Wire.mapper().valueToTree(s.detections()));
    ObjectNode hints = settings.putObject("default_hints");
    list(hints, "not_null", List.of(n.id(), n.rootId(), n.parentId(), n.listIdx(), n.loadId()));
    list(hints, "parent_key", List.of(n.parentId()));
    list(hints, "root_key", List.of(n.rootId()));
    list(hints, "unique", List.of(n.id()));
    list(hints, "row_key", List.of(n.id()));
    if (!s.preferredTypes().isEmpty()) {
      ObjectNode types = settings.putObject("preferred_types");
      Types.preferred(s, naming).forEach((k, v) -> types.put(k, v.key()));
    }
    SchemaContract contract = source.schemaContract();
    if (contract != null) {
      settings.set("schema_contract", Wire.mapper().valueToTree(contract.written()));
    }
    ObjectNode normalizers = out.putObject("normalizers");
    normalizers.put("names", s.naming());
    ObjectNode json = normalizers.putObject("json");
    json.put("module", "dlt.common.normalizers.json.relational");
    ObjectNode config = config(order, propagating);
    if (!config.isEmpty()) {
      json.set("config", config);
    }
    return out;
  }

  private static ObjectNode config(Order order, Iterable<String> propagating) {
    SystemNames n = order.project().systemNames();
    Source.Settings source = order.source().settings();
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    if (source.maxTableNesting() != null) {
      config.put("max_nesting", source.maxTableNesting());
    }
    if (source.rootKey() != null) {
      config.put("root_key_propagation", source.rootKey());
    }
    ObjectNode tables = JsonNodeFactory.instance.objectNode();
    JsonNode before = order.schema().settings();
    if (before != null
        && before.at("/normalizers/json/config/propagation/tables") instanceof ObjectNode o) {
      tables.setAll(o);
    }
    for (String t : propagating) {
      tables.putObject(t).put(n.id(), n.rootId());
    }
    if (!tables.isEmpty()) {
      config.putObject("propagation").set("tables", tables);
    }
    return config;
  }

  private static void list(ObjectNode into, String key, List<String> names) {
    names.forEach(into.withArrayProperty(key)::add);
  }
}
