package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Refuses what an engine could not keep apart or hold, before any statement that changes something.
 */
final class Clashes {
  private final Sql sql;
  private final Catalog catalog;
  private final SystemTables system;

  Clashes(Sql sql, Catalog catalog, SystemTables system) {
    this.sql = sql;
    this.catalog = catalog;
    this.system = system;
  }

  void refuse(Schema schema, Collection<String> tables) {
    Map<String, String> seen = new HashMap<>();
    for (TableSchema table : schema.tables()) {
      String other = seen.put(catalog.folded(table.name()), table.name());
      if (other != null && (tables.contains(other) || tables.contains(table.name()))) {
        throw clash("tables", other, table.name());
      }
    }
    for (String name : tables) {
      if (system.reserved(name)) {
        throw new MillraceException(
            Failure.DATA_INVALID,
            "Cannot make table %s: Millrace keeps its own state there: %s (set table_name of the resource)"
                .formatted(name, name));
      }
      refuseLong("table", name);
      Catalog.Table there = catalog.table(name);
      if (there != null && !there.name().equals(name)) {
        throw clash("tables", there.name(), name);
      }
      Map<String, String> columns = new HashMap<>();
      for (Column column : Tables.required(schema, name).completeColumns()) {
        refuseLong("column", column.name());
        String other = columns.put(catalog.folded(column.name()), column.name());
        if (other != null) {
          throw clash("columns", name + "." + other, name + "." + column.name());
        }
      }
      refuseTaken(name, there);
      refuseWide(name, there, columns.keySet());
    }
  }

  private void refuseTaken(String name, Catalog.Table there) {
    String taken = there == null ? sql.dialect().taken(sql, name) : null;
    if (taken != null) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot make table %s: the name belongs to something that is no table: %s (rename that, set table_name of the resource, or take another dataset)"
              .formatted(name, taken));
    }
  }

  /** Refuses more columns than the engine can hold. */
  private void refuseWide(String name, Catalog.Table there, Collection<String> columns) {
    Dialect dialect = sql.dialect();
    long more = columns.stream().filter(c -> there == null || !there.has(c)).count();
    if (more == 0 || dialect.maxColumns() == Integer.MAX_VALUE) {
      return;
    }
    int used = there == null ? 0 : dialect.usedColumns(sql, name, there.fields().size());
    int room = dialect.maxColumns() - used;
    if (more > room) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot load table %s: %s has no room for its columns: %d more, room for %d, dropped ones count (set limits.columns_per_table: what comes later shares one JSON column)"
              .formatted(name, dialect.engine(), more, room));
    }
  }

  private void refuseLong(String what, String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > sql.dialect().maxNameBytes()) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot make %s %s: %s keeps %d bytes of a name (use naming: snake_case, or set max_identifier_length)"
              .formatted(what, name, sql.dialect().engine(), sql.dialect().maxNameBytes()));
    }
  }

  private MillraceException clash(String what, String one, String other) {
    return new MillraceException(
        Failure.DATA_INVALID,
        "Cannot keep %s apart: %s ignores case: %s and %s (use naming: snake_case)"
            .formatted(what, sql.dialect().engine(), one, other));
  }
}
