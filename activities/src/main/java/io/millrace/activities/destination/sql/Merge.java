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

/**
 * Merges staged rows into a root table and the tables below it by key: deletes what they replace
 * and inserts what remains. Without an index that is far cheaper in DuckDB than MERGE or ON
 * CONFLICT ({@code performance.md} C.5). Children follow their root by its id.
 */
final class Merge {
  /** The column of staged rows that says which came later. */
  static final String NUMBER = "_mr_number";

  private static final String PLACE = "_mr_place";

  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;
  private final WriteDisposition how;
  private final boolean compat;

  /** Temporary: ids and numbers of the staged root rows that are right, one per key. */
  private final String kept;

  /** Whether that is all of them, as with most batches: then the table is not made. */
  private boolean keepsAll;

  /** Temporary: numbers of those that the table has already, under {@code skip_unchanged_rows}. */
  private final String same;

  /** Temporary: root rows of the table that go. */
  private final String gone;

  Merge(Sql sql, Catalog catalog, SystemNames names, WriteDisposition how, boolean compat) {
    this.sql = sql;
    this.catalog = catalog;
    this.names = names;
    this.how = how;
    this.compat = compat;
    this.kept = sql.temp("_mr_kept");
    this.same = sql.temp("_mr_same");
    this.gone = sql.temp("_mr_gone");
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
  Map<String, Long> apply(Schema schema, List<String> family, Map<String, String> staged)
      throws SQLException {
    TableSchema root = Tables.required(schema, family.get(0));
    Map<String, Long> inserted = new LinkedHashMap<>();
    String stage = staged.get(root.name());
    if (stage == null) {
      return inserted;
    }
    List<String> primary = hinted(root, "primary_key");
    if (primary.isEmpty() && how.strategy() != Strategy.DELETE_INSERT) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot merge table %s: strategy %s needs a primary key: none is declared (set primary_key)"
              .formatted(root.name(), how.strategy().key()));
    }
    Condition.filter(sql, how, stage);
    keep(root, stage, primary);
    if (how.strategy() != Strategy.INSERT_ONLY) {
      findSame(root, stage, primary);
      delete(root, family, stage, primary);
    }
    for (String table : family) {
      String from = staged.get(table);
      if (from != null) {
        inserted.put(table, insert(schema, root, table, from));
      }
    }
    if (!keepsAll) {
      sql.run("DROP TABLE " + kept);
    }
    if (skipsSame()) {
      sql.run("DROP TABLE " + same);
    }
    return inserted;
  }

  /** The staged root rows that go in: one per primary key, without those that only delete. */
  private void keep(TableSchema root, String stage, List<String> primary) throws SQLException {
    String conditions = String.join(" AND ", keepConditions(root, primary));
    keepsAll =
        conditions.isEmpty()
            && !skipsSame()
            && !how.options().containsKey("source_filter") // rows below one that it took stay out
            && !hasTwice(stage, primary);
    if (keepsAll) {
      return;
    }
    sql.run(
        "CREATE TEMP TABLE _mr_kept AS SELECT s.%s AS id, s.%s AS number FROM %s s%s"
            .formatted(
                Sql.name(names.id()),
                Sql.name(NUMBER),
                oneEach(root, stage, primary),
                conditions.isEmpty() ? "" : " WHERE " + conditions));
  }

  /** Looking for a key that came twice costs a third of choosing a row for each. */
  private boolean hasTwice(String stage, List<String> primary) throws SQLException {
    boolean trusted = comesOnce(primary) && how.strategy() == Strategy.DELETE_INSERT;
    return !trusted
        && sql.any(
            "SELECT 1 FROM %s GROUP BY %s HAVING count(*) > 1 LIMIT 1"
                .formatted(stage, Sql.names(primary)));
  }

  private boolean comesOnce(List<String> primary) {
    return primary.isEmpty() || Boolean.TRUE.equals(how.options().get("deduplicated"));
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
      conditions.add("NOT " + Condition.exists(sql.table(root.name()), "t", "s", primary));
    }
    return conditions;
  }

  /** The staged rows, one for each key. */
  private String oneEach(TableSchema root, String stage, List<String> primary) {
    if (comesOnce(primary)) {
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
    order.add(later());
    return first(stage, "", Sql.names(primary), String.join(", ", order));
  }

  /** The order in which the first row of a key is the one that counts. */
  private String later() {
    return Sql.name(NUMBER) + (how.strategy() == Strategy.INSERT_ONLY ? " ASC" : " DESC");
  }

  private boolean skipsSame() {
    return Boolean.TRUE.equals(how.options().get("skip_unchanged_rows"));
  }

  /** Root rows that would not change stay as they are, with the load id that they have. */
  private void findSame(TableSchema root, String stage, List<String> primary) throws SQLException {
    if (!skipsSame()) {
      return;
    }
    List<String> compared = hinted(root, "x-row-version");
    if (compared.isEmpty()) {
      compared = new ArrayList<>();
      for (Column column : root.completeColumns()) {
        if (!column.name().equals(names.loadId()) && !primary.contains(column.name())) {
          compared.add(column.name());
        }
      }
    }
    List<String> equal = new ArrayList<>();
    for (Column column : root.completeColumns()) {
      if (compared.contains(column.name())) {
        String cast = column.type() == DataType.JSON ? "::VARCHAR" : "";
        String name = Sql.name(column.name());
        equal.add("s.%s%s IS NOT DISTINCT FROM t.%s%s".formatted(name, cast, name, cast));
      }
    }
    equal.addAll(Condition.equal("s", "t", primary));
    sql.run(
        "CREATE TEMP TABLE _mr_same AS SELECT s.%s AS number FROM %s s WHERE s.%s IN (SELECT number FROM %s) AND EXISTS (SELECT 1 FROM %s t WHERE %s)"
            .formatted(
                Sql.name(NUMBER),
                stage,
                Sql.name(NUMBER),
                kept,
                sql.table(root.name()),
                String.join(" AND ", equal)));
  }

  /** Removes the rows that staged rows replace, and everything below them. */
  private void delete(TableSchema root, List<String> family, String stage, List<String> primary)
      throws SQLException {
    String table = sql.table(root.name());
    List<String> matches = hits(root, stage, primary);
    boolean alone = family.stream().skip(1).allMatch(child -> catalog.table(child) == null);
    if (alone && matches.size() == 1 && !skipsSame()) {
      // nothing below has to know which rows went
      sql.run("DELETE FROM %s AS t WHERE %s".formatted(table, matches.get(0)));
      return;
    }
    String which =
        "SELECT t.%s AS number, t.%s AS id, %s AS stays FROM %s t WHERE "
            .formatted(sql.dialect().rowId(), Sql.name(names.id()), stays(stage, primary), table);
    List<String> hits = new ArrayList<>();
    for (String hit : matches) {
      hits.add(which + hit);
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
          "DELETE FROM %s WHERE %s IN (SELECT number FROM %s WHERE NOT stays)"
              .formatted(table, sql.dialect().rowId(), gone));
    }
    sql.run("DROP TABLE " + gone);
  }

  private String stays(String stage, List<String> primary) {
    return skipsSame()
        ? "EXISTS (SELECT 1 FROM %s s WHERE s.%s IN (SELECT number FROM %s) AND %s)"
            .formatted(
                stage,
                Sql.name(NUMBER),
                same,
                String.join(" AND ", Condition.equal("s", "t", primary)))
        : "FALSE";
  }

  /** What makes a row {@code t} of the table go. */
  private List<String> hits(TableSchema root, String stage, List<String> primary) {
    List<String> other = hinted(root, "merge_key");
    String scope = Condition.scope(sql, how, root.name(), stage);
    List<String> hits = new ArrayList<>();
    if (!primary.isEmpty()) {
      hits.add(Condition.exists(stage, "s", "t", primary));
    }
    if (how.strategy() == Strategy.CDC) {
      String absent = "NOT " + Condition.exists(stage, "s", "t", primary);
      String within =
          scope != null
              ? scope
              : other.isEmpty() ? "TRUE" : Condition.exists(stage, "s", "t", other);
      hits.add(absent + " AND " + within);
    } else if (how.strategy() == Strategy.DELETE_INSERT) {
      if (scope != null) {
        hits.add(scope);
      } else if (!other.isEmpty()) {
        hits.add(Condition.exists(stage, "s", "t", other));
      }
    }
    return hits;
  }

  private long insert(Schema schema, TableSchema root, String table, String from)
      throws SQLException {
    String columns =
        Sql.names(
            Tables.required(schema, table).completeColumns().stream().map(Column::name).toList());
    boolean isRoot = table.equals(root.name());
    String rootId = isRoot ? null : rootId(catalog.table(table));
    if (keepsAll) {
      return sql.run(
          "INSERT INTO %s (%s) SELECT %s FROM %s"
              .formatted(sql.table(table), columns, columns, from));
    }
    String rows =
        isRoot
            ? "WHERE %s IN (SELECT number FROM %s)".formatted(Sql.name(NUMBER), kept)
            : "WHERE %s IN (SELECT id FROM %s)".formatted(Sql.name(rootId), kept);
    String id = Sql.name(names.id());
    if (isRoot && skipsSame()) {
      rows += " AND %s NOT IN (SELECT number FROM %s)".formatted(Sql.name(NUMBER), same);
    }
    if (!isRoot && how.strategy() == Strategy.INSERT_ONLY && compat) {
      // dlt looks at each child row for itself, also below roots that stay as they are
      rows = "WHERE %s NOT IN (SELECT %s FROM %s)".formatted(id, id, sql.table(table));
    }
    if (!isRoot && how.strategy() != Strategy.DELETE_INSERT) {
      // ids come from keys here: two records of one key have children of the same ids
      from = first(from, rows, id, later());
      rows = "";
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

  private static List<String> hinted(TableSchema table, String hint) {
    return table.completeColumns().stream().filter(c -> c.hinted(hint)).map(Column::name).toList();
  }
}
