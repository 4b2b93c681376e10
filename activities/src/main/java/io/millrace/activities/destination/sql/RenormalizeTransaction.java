package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Fence;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.SchemaMerge;
import io.millrace.activities.destination.WholeRun;
import io.millrace.activities.destination.sql.Shadow.Again;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.run.Kept;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.TableSchema;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Loads the package of an earlier load that was normalized again. Nothing shows before the last
 * one: rows and rejects wait in shadow tables, what receipts will say waits in the state. The last
 * transaction puts them in the place of what those loads had. Loads keep their ids and their place
 * in the history, and the checkpoint stays where it is; only the epoch is raised, so that whoever
 * still writes is refused. Whoever calls it commits, or rolls all of it back.
 */
final class RenormalizeTransaction {
  private final Sql sql;
  private final SystemNames names;
  private final Order order;
  private final Segment segment;
  private final LoadPackage load;
  private final RowMover rows;
  private final SystemTables system;
  private final boolean all;
  private Tables tables;

  RenormalizeTransaction(Sql sql, SystemNames names, Order order, LoadPackage load, RowMover rows) {
    this.sql = sql;
    this.names = names;
    this.order = order;
    this.segment = order.segment();
    this.load = load;
    this.rows = rows;
    this.system = new SystemTables(sql, names);
    this.all = order.renormalized() == Kept.Extent.ALL;
  }

  Committed run() throws SQLException, IOException {
    Dialect dialect = sql.dialect();
    dialect.lock(sql, segment.project(), segment.asset(), String.valueOf(segment.partition()));
    if (order.finish()) {
      dialect.lock(sql, order.source());
    }
    Catalog catalog = Catalog.read(sql);
    system.check(catalog);
    SystemTables.State state =
        system.state(segment.project(), segment.asset(), segment.partition(), false);
    Committed before = replay(state);
    if (before != null) {
      return before;
    }
    fence(state);
    tables = new Tables(sql, catalog, names);
    Map<String, Long> counts = new LinkedHashMap<>();
    Shadow open = wait(ours(state.shadow()), counts);
    List<String> changes = order.finish() ? apply(open, state) : List.of();
    FaultPoint.hit(FaultPoint.DURING_STATE);
    system.writeState(state, segment, order.after(), order.finish() ? null : open);
    new BoundaryKeysTable(sql, catalog).write(segment, order.keys());
    return new Committed(counts, changes, load.rejected(), order.after(), false, null);
  }

  /** What was committed, when this very package was; {@code null} when it was not. */
  private Committed replay(SystemTables.State state) throws SQLException {
    if (state.epoch() != segment.epoch() || state.seq() != segment.seq()) {
      return null;
    }
    List<Again> waiting = state.shadow() == null ? null : state.shadow().again();
    if (waiting != null && !waiting.isEmpty()) {
      Again last = waiting.get(waiting.size() - 1);
      return last.id().equals(segment.loadId()) && last.sha256().equals(load.sha256())
          ? new Committed(last.rows(), List.of(), last.rejected(), order.after(), true, null)
          : null;
    }
    return system
        .receipt(segment.loadId())
        .filter(receipt -> order.finish() && receipt.sha256().equals(load.sha256()))
        .map(SystemTables.Receipt::committed)
        .map(c -> new Committed(c.rows(), List.of(), c.rejected(), order.after(), true, null))
        .orElse(null);
  }

  private void fence(SystemTables.State state) {
    Fence.check(
        new Fence.Has(state.epoch(), state.seq(), state.checkpoint(), false, null),
        segment,
        order.before(),
        false);
    Shadow open = state.shadow();
    boolean lost =
        open != null
            && open.epoch() != segment.epoch()
            && !(open.again() != null || WholeRun.needed(order.disposition(), columnsOfRoots()))
            && !Fence.same(order.before(), open.from());
    if (lost) {
      throw refused(
          Failure.DESTINATION_REFUSED,
          "the run before did not finish and its rows were never applied (finish it with the disposition that it had, or run with --refresh drop_data)");
    }
  }

  private List<Column> columnsOfRoots() {
    List<Column> columns = new ArrayList<>();
    load.rootTables().stream()
        .flatMap(root -> load.schema().table(root).stream())
        .forEach(table -> columns.addAll(table.columns()));
    return columns;
  }

  /** The shadow tables of this run; those of another one were never applied and never will be. */
  private Shadow ours(Shadow open) throws SQLException {
    if (open != null && open.epoch() != segment.epoch()) {
      tables.drop(open);
      return null;
    }
    return open;
  }

  /**
   * Adds this package to what waits.
   *
   * @param counts gets the rows per table
   */
  private Shadow wait(Shadow open, Map<String, Long> counts) throws SQLException, IOException {
    ShadowTables shadows = new ShadowTables(sql, tables, order, load.schema(), rows);
    List<String> loaded =
        load.tables().stream().filter(t -> !t.equals(SystemNames.REJECTS)).toList();
    Shadow next = shadows.add(open, loaded, counts);
    Map<String, String> waiting = new LinkedHashMap<>(next.tables());
    if (load.tables().contains(SystemNames.REJECTS)) {
      waitRejects(waiting.computeIfAbsent(SystemNames.REJECTS, shadows::shadowName));
    }
    List<Again> again = new ArrayList<>(open == null ? List.of() : open.again());
    Map<String, Long> came = new LinkedHashMap<>(counts);
    came.values().removeIf(n -> n == 0);
    again.add(new Again(segment.loadId(), load.sha256(), load.rejected(), came));
    return new Shadow(next.epoch(), next.from(), next.loads(), waiting, again);
  }

  /** The rejects that the load has had stay beside them, under its own id. */
  private void waitRejects(String shadow) throws SQLException, IOException {
    List<Catalog.Field> fields = tables.catalog().table(SystemNames.REJECTS).fields();
    if (tables.catalog().table(shadow) == null) {
      tables.create(shadow, fields);
    }
    String passing = segment.loadId() + "~";
    rows.rejects(passing);
    String rejects = sql.table(SystemNames.REJECTS);
    String others =
        Sql.names(
            fields.stream().map(Catalog.Field::name).filter(f -> !f.equals("load_id")).toList());
    sql.run(
        "INSERT INTO %s (load_id, %s) SELECT ?::VARCHAR, %s FROM %s WHERE load_id = ?"
            .formatted(sql.table(shadow), others, others, rejects),
        segment.loadId(),
        passing);
    sql.run("DELETE FROM %s WHERE load_id = ?".formatted(rejects), passing);
  }

  /** Puts what waits in the place of what the loads had; returns what changed in the schema. */
  private List<String> apply(Shadow open, SystemTables.State state) throws SQLException {
    List<String> ids = open.again().stream().map(Again::id).toList();
    Map<String, String> staged = new LinkedHashMap<>();
    open.tables().forEach((table, shadow) -> staged.put(table, sql.table(shadow)));
    String rejects = staged.remove(SystemNames.REJECTS);
    Schema stored = system.schema(order.source());
    List<String> roots = PastLoads.roots(stored, segment.asset());
    if (all) {
      refuseOthers(roots, ids);
    }
    Schema base =
        all ? Forget.preview(Refresh.DROP_RESOURCES, stored, segment.asset(), names) : stored;
    Set<String> allRoots = new LinkedHashSet<>(load.rootTables());
    allRoots.addAll(PastLoads.roots(load.schema(), segment.asset()));
    allRoots.addAll(all ? List.of() : roots);
    Set<String> own = new LinkedHashSet<>();
    allRoots.forEach(root -> own.addAll(SchemaMerge.family(load.schema(), root)));
    Schema schema = SchemaJson.bump(base, SchemaMerge.merge(base, load.schema(), own));
    List<List<String>> families =
        allRoots.stream().map(root -> SchemaMerge.family(schema, root)).toList();
    refuseNothingButRejects(open, roots);
    new ShadowTables(sql, tables, order, schema, rows).complete(open);

    Map<String, Long> removed = remove(stored, schema, roots, ids);
    FaultPoint.hit(FaultPoint.AFTER_REMOVAL);
    tables.refuseClashes(schema, staged.keySet(), system);
    tables.refuseStrangers(system, segment, stored, staged.keySet());
    tables.relax(stored, schema, staged.keySet());
    for (List<String> family : families) {
      for (String table : family) {
        if (staged.containsKey(table)) {
          tables.ensure(schema, table);
        }
      }
    }
    FaultPoint.hit(FaultPoint.AFTER_DDL);
    insert(schema, families, staged);
    if (rejects != null) {
      sql.run("INSERT INTO %s SELECT * FROM %s".formatted(sql.table(SystemNames.REJECTS), rejects));
    }
    if (!Objects.equals(schema.versionHash(), stored.versionHash())) {
      system.writeSchema(schema);
    }
    tables.drop(open);
    for (Again again : open.again()) {
      system.rewriteReceipt(again.id(), again.sha256(), again.rows(), again.rejected());
      sql.run("DELETE FROM %s WHERE load_id = ?".formatted(sql.table(names.loads())), again.id());
      if (!again.rows().isEmpty()) {
        system.writeLoad(again.id(), schema.name(), schema.versionHash());
      }
    }
    system.writeCorrection(
        segment,
        tables.catalog(),
        "renormalize",
        ids.get(0),
        state.checkpoint(),
        order.after(),
        removed);
    return SchemaMerge.changes(stored, schema, staged.keySet());
  }

  /** Refuses to make tables anew that have rows of somebody else by now. */
  private void refuseOthers(List<String> roots, List<String> ids) throws SQLException {
    if (!ids.containsAll(PastLoads.shown(sql, names, tables.catalog(), roots))) {
      throw refused(
          Failure.LOAD_REFUSED,
          "its tables got rows meanwhile that none of its loads brought (it begins again)");
    }
  }

  /** Definitions under which nothing is left are a mistake; the rows that are there stay. */
  private void refuseNothingButRejects(Shadow open, List<String> roots) throws SQLException {
    long rejected = open.again().stream().mapToLong(Again::rejected).sum();
    boolean none = open.again().stream().allMatch(again -> again.rows().isEmpty());
    if (none && rejected > 0 && !order.compat()) {
      for (String root : roots) {
        if (tables.catalog().table(root) != null
            && sql.any("SELECT 1 FROM %s LIMIT 1".formatted(sql.table(root)))) {
          throw refused(
              Failure.DATA_INVALID,
              "every record would be rejected now: %d (the rows that are there stay; correct what changed in the configuration, for example a mistyped key)"
                  .formatted(rejected));
        }
      }
    }
  }

  /** Rows that are gone per table. */
  private Map<String, Long> remove(
      Schema stored, Schema schema, List<String> roots, List<String> ids) throws SQLException {
    List<List<String>> families =
        roots.stream().map(root -> SchemaMerge.family(stored, root)).toList();
    for (List<String> family : families) {
      tables.refuseDeletes(family);
    }
    OpenWindow window = new OpenWindow(sql, tables.catalog(), system, names, segment);
    if (!all) {
      return window.remove(stored, families, ids);
    }
    Map<String, Long> removed = new LinkedHashMap<>();
    for (List<String> family : families) {
      for (String table : family) {
        if (tables.catalog().table(table) != null) {
          long count = sql.number("SELECT count(*) FROM " + sql.table(table));
          if (count > 0) {
            removed.put(table, count);
          }
          if (keeps(stored, schema, table)) {
            tables.empty(table);
          } else {
            tables.drop(table);
          }
        }
      }
    }
    window.remove(stored, List.of(), ids); // their rejects
    return removed;
  }

  /** Whether all columns of a table are there as they were, so that it need not be made anew. */
  private boolean keeps(Schema stored, Schema schema, String table) {
    TableSchema now = schema.table(table).orElse(null);
    return now != null
        && Tables.required(stored, table).completeColumns().stream()
            .allMatch(
                was ->
                    now.column(was.name())
                        .filter(Column::complete)
                        .filter(is -> sql.type(is).equals(sql.type(was)))
                        .filter(is -> is.acceptsNull() == was.acceptsNull())
                        .isPresent());
  }

  private void insert(Schema schema, List<List<String>> families, Map<String, String> staged)
      throws SQLException {
    boolean merges = order.disposition().kind() == Kind.MERGE;
    boolean appends = order.disposition().strategy() == Strategy.DELETE_INSERT;
    if (merges) {
      Options.check(order.disposition());
    }
    List<List<String>> merged = new ArrayList<>();
    for (List<String> family : families) {
      TableSchema root = schema.table(family.get(0)).orElse(null);
      if (merges && root != null && (Merge.hasKeys(root) || !appends)) {
        merged.add(family);
      } else {
        for (String table : family) {
          if (staged.containsKey(table)) {
            append(schema, table, staged.get(table));
          }
        }
      }
    }
    // in the same order for everybody, so that two merges into the same tables do not deadlock
    for (String root : new TreeSet<>(merged.stream().map(family -> family.get(0)).toList())) {
      if (tables.catalog().table(root) != null) {
        sql.dialect().lockTable(sql, root);
      }
    }
    for (List<String> family : merged) {
      if (staged.keySet().stream().anyMatch(family::contains)) {
        for (String table : family) {
          if (tables.catalog().table(table) != null) {
            tables.ensure(schema, table);
          }
        }
        new Merge(sql, tables.catalog(), names, order.disposition(), order.compat())
            .apply(schema, family, staged);
      }
    }
  }

  private void append(Schema schema, String table, String from) throws SQLException {
    String columns =
        Sql.names(
            Tables.required(schema, table).completeColumns().stream().map(Column::name).toList());
    sql.run(
        "INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s"
            .formatted(sql.table(table), columns, columns, from, Sql.name(Merge.NUMBER)));
  }

  private MillraceException refused(Failure failure, String why) {
    return new MillraceException(
        failure, "Cannot renormalize %s: %s".formatted(segment.asset(), why));
  }
}
