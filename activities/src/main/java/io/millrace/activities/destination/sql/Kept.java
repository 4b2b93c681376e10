package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.WholeRun;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * The staged root rows that go in: one per primary key, without those that only delete. Numbers of
 * those that the table has already are beside it, under {@code skip_unchanged_rows}.
 */
final class Kept {
  /** Which row of a group it is, while the first is chosen. */
  static final String PLACE = "_mr_place";

  private final Sql sql;
  private final SystemNames names;
  private final WriteDisposition how;
  private final boolean compat;
  private final TableSchema root;
  private final String stage;
  private final List<String> primary;

  /** Temporary: ids and numbers of the rows that go in. */
  private final String table;

  /** Temporary: numbers of those that would change nothing. */
  private final String same;

  /** Whether that is all of them, as with most batches: then the table is not made. */
  private boolean all;

  /**
   * @param stage where the staged rows of the root table are, quoted
   */
  Kept(
      Sql sql,
      SystemNames names,
      WriteDisposition how,
      boolean compat,
      TableSchema root,
      String stage) {
    this.sql = sql;
    this.names = names;
    this.how = how;
    this.compat = compat;
    this.root = root;
    this.stage = stage;
    this.primary = Merge.hinted(root, "primary_key");
    this.table = sql.temp("_mr_kept");
    this.same = sql.temp("_mr_same");
  }

  void choose() {
    String conditions = String.join(" AND ", conditions());
    List<String> alive = alive();
    all = conditions.isEmpty() && !skipsSame() && !hasTwice();
    if (!all) {
      sql.run(
          "CREATE TEMP TABLE _mr_kept AS SELECT s.%s AS id, s.%s AS number, %s AS alive FROM %s s%s"
              .formatted(
                  Sql.name(names.id()),
                  Sql.name(Merge.NUMBER),
                  alive.isEmpty() ? "TRUE" : String.join(" AND ", alive),
                  oneEach(),
                  conditions.isEmpty() ? "" : " WHERE " + conditions));
    }
  }

  /** Looking for a key that came twice costs a third of choosing a row for each. */
  private boolean hasTwice() {
    boolean trusted = comesOnce() && how.strategy() == Strategy.DELETE_INSERT;
    return !trusted
        && sql.any(
            "SELECT 1 FROM %s GROUP BY %s HAVING count(*) > 1 LIMIT 1"
                .formatted(stage, Sql.names(primary)));
  }

  private boolean comesOnce() {
    return primary.isEmpty() || Boolean.TRUE.equals(how.options().get("deduplicated"));
  }

  private List<String> conditions() {
    List<String> conditions = alive();
    if (compat && how.strategy() == Strategy.UPSERT && !conditions.isEmpty()) {
      // dlt inserts a row that says it is deleted when it has none of its key, and nothing below it
      String alive = String.join(" AND ", conditions);
      return List.of("(%s OR NOT %s)".formatted(alive, known()));
    }
    if (how.strategy() == Strategy.INSERT_ONLY) {
      conditions.add("NOT " + known());
    }
    return conditions;
  }

  /** Whether the table has a row of the key of the staged row {@code s}. */
  private String known() {
    return Condition.exists(sql.table(root.name()), "t", "s", primary);
  }

  /** Of staged rows {@code s} that do not say that theirs is deleted. */
  private List<String> alive() {
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
    return conditions;
  }

  /** The staged rows, one for each key. */
  private String oneEach() {
    if (comesOnce()) {
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
  String later() {
    // dlt takes the first of equal ones; where loads show one by one the last one wins anyway
    boolean first = compat && WholeRun.needed(how, root.completeColumns());
    boolean ascending = first && how.strategy() == Strategy.DELETE_INSERT;
    return Sql.name(Merge.NUMBER)
        + (ascending || how.strategy() == Strategy.INSERT_ONLY ? " ASC" : " DESC");
  }

  /** Whether all staged rows go in. */
  boolean all() {
    return all;
  }

  /** Whether rows that would not change stay as they are. */
  boolean skipsSame() {
    return Boolean.TRUE.equals(how.options().get("skip_unchanged_rows"));
  }

  /** A query for the ids of the rows below which rows go in; only when not all rows go in. */
  String ids() {
    return "SELECT id FROM " + table + " WHERE alive";
  }

  /** The same for their numbers. */
  String numbers() {
    return "SELECT number FROM " + table;
  }

  /** A query for the numbers of those that would change nothing; only when these are skipped. */
  String same() {
    return "SELECT number FROM " + same;
  }

  /** Root rows that would not change stay as they are, with the load id that they have. */
  void findSame() {
    if (!skipsSame()) {
      return;
    }
    List<String> compared = Merge.hinted(root, "x-row-version");
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
                Sql.name(Merge.NUMBER),
                stage,
                Sql.name(Merge.NUMBER),
                table,
                sql.table(root.name()),
                String.join(" AND ", equal)));
  }

  void drop() {
    if (!all) {
      sql.run("DROP TABLE " + table);
    }
    if (skipsSame()) {
      sql.run("DROP TABLE " + same);
    }
  }

  /** Of the rows of each group only the first. */
  static String first(String from, String where, String group, String order) {
    return "(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY %s ORDER BY %s) AS %s FROM %s %s) x WHERE %s = 1)"
        .formatted(group, order, PLACE, from, where, PLACE);
  }
}
