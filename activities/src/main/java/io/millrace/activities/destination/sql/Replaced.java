package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;

/** The root rows of a table that staged rows replace, and everything below them: these go. */
final class Replaced {
  private final Sql sql;
  private final Catalog catalog;
  private final SystemNames names;
  private final WriteDisposition how;
  private final boolean compat;
  private final TableSchema root;
  private final String stage;
  private final List<String> primary;
  private final Kept kept;

  /** Temporary: root rows of the table that go. */
  private final String gone;

  /**
   * @param stage where the staged rows of the root table are, quoted
   */
  Replaced(
      Sql sql,
      Catalog catalog,
      SystemNames names,
      WriteDisposition how,
      boolean compat,
      TableSchema root,
      String stage,
      Kept kept) {
    this.sql = sql;
    this.catalog = catalog;
    this.names = names;
    this.how = how;
    this.compat = compat;
    this.root = root;
    this.stage = stage;
    this.primary = Merge.hinted(root, "primary_key");
    this.kept = kept;
    this.gone = sql.temp("_mr_gone");
  }

  /**
   * @param family root table first, parents before children
   */
  void delete(Schema schema, List<String> family) {
    String table = sql.table(root.name());
    List<String> matches = hits();
    boolean alone = family.stream().skip(1).allMatch(child -> catalog.table(child) == null);
    if (alone && matches.size() == 1 && !kept.skipsSame()) {
      // nothing below has to know which rows went
      sql.runAsWritten("DELETE FROM %s AS t WHERE %s".formatted(table, matches.get(0)));
      return;
    }
    String which =
        "SELECT t.%s AS number, t.%s AS id, %s AS stays FROM %s t WHERE "
            .formatted(sql.dialect().rowId(), Sql.name(names.id()), stays(), table);
    List<String> hits = new ArrayList<>();
    for (String hit : matches) {
      hits.add(which + hit);
    }
    sql.runAsWritten("CREATE TEMP TABLE _mr_gone AS " + String.join(" UNION ", hits));
    if (sql.any("SELECT 1 FROM " + gone + " LIMIT 1")) {
      deleteBelow(schema, family.stream().filter(t -> catalog.table(t) != null).toList());
      sql.run(
          "DELETE FROM %s WHERE %s IN (SELECT number FROM %s WHERE NOT stays)"
              .formatted(table, sql.dialect().rowId(), gone));
    }
    sql.run("DROP TABLE " + gone);
  }

  /** The lowest first, for the sake of foreign keys. */
  private void deleteBelow(Schema schema, List<String> family) {
    Below below =
        new Below(
            sql,
            names,
            schema,
            family,
            t -> catalog.table(t).has(names.rootId()),
            "SELECT id FROM " + gone);
    List<String> children = family.subList(1, family.size());
    children.forEach(child -> below.mark(child, sql.table(child), below.condition(child)));
    for (int i = children.size() - 1; i >= 0; i--) {
      String child = children.get(i);
      sql.run("DELETE FROM %s WHERE %s".formatted(sql.table(child), below.condition(child)));
    }
    below.drop();
  }

  private String stays() {
    return kept.skipsSame()
        ? "EXISTS (SELECT 1 FROM %s s WHERE s.%s IN (%s) AND %s)"
            .formatted(
                stage,
                Sql.name(Merge.NUMBER),
                kept.same(),
                String.join(" AND ", Condition.equal("s", "t", primary)))
        : "FALSE";
  }

  /** What makes a row {@code t} of the table go. */
  private List<String> hits() {
    List<String> other = Merge.hinted(root, "merge_key");
    String scope = Condition.scope(sql, how, root.name(), stage);
    List<String> hits = new ArrayList<>();
    // to dlt a scope is all that is said of what goes, whatever keys came
    boolean scoped = compat && scope != null && how.strategy() == Strategy.DELETE_INSERT;
    if (!primary.isEmpty() && !scoped) {
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
}
