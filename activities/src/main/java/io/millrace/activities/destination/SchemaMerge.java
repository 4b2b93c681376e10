package io.millrace.activities.destination;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a package adds to the newest stored schema ({@code protocol.md} 5). Columns only grow. */
public final class SchemaMerge {
  private SchemaMerge() {}

  /**
   * The stored schema with the package's additions. Tables of the package's own resource take its
   * hints and column order, those of siblings keep what is stored.
   *
   * @param own tables that the package's resource writes
   * @throws MillraceException {@code SCHEMA_MOVED} when a column has another type than the stored
   *     one
   */
  public static Schema merge(Schema stored, Schema added, Collection<String> own) {
    Map<String, TableSchema> tables = new LinkedHashMap<>();
    stored.tables().forEach(t -> tables.put(t.name(), t));
    for (TableSchema table : added.tables()) {
      TableSchema before = tables.get(table.name());
      tables.put(
          table.name(), before == null ? table : merge(before, table, own.contains(table.name())));
    }
    return new Schema(
        stored.name(),
        stored.version(),
        stored.versionHash(),
        stored.previousHashes(),
        merge(stored.settings(), added.settings()),
        new ArrayList<>(tables.values()));
  }

  /** A table and all tables below it, parents first; the table itself need not be in the schema. */
  public static List<String> family(Schema schema, String root) {
    Set<String> family = new LinkedHashSet<>(List.of(root));
    boolean grown = true;
    while (grown) {
      grown = false;
      for (TableSchema table : schema.tables()) {
        if (table.parent() != null && family.contains(table.parent())) {
          grown |= family.add(table.name());
        }
      }
    }
    return List.copyOf(family);
  }

  /**
   * What is new in those tables, in words: {@code added table orders}, {@code added column
   * orders.price (decimal)}.
   */
  public static List<String> changes(Schema before, Schema after, Collection<String> tables) {
    List<String> words = new ArrayList<>();
    for (String name : tables) {
      TableSchema now = after.table(name).orElse(null);
      TableSchema then = before.table(name).orElse(null);
      if (now == null) {
        continue;
      }
      if (then == null || then.completeColumns().isEmpty()) {
        words.add("added table " + name);
        continue;
      }
      for (Column column : now.completeColumns()) {
        if (then.column(column.name()).filter(Column::complete).isEmpty()) {
          words.add("added column %s.%s (%s)".formatted(name, column.name(), column.type().key()));
        }
      }
    }
    return words;
  }

  private static TableSchema merge(TableSchema stored, TableSchema added, boolean own) {
    for (Column column : added.columns()) {
      DataType before = stored.column(column.name()).map(Column::type).orElse(null);
      if (before != null && column.type() != null && before != column.type()) {
        throw new MillraceException(
            Failure.SCHEMA_MOVED,
            "Cannot add column %s to %s: it exists with another type: %s, not %s (the segment is normalized again on the newer schema)"
                .formatted(column.name(), stored.name(), before.key(), column.type().key()));
      }
    }
    Set<String> known = new HashSet<>();
    added.columns().forEach(c -> known.add(c.name()));
    boolean complete = stored.columns().stream().allMatch(c -> known.contains(c.name()));
    if (own && complete) {
      return added;
    }
    TableSchema merged =
        own
            ? new TableSchema(
                stored.name(), added.parent(), added.resource(), added.hints(), stored.columns())
            : stored;
    for (Column column : added.columns()) {
      Column before = merged.column(column.name()).orElse(null);
      if (before == null
          || (own && column.complete())
          || (!before.complete() && column.complete())) {
        merged = merged.with(column);
      }
    }
    return merged;
  }

  private static JsonNode merge(JsonNode stored, JsonNode added) {
    if (stored == null || !stored.isObject() || added == null || !added.isObject()) {
      return added == null || added.isNull() ? stored : added;
    }
    ObjectNode merged = stored.deepCopy();
    for (Map.Entry<String, JsonNode> field : added.properties()) {
      merged.set(field.getKey(), merge(stored.get(field.getKey()), field.getValue()));
    }
    return merged;
  }
}
