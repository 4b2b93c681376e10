package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Merges staged rows into a root table and the tables below it by deleting what they replace and
 * inserting what remains: without an index that is far cheaper in DuckDB than MERGE or ON CONFLICT
 * ({@code performance.md} C.5). Children follow their root by its id.
 */
final class Merge {
  /** The column of staged rows that says which came later. */
  static final String NUMBER = "_mr_number";

  private static final String PLACE = "_mr_place";
  private static final Set<String> OPTIONS = Set.of("disposition", "strategy", "deduplicated");

  private final Sql sql;
  private final String kept;
  private final String gone;
  private final Catalog catalog;
  private final SystemNames names;
  private final WriteDisposition how;

  Merge(Sql sql, Catalog catalog, SystemNames names, WriteDisposition how) {
    this.sql = sql;
    this.kept = sql.temp("_mr_kept");
    this.gone = sql.temp("_mr_gone");
    this.catalog = catalog;
    this.names = names;
    this.how = how;
  }

  /** Refuses what cannot be merged yet, before anything is written. */
  static void check(WriteDisposition how) {
    if (how.strategy() == Strategy.SCD2 || how.strategy() == Strategy.CDC) {
      throw unsupported("strategy " + how.strategy().key());
    }
    for (Map.Entry<String, Object> option : how.options().entrySet()) {
      if (!OPTIONS.contains(option.getKey()) && !Boolean.FALSE.equals(option.getValue())) {
        throw unsupported("option " + option.getKey());
      }
    }
  }

  private static MillraceException unsupported(String what) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot merge: not supported yet: %s (use delete-insert, upsert or insert-only without it)"
            .formatted(what));
  }

  /** Whether the root table has keys; rows of one without are appended. */
  static boolean hasKeys(TableSchema root) {
    return root.columns().stream().anyMatch(c -> c.hinted("primary_key") || c.hinted("merge_key"));
  }

  /**
   * @param family root table first
   * @param staged tables with staged rows to where they are, quoted
   * @return rows inserted per table
   */
  Map<String, Long> apply(Schema schema, List<String> family, Map<String, String> staged)
      throws SQLException {
    TableSchema root = Tables.required(schema, family.get(0));
    Map<String, Long> inserted = new LinkedHashMap<>();
    String stage = staged.get(root.name());
    if (stage == null) {
      return inserted;
    }
    List<String> primary = hinted(root, "primary_key");
    List<String> other =
        how.strategy() == Strategy.DELETE_INSERT ? hinted(root, "merge_key") : List.of();
    if (primary.isEmpty() && how.strategy() != Strategy.DELETE_INSERT) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot merge table %s: strategy %s needs a primary key: none is declared (set primary_key)"
              .formatted(root.name(), how.strategy().key()));
    }
    keep(root, stage, primary);
    if (how.strategy() != Strategy.INSERT_ONLY) {
      delete(family, stage, primary, other);
    }
    for (String table : family) {
      String from = staged.get(table);
      if (from != null) {
        inserted.put(table, insert(schema, root, table, from));
      }
    }
    sql.run("DROP TABLE " + kept);
    return inserted;
  }

  /** The staged root rows that go in: one per primary key, without those that only delete. */
  private void keep(TableSchema root, String stage, List<String> primary) throws SQLException {
    String conditions = String.join(" AND ", keepConditions(root, primary));
    sql.run(
        "CREATE TEMP TABLE _mr_kept AS SELECT s.%s AS id, s.%s AS number FROM %s s%s"
            .formatted(
                Sql.name(names.id()),
                Sql.name(NUMBER),
                oneEach(root, stage, primary),
                conditions.isEmpty() ? "" : " WHERE " + conditions));
  }

  private List<String> keepConditions(TableSchema root, List<String> primary) {
    List<String> conditions = new ArrayList<>();
    for (Column column : root.completeColumns()) {
      if (column.hinted("hard_delete")) {
        String name = "s." + Sql.name(column.name());
        conditions.add(
            column.type() == DataType.BOOL
                ? "(" + name + " IS NULL OR NOT " + name + ")"
                : name + " IS NULL");
      }
    }
    if (how.strategy() == Strategy.INSERT_ONLY) {
      conditions.add("NOT " + exists(sql.table(root.name()), "t", "s", primary));
    }
    return conditions;
  }

  /** The staged rows, one for each key. */
  private String oneEach(TableSchema root, String stage, List<String> primary) {
    if (primary.isEmpty() || Boolean.TRUE.equals(how.options().get("deduplicated"))) {
      return stage;
    }
    List<String> order = new ArrayList<>();
    for (Column column : root.completeColumns()) {
      Object direction = column.hints().get("dedup_sort");
      if (direction != null && how.strategy() == Strategy.DELETE_INSERT) {
        order.add(
            Sql.name(column.name()) + ("asc".equals(direction) ? " ASC" : " DESC") + " NULLS LAST");
      }
    }
    order.add(Sql.name(NUMBER) + (how.strategy() == Strategy.INSERT_ONLY ? " ASC" : " DESC"));
    return first(stage, "", Sql.names(primary), String.join(", ", order));
  }

  /** Removes the rows that staged keys hit, and everything below them. */
  private void delete(List<String> family, String stage, List<String> primary, List<String> other)
      throws SQLException {
    String root = sql.table(family.get(0));
    List<String> hits = new ArrayList<>();
    for (List<String> key : List.of(primary, other)) {
      if (!key.isEmpty()) {
        hits.add(
            "SELECT t.%s AS number, t.%s AS id FROM %s t WHERE %s"
                .formatted(
                    sql.dialect().rowId(),
                    Sql.name(names.id()),
                    root,
                    exists(stage, "s", "t", key)));
      }
    }
    sql.run("CREATE TEMP TABLE _mr_gone AS " + String.join(" UNION ", hits));
    if (sql.any("SELECT 1 FROM " + gone + " LIMIT 1")) {
      for (String child : family.subList(1, family.size())) {
        Catalog.Table found = catalog.table(child);
        if (found != null) {
          sql.run(
              "DELETE FROM %s WHERE %s IN (SELECT id FROM %s)"
                  .formatted(sql.table(child), Sql.name(rootId(found)), gone));
        }
      }
      sql.run(
          "DELETE FROM %s WHERE %s IN (SELECT number FROM %s)"
              .formatted(root, sql.dialect().rowId(), gone));
    }
    sql.run("DROP TABLE " + gone);
  }

  private long insert(Schema schema, TableSchema root, String table, String from)
      throws SQLException {
    String columns =
        Sql.names(
            Tables.required(schema, table).completeColumns().stream().map(Column::name).toList());
    String rows;
    if (table.equals(root.name())) {
      rows = "WHERE %s IN (SELECT number FROM %s)".formatted(Sql.name(NUMBER), kept);
    } else {
      rows =
          "WHERE %s IN (SELECT id FROM %s)".formatted(Sql.name(rootId(catalog.table(table))), kept);
      if (how.strategy() != Strategy.DELETE_INSERT) {
        // ids come from keys here: two records of one key have children of the same ids
        String order =
            Sql.name(NUMBER) + (how.strategy() == Strategy.INSERT_ONLY ? " ASC" : " DESC");
        from = first(from, rows, Sql.name(names.id()), order);
        rows = "";
      }
    }
    return sql.run(
        "INSERT INTO %s (%s) SELECT %s FROM %s y %s"
            .formatted(sql.table(table), columns, columns, from, rows));
  }

  /** Of the rows of each group only the first. */
  private static String first(String from, String where, String group, String order) {
    return "(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY %s ORDER BY %s) AS %s FROM %s %s) x WHERE %s = 1)"
        .formatted(group, order, PLACE, from, where, PLACE);
  }

  private String rootId(Catalog.Table child) {
    if (!child.has(names.rootId())) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot merge table %s: its rows do not know their root row: it has no column %s (do not set root_key: false)"
              .formatted(child.name(), names.rootId()));
    }
    return names.rootId();
  }

  /** Whether a row of {@code table} (named {@code inner}) has the key of the row {@code outer}. */
  private static String exists(String table, String inner, String outer, List<String> key) {
    return "EXISTS (SELECT 1 FROM %s %s WHERE %s)"
        .formatted(
            table,
            inner,
            key.stream()
                .map(Sql::name)
                .map(k -> inner + "." + k + " = " + outer + "." + k)
                .collect(Collectors.joining(" AND ")));
  }

  private static List<String> hinted(TableSchema table, String hint) {
    return table.completeColumns().stream().filter(c -> c.hinted(hint)).map(Column::name).toList();
  }
}
