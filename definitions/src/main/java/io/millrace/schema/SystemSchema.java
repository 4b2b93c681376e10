package io.millrace.schema;

import io.millrace.destination.SystemNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The system tables that a stored schema lists beside those of the data, so that it is the one that
 * dlt would store. They are no part of a {@link Schema} on its way: nothing normalizes or migrates
 * them.
 */
public final class SystemSchema {
  private static final String DLT = "_dlt";

  private SystemSchema() {}

  /**
   * The schema as it is stored: with the tables for versions and loads, and dlt's for its state.
   */
  public static Schema added(Schema schema, SystemNames system) {
    List<TableSchema> tables = new ArrayList<>();
    tables.add(versions(system));
    tables.add(loads(system));
    tables.addAll(schema.tables());
    if (dlt(system)) {
      tables.add(state(system));
    }
    return with(schema, tables);
  }

  /** The schema without the tables of {@link #added}. */
  public static Schema removed(Schema stored, SystemNames system) {
    return with(
        stored,
        stored.tables().stream()
            .filter(t -> !t.name().equals(system.version()))
            .filter(t -> !t.name().equals(system.loads()))
            .filter(t -> !dlt(system) || !t.name().equals(stateName(system)))
            .toList());
  }

  private static boolean dlt(SystemNames system) {
    return system.prefix().equals(DLT);
  }

  private static Schema with(Schema s, List<TableSchema> tables) {
    return new Schema(
        s.name(), s.version(), s.versionHash(), s.previousHashes(), s.settings(), tables);
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

  /** dlt keeps its state in this table and makes it when it is missing; we do not. */
  private static TableSchema state(SystemNames system) {
    Map<String, Object> hints = new LinkedHashMap<>();
    hints.put("write_disposition", "append");
    hints.put("file_format", "preferred");
    hints.put("x-normalizer", Map.of("seen-data", true));
    Column id =
        new Column(
            system.id(),
            DataType.TEXT,
            false,
            null,
            null,
            null,
            Map.of("unique", true, "row_key", true));
    return new TableSchema(
        stateName(system),
        null,
        stateName(system),
        hints,
        List.of(
            column("version", DataType.BIGINT, false, null),
            column("engine_version", DataType.BIGINT, false, null),
            column("pipeline_name", DataType.TEXT, false, null),
            column("state", DataType.TEXT, false, null),
            column("created_at", DataType.TIMESTAMP, false, null),
            column("version_hash", DataType.TEXT, true, null),
            column(system.loadId(), DataType.TEXT, false, 64),
            id));
  }

  private static String stateName(SystemNames system) {
    return system.prefix() + "_pipeline_state";
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
