package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.sql.Catalog.Field;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which columns the system tables have, in their order: later ones were added at the end. */
final class Layouts {
  private final Sql sql;
  private final Map<String, List<Field>> columns = new LinkedHashMap<>();

  Layouts(Sql sql, SystemNames names) {
    this.sql = sql;
    columns.put(
        names.loads(),
        List.of(
            text("load_id"),
            nullable(text("schema_name")),
            number("status"),
            time("inserted_at"),
            nullable(text("schema_version_hash"))));
    columns.put(
        names.version(),
        List.of(
            number("version"),
            number("engine_version"),
            time("inserted_at"),
            text("schema_name"),
            text("version_hash"),
            text("schema")));
    columns.put(
        SystemNames.STATE,
        List.of(
            text("project"),
            text("asset"),
            nullable(text("partition")),
            number("epoch"),
            number("segment"),
            json("checkpoint"),
            json("shadow"),
            nullable(text("load_id")),
            time("updated_at")));
    columns.put(
        SystemNames.RECEIPTS,
        List.of(
            text("load_id"),
            text("project"),
            text("asset"),
            nullable(text("partition")),
            nullable(text("run_id")),
            number("epoch"),
            number("segment"),
            text("package_sha256"),
            required(json("rows")),
            required(json("schema_changes")),
            number("rejected"),
            number("bytes"),
            number("requests"),
            json("checkpoint_before"),
            json("checkpoint_after"),
            time("committed_at"),
            json("removed"),
            json("notes")));
    columns.put(
        SystemNames.REJECTS,
        List.of(
            text("load_id"),
            text("asset"),
            nullable(text("table_name")),
            nullable(text("path")),
            nullable(text("reason")),
            json("record"),
            time("rejected_at")));
    columns.put(
        SystemNames.BOUNDARY_KEYS,
        List.of(
            text("project"),
            text("asset"),
            nullable(text("partition")),
            text("sha256"),
            number("part"),
            text("keys")));
    columns.put(
        SystemNames.WINDOW_KEYS,
        List.of(text("project"), text("asset"), nullable(text("partition")), text("digest")));
    columns.put(
        SystemNames.CORRECTIONS,
        List.of(
            text("project"),
            text("asset"),
            nullable(text("partition")),
            number("epoch"),
            text("deed"),
            nullable(text("load_id")),
            json("checkpoint_before"),
            json("checkpoint_after"),
            json("removed"),
            time("corrected_at")));
  }

  /** Table to columns. */
  Map<String, List<Field>> columns() {
    return Collections.unmodifiableMap(columns);
  }

  private Field text(String name) {
    return field(name, DataType.TEXT);
  }

  private Field number(String name) {
    return field(name, DataType.BIGINT);
  }

  private Field time(String name) {
    return field(name, DataType.TIMESTAMP);
  }

  /** May be NULL. */
  private Field json(String name) {
    return nullable(field(name, DataType.JSON));
  }

  private Field field(String name, DataType type) {
    return new Field(name, sql.type(Column.of(name, type)), false);
  }

  private static Field nullable(Field field) {
    return new Field(field.name(), field.type(), true);
  }

  private static Field required(Field field) {
    return new Field(field.name(), field.type(), false);
  }
}
