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
import io.millrace.run.Kept;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

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
  private final States states;
  private final Receipts receipts;
  private final Schemas schemas;
  private final boolean all;
  private Tables tables;
  private long repeated;

  RenormalizeTransaction(Sql sql, SystemNames names, Order order, LoadPackage load, RowMover rows) {
    this.sql = sql;
    this.names = names;
    this.order = order;
    this.segment = order.segment();
    this.load = load;
    this.rows = rows;
    this.system = new SystemTables(sql, names);
    this.states = new States(sql);
    this.receipts = new Receipts(sql);
    this.schemas = new Schemas(sql, names);
    this.all = order.renormalized() == Kept.Extent.ALL;
  }

  Committed run() throws IOException {
    Dialect dialect = sql.dialect();
    dialect.lock(sql, segment.project(), segment.asset(), String.valueOf(segment.partition()));
    if (order.finish()) {
      dialect.lock(sql, order.source());
    }
    Catalog catalog = Catalog.read(sql);
    system.check(catalog);
    States.State state =
        states.read(segment.project(), segment.asset(), segment.partition(), false);
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
    states.write(state, segment, order.after(), order.finish() ? null : open);
    new BoundaryKeysTable(sql, system, catalog).write(segment, order.keys());
    Map<String, Long> notes = new TreeMap<>(rows.notes());
    if (repeated > 0) {
      notes.put(WindowKeys.REPEATED, repeated);
    }
    return committed(counts, changes, load.rejected(), false, notes.isEmpty() ? null : notes);
  }

  /** What was committed, when this very package was; {@code null} when it was not. */
  private Committed replay(States.State state) {
    if (state.epoch() != segment.epoch() || state.seq() != segment.seq()) {
      return null;
    }
    List<Again> waiting = state.shadow() == null ? null : state.shadow().again();
    if (waiting != null && !waiting.isEmpty()) {
      Again last = waiting.get(waiting.size() - 1);
      return last.id().equals(segment.loadId()) && last.sha256().equals(load.sha256())
          ? committed(last.rows(), List.of(), last.rejected(), true, last.notes())
          : null;
    }
    return receipts
        .find(segment.loadId())
        .filter(receipt -> order.finish() && receipt.sha256().equals(load.sha256()))
        .map(Receipts.Receipt::committed)
        .map(c -> committed(c.rows(), List.of(), c.rejected(), true, c.notes()))
        .orElse(null);
  }

  private Committed committed(
      Map<String, Long> rows,
      List<String> changes,
      long rejected,
      boolean replayed,
      Map<String, Long> notes) {
    return new Committed(rows, changes, rejected, order.after(), replayed, null, notes);
  }

  private void fence(States.State state) {
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
  private Shadow ours(Shadow open) {
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
  private Shadow wait(Shadow open, Map<String, Long> counts) throws IOException {
    ShadowTables shadows = new ShadowTables(delivery(load.schema(), List.of()));
    Shadow next = shadows.add(open, counts);
    Map<String, String> waiting = new LinkedHashMap<>(next.tables());
    if (load.tables().contains(SystemNames.REJECTS)) {
      waitRejects(waiting.computeIfAbsent(SystemNames.REJECTS, shadows::shadowName));
    }
    List<Again> again = new ArrayList<>(open == null ? List.of() : open.again());
    Map<String, Long> came = new LinkedHashMap<>(counts);
    came.values().removeIf(n -> n == 0);
    again.add(new Again(segment.loadId(), load.sha256(), load.rejected(), came, rows.notes()));
    return new Shadow(next.epoch(), next.from(), next.loads(), waiting, again);
  }

  /** The rejects that the load has had stay beside them, under its own id. */
  private void waitRejects(String shadow) throws IOException {
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
  private List<String> apply(Shadow open, States.State state) {
    List<String> ids = open.again().stream().map(Again::id).toList();
    Map<String, String> staged = new LinkedHashMap<>();
    open.tables().forEach((table, shadow) -> staged.put(table, sql.table(shadow)));
    String rejects = staged.remove(SystemNames.REJECTS);
    Schema stored = schemas.newest(order.source());
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
    Delivery delivery = delivery(schema, families);
    new ShadowTables(delivery).complete(open);

    Map<String, Long> removed = remove(stored, schema, roots, ids);
    FaultPoint.hit(FaultPoint.AFTER_REMOVAL);
    new Clashes(sql, tables.catalog(), system).refuse(schema, staged.keySet());
    new Ownership(sql, names, system, order, tables.catalog())
        .refuseStrangers(stored, List.of(), staged.keySet());
    tables.relax(stored, schema, staged.keySet());
    for (List<String> family : families) {
      for (String table : family) {
        if (staged.containsKey(table)) {
          tables.ensure(schema, table);
        }
      }
    }
    FaultPoint.hit(FaultPoint.AFTER_DDL);
    boolean once = order.disposition().kind() == Kind.APPEND && !order.compat();
    WindowsAgain windows = new WindowsAgain(system, delivery, staged);
    List<Again> loads = once ? windows.once(open.again()) : open.again();
    insert(delivery, staged);
    if (once) {
      windows.end();
    }
    if (rejects != null) {
      sql.run("INSERT INTO %s SELECT * FROM %s".formatted(sql.table(SystemNames.REJECTS), rejects));
    }
    if (!Objects.equals(schema.versionHash(), stored.versionHash())) {
      schemas.write(schema);
    }
    tables.drop(open);
    for (Again again : loads) {
      receipts.rewrite(again);
      sql.run("DELETE FROM %s WHERE load_id = ?".formatted(sql.table(names.loads())), again.id());
      if (!again.rows().isEmpty()) {
        schemas.writeLoad(again.id(), schema.name(), schema.versionHash());
      }
    }
    new Corrections(sql, system, tables.catalog())
        .write(segment, "renormalize", ids.get(0), state.checkpoint(), order.after(), removed);
    repeated = loads.stream().mapToLong(Again::repeated).sum();
    return SchemaMerge.changes(stored, schema, staged.keySet());
  }

  /** Refuses to make tables anew that have rows of somebody else by now. */
  private void refuseOthers(List<String> roots, List<String> ids) {
    if (!ids.containsAll(PastLoads.shown(sql, names, tables.catalog(), roots))) {
      throw refused(
          Failure.LOAD_REFUSED,
          "its tables got rows meanwhile that none of its loads brought (it begins again)");
    }
  }

  /** Definitions under which nothing is left are a mistake; the rows that are there stay. */
  private void refuseNothingButRejects(Shadow open, List<String> roots) {
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
      Schema stored, Schema schema, List<String> roots, List<String> ids) {
    List<List<String>> families =
        roots.stream().map(root -> SchemaMerge.family(stored, root)).toList();
    for (List<String> family : families) {
      tables.refuseDeletes(family);
    }
    OpenWindow window = new OpenWindow(sql, tables.catalog(), names, segment);
    if (!all) {
      return window.remove(stored, families, ids);
    }
    Map<String, Long> removed = new LinkedHashMap<>();
    for (List<String> family : families) {
      for (String table : family) {
        if (tables.catalog().table(table) != null) {
          long count =
              sql.select("SELECT count(*) FROM " + sql.table(table)).mapTo(Long.class).one();
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

  private void insert(Delivery delivery, Map<String, String> staged) {
    Appending appending = new Appending(delivery);
    Merging merging = new Merging(delivery, appending);
    boolean merges = order.disposition().kind() == Kind.MERGE;
    if (merges) {
      Options.check(order.disposition());
    }
    List<List<String>> merged = new ArrayList<>();
    for (List<String> family : delivery.families()) {
      if (merges && merging.keyed(family)) {
        merged.add(family);
      } else {
        family.stream()
            .filter(staged::containsKey)
            .forEach(table -> appending.append(table, staged.get(table)));
      }
    }
    merging.merge(merged, staged, new LinkedHashMap<>());
  }

  private Delivery delivery(Schema schema, List<List<String>> families) {
    return new Delivery(sql, names, tables, order, load, rows, schema, families, false);
  }

  private MillraceException refused(Failure failure, String why) {
    return new MillraceException(
        failure, "Cannot renormalize %s: %s".formatted(segment.asset(), why));
  }
}
