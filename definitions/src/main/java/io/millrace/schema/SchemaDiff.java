package io.millrace.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What differs between two versions of a schema, in words for people. Stateless. */
public final class SchemaDiff {
  private SchemaDiff() {}

  /**
   * Tables and columns that exist in the destination: {@code added table orders}, {@code added
   * column orders.price (decimal)}, {@code changed column orders.id: bigint to text}, {@code
   * removed table old}. Nothing about hints but those of the tables' write disposition.
   */
  public static List<String> changes(Schema before, Schema after) {
    List<String> words = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    before.tables().forEach(t -> names.add(t.name()));
    after.tables().forEach(t -> names.add(t.name()));
    for (String name : names) {
      TableSchema then = before.table(name).filter(SchemaDiff::exists).orElse(null);
      TableSchema now = after.table(name).filter(SchemaDiff::exists).orElse(null);
      if (then == null && now != null) {
        words.add("added table %s (%d columns)".formatted(name, now.completeColumns().size()));
      } else if (then != null && now == null) {
        words.add("removed table " + name);
      } else if (then != null) {
        columns(then, now, words);
      }
    }
    return words;
  }

  private static void columns(TableSchema then, TableSchema now, List<String> words) {
    String table = now.name();
    for (Column column : now.completeColumns()) {
      Column old = then.column(column.name()).filter(Column::complete).orElse(null);
      String named = table + "." + column.name();
      if (old == null) {
        words.add("added column %s (%s)".formatted(named, type(column)));
      } else if (!type(old).equals(type(column))) {
        words.add("changed column %s: %s to %s".formatted(named, type(old), type(column)));
      } else if (old.acceptsNull() != column.acceptsNull()) {
        words.add(
            "changed column %s: %s".formatted(named, column.acceptsNull() ? "null" : "not null"));
      }
    }
    for (Column column : then.completeColumns()) {
      if (now.column(column.name()).filter(Column::complete).isEmpty()) {
        words.add("removed column %s.%s".formatted(table, column.name()));
      }
    }
    Object how = then.hints().get("write_disposition");
    if (!Objects.equals(how, now.hints().get("write_disposition"))) {
      words.add(
          "changed write_disposition of %s: %s to %s"
              .formatted(table, how, now.hints().get("write_disposition")));
    }
  }

  /** A column's type with what belongs to it: {@code decimal(18, 2)}. */
  public static String type(Column column) {
    String type = column.type().key();
    return column.precision() == null
        ? type
        : column.scale() == null
            ? "%s(%d)".formatted(type, column.precision())
            : "%s(%d, %d)".formatted(type, column.precision(), column.scale());
  }

  private static boolean exists(TableSchema table) {
    return !table.completeColumns().isEmpty();
  }
}
