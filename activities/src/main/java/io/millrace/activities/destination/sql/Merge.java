package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges staged rows into a root table and the tables below it by key: deletes what they replace
 * and inserts what remains. Without an index that is far cheaper in DuckDB than MERGE or ON
 * CONFLICT ({@code performance.md} C.5). Children follow their root by its id.
 */
final class Merge {
  /** The column of staged rows that says which came later. */
  static final String NUMBER = "_mr_number";

  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;
  private final WriteDisposition how;
  private final boolean compat;

  Merge(Sql sql, Catalog catalog, SystemNames names, WriteDisposition how, boolean compat) {
    this.sql = sql;
    this.catalog = catalog;
    this.names = names;
    this.how = how;
    this.compat = compat;
  }

  /** Whether the root table has keys; under delete-insert rows of one without are appended. */
  static boolean hasKeys(TableSchema root) {
    return root.columns().stream().anyMatch(c -> c.hinted("primary_key") || c.hinted("merge_key"));
  }

  /**
   * @param family root table first
   * @param staged tables with staged rows to where they are, quoted
   * @return rows inserted per table
   */
  Map<String, Long> apply(Schema schema, List<String> family, Map<String, String> staged) {
    TableSchema root = Tables.required(schema, family.get(0));
    Map<String, Long> inserted = new LinkedHashMap<>();
    String stage = staged.get(root.name());
    if (stage == null) {
      return inserted;
    }
    if (how.strategy() != Strategy.DELETE_INSERT && hinted(root, "primary_key").isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot merge table %s: strategy %s needs a primary key: none is declared (set primary_key)"
              .formatted(root.name(), how.strategy().key()));
    }
    Condition.filter(sql, names, how, schema, family, staged);
    Kept kept = new Kept(sql, names, how, compat, root, stage);
    kept.choose();
    if (how.strategy() != Strategy.INSERT_ONLY) {
      kept.findSame();
      new Replaced(sql, catalog, names, how, compat, root, stage, kept).delete(schema, family);
    }
    Below below = new Below(sql, names, schema, family, t -> knowsRoot(schema, t), kept.ids());
    for (String table : family) {
      if (staged.containsKey(table)) {
        inserted.put(table, insert(schema, root, table, staged.get(table), kept, below));
      }
    }
    below.drop();
    kept.drop();
    return inserted;
  }

  private long insert(
      Schema schema, TableSchema root, String table, String from, Kept kept, Below below) {
    String columns =
        Sql.names(
            Tables.required(schema, table).completeColumns().stream().map(Column::name).toList());
    boolean isRoot = table.equals(root.name());
    if (kept.all()) {
      return sql.run(
          "INSERT INTO %s (%s) SELECT %s FROM %s"
              .formatted(sql.table(table), columns, columns, from));
    }
    String rows =
        isRoot ? "%s IN (%s)".formatted(Sql.name(NUMBER), kept.numbers()) : below.condition(table);
    below.mark(table, from, rows);
    rows = "WHERE " + rows;
    String id = Sql.name(names.id());
    if (isRoot && kept.skipsSame()) {
      rows += " AND " + Condition.absent(Sql.name(NUMBER), kept.same());
    }
    if (!isRoot && how.strategy() == Strategy.INSERT_ONLY && compat) {
      // dlt looks at each child row for itself, also below roots that stay as they are
      rows = "WHERE " + Condition.absent(id, "SELECT %s FROM %s".formatted(id, sql.table(table)));
    }
    if (!isRoot && how.strategy() != Strategy.DELETE_INSERT) {
      // ids come from keys here: two records of one key have children of the same ids
      from = Kept.first(from, rows, id, kept.later());
      rows = "";
    }
    return sql.run(
        "INSERT INTO %s (%s) SELECT %s FROM %s y %s"
            .formatted(sql.table(table), columns, columns, from, rows));
  }

  private boolean knowsRoot(Schema schema, String table) {
    return Tables.required(schema, table)
        .column(names.rootId())
        .filter(Column::complete)
        .isPresent();
  }

  static List<String> hinted(TableSchema table, String hint) {
    return table.completeColumns().stream().filter(c -> c.hinted(hint)).map(Column::name).toList();
  }
}
