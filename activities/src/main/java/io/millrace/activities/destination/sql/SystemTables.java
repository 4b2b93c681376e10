package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables that are ours ({@code config-and-cli.md} 4, {@code normalization.md} 15): made in the
 * transaction of the data, and refused when somebody else made them.
 */
final class SystemTables {
  /** Of one asset and partition: values are project, asset and partition. */
  static final String ASSET =
      "project = ? AND asset = ? AND \"partition\" IS NOT DISTINCT FROM ?::VARCHAR";

  /** The values of {@link #ASSET}. */
  static Object[] asset(Segment segment) {
    return new Object[] {segment.project(), segment.asset(), segment.partition()};
  }

  /**
   * Of the other assets of its source: values are project, asset and what their names begin with.
   */
  static final String SIBLINGS = "project = ? AND asset <> ? AND starts_with(asset, ?)";

  /** Made with their first row: few projects ever have any. */
  private static final Set<String> LATE =
      Set.of(SystemNames.BOUNDARY_KEYS, SystemNames.WINDOW_KEYS, SystemNames.CORRECTIONS);

  private final Sql sql;
  private final SystemNames names;
  private final Map<String, List<Catalog.Field>> layouts;

  SystemTables(Sql sql, SystemNames names) {
    this.sql = sql;
    this.names = names;
    this.layouts = new Layouts(sql, names).columns();
  }

  /** Whether a table of that name is one of these, so that no data may go there. */
  boolean reserved(String table) {
    Dialect dialect = sql.dialect();
    return layouts.keySet().stream().anyMatch(t -> dialect.folded(t).equals(dialect.folded(table)));
  }

  /**
   * Refuses tables that a newer version, or somebody else, made. Those of an older one lack columns
   * at the end, which may be NULL.
   */
  void check(Catalog catalog) {
    refuseOthers(catalog);
    checkColumns(catalog);
  }

  /** The same for a dataset that another program may have made. */
  void checkColumns(Catalog catalog) {
    layouts.forEach(
        (name, fields) -> {
          Catalog.Table found = catalog.table(name);
          if (found != null && !extensible(seen(name, found, fields), fields)) {
            throw new MillraceException(
                Failure.DESTINATION_REFUSED,
                "Cannot use dataset %s: table %s has other columns than this version knows: %s (a newer Millrace made it: upgrade; or something else did: take another dataset)"
                    .formatted(
                        sql.dataset(),
                        name,
                        found.fields().stream().map(Catalog.Field::name).toList()));
          }
        });
  }

  /**
   * Refuses a dataset that looks like ours and is not: dlt's, when it has dlt's names. Ours has all
   * of the system tables, because one transaction makes them.
   */
  private void refuseOthers(Catalog catalog) {
    if (catalog.table(names.version()) != null && catalog.table(SystemNames.RECEIPTS) == null) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot use dataset %s: another program made it: it has a table %s but no %s (if dlt made it, `millrace adopt` takes it over; otherwise take another dataset, or drop what is there)"
              .formatted(sql.dataset(), names.version(), SystemNames.RECEIPTS));
    }
  }

  /** dlt gives some of its texts a length on some engines; what counts is what they are called. */
  private List<Catalog.Field> seen(String name, Catalog.Table found, List<Catalog.Field> fields) {
    boolean dlts = name.equals(names.loads()) || name.equals(names.version());
    boolean same =
        dlts
            && found.fields().stream()
                .map(Catalog.Field::name)
                .toList()
                .equals(fields.stream().map(Catalog.Field::name).toList());
    return same ? fields : found.fields();
  }

  private static boolean extensible(List<Catalog.Field> found, List<Catalog.Field> fields) {
    return found.size() <= fields.size()
        && found.equals(fields.subList(0, found.size()))
        && fields.subList(found.size(), fields.size()).stream().allMatch(Catalog.Field::nullable);
  }

  /** Whether nothing is missing. */
  boolean complete(Catalog catalog) {
    return layouts.entrySet().stream()
        .allMatch(
            layout -> {
              Catalog.Table found = catalog.table(layout.getKey());
              return found == null
                  ? LATE.contains(layout.getKey())
                  : seen(layout.getKey(), found, layout.getValue()).equals(layout.getValue());
            });
  }

  /** Makes what is missing of the dataset and its system tables. */
  void create(Catalog catalog) {
    sql.dialect().createDataset(sql);
    for (Map.Entry<String, List<Catalog.Field>> layout : layouts.entrySet()) {
      if (catalog.table(layout.getKey()) == null && LATE.contains(layout.getKey())) {
        continue;
      }
      if (catalog.table(layout.getKey()) == null) {
        make(layout.getKey(), catalog);
      }
      int there = catalog.table(layout.getKey()).fields().size();
      for (Catalog.Field late : layout.getValue().subList(there, layout.getValue().size())) {
        sql.run("ALTER TABLE " + sql.table(layout.getKey()) + " ADD COLUMN " + late.ddl());
        catalog.put(layout.getKey(), layout.getValue());
      }
    }
  }

  /** Makes one of those that are made with their first row. */
  void makeLate(String table, Catalog catalog) {
    if (catalog.table(table) == null) {
      sql.dialect().lock(sql, table);
      make(table, catalog);
    }
  }

  private void make(String table, Catalog catalog) {
    List<Catalog.Field> fields = layouts.get(table);
    String columns = String.join(", ", fields.stream().map(Catalog.Field::ddl).toList());
    String key = table.equals(SystemNames.RECEIPTS) ? ", PRIMARY KEY (load_id)" : "";
    sql.run("CREATE TABLE IF NOT EXISTS " + sql.table(table) + " (" + columns + key + ")");
    catalog.put(table, fields);
  }
}
