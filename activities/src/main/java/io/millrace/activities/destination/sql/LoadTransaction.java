package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Fence;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.SchemaMerge;
import io.millrace.activities.destination.WholeRun;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.asset.AssetKey;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The one transaction of a load, top to bottom as in {@code protocol.md} 4: receipt, fence, schema
 * additions, rows, receipt, state. Whoever calls it commits, or rolls all of it back.
 */
final class LoadTransaction {
  /** The digest in the receipt of a load without a package. */
  private static final String NO_PACKAGE = "-";

  /** A staging table without rows. */
  private static final String NOTHING = "_mr_nothing";

  /** Rows on their way into a table whose columns have other types. */
  private static final String CAST = "_mr_cast";

  private final Sql sql;
  private final SystemNames names;
  private final Order order;
  private final LoadPackage load;
  private final RowMover rows;
  private final SystemTables system;
  private Tables tables;
  private Schema schema;
  private boolean wholeRun;

  /**
   * @param load {@code null} when the run ends without a package
   * @param rows moves the package's rows; {@code null} without a package
   */
  LoadTransaction(Sql sql, SystemNames names, Order order, LoadPackage load, RowMover rows) {
    this.sql = sql;
    this.names = names;
    this.order = order;
    this.load = load;
    this.rows = rows;
    this.system = new SystemTables(sql, names);
  }

  /** The receipt; {@code replayed} when nothing was written because it was there already. */
  Committed run() throws SQLException, IOException {
    Segment segment = order.segment();
    Dialect dialect = sql.dialect();
    dialect.lock(sql, segment.project(), segment.asset(), String.valueOf(segment.partition()));
    Catalog catalog = Catalog.read(sql);
    if (!system.complete(catalog)) {
      dialect.lock(sql);
      catalog = Catalog.read(sql);
      system.check(catalog);
      system.create(catalog);
    }
    Optional<SystemTables.Receipt> receipt = system.receipt(segment.loadId());
    if (receipt.isPresent()) {
      return replay(receipt.get());
    }
    system.refuseOtherProjects(segment.project(), order.source());
    SystemTables.State state = fenced();
    Schema stored = system.schema(order.source());
    if (grows(stored)) {
      // siblings that grow the same schema come one after the other, and each sees the one before
      dialect.lock(sql, order.source());
      catalog = Catalog.read(sql);
      stored = system.schema(order.source());
    }
    tables = new Tables(sql, catalog, names);
    Shadow shadow = discardLeftOver(state.shadow());
    if (order.refresh() != null) {
      stored =
          new Forget(tables, system, names, segment, order.source()).apply(order.refresh(), stored);
      // what was loaded before it is not there any more, so nobody may bring it back
      system.writeCorrection(
          segment, catalog, "refresh", segment.loadId(), state.checkpoint(), null, null);
    }
    List<String> roots = roots(stored);
    Map<String, Long> removed = order.restart() ? restart(stored, roots) : null;
    boolean skip = load == null || order.disposition().kind() == Kind.SKIP || nothingButRejects();
    Schema added = skip ? stored : load.schema();
    Set<String> own = new LinkedHashSet<>();
    roots.forEach(r -> own.addAll(SchemaMerge.family(added, r)));
    schema = next(stored, added, own);
    List<String> loaded = loadedTables();
    tables.refuseClashes(schema, loaded, system);
    refuseStrangers(stored, roots, loaded);
    tables.relax(stored, schema, loaded);
    Map<String, Long> counts = new LinkedHashMap<>();
    writeRejects();
    Shadow after = move(roots, loaded, shadow, counts);
    if (!Objects.equals(schema.versionHash(), stored.versionHash())) {
      system.writeSchema(schema);
    }
    long rejected = load == null ? 0 : load.rejected();
    Committed committed =
        new Committed(
            counts,
            SchemaMerge.changes(stored, schema, loaded),
            rejected,
            order.after(),
            false,
            removed);
    system.writeReceipt(order, digest(), committed);
    FaultPoint.hit(FaultPoint.DURING_STATE);
    system.writeState(state, segment, order.after(), after);
    new BoundaryKeysTable(sql, tables.catalog()).write(segment, order.keys());
    return committed;
  }

  /**
   * Such a load adds nothing to the schema: a mistyped key, which must have a value, would reject
   * the records of the corrected project too. What else it has comes with the next load that has
   * rows.
   */
  private boolean nothingButRejects() {
    return !order.compat() && load.rejected() > 0 && loadedTables().isEmpty();
  }

  private boolean grows(Schema stored) {
    return order.refresh() != null
        || (load != null
            && !(stored.tables().equals(load.schema().tables())
                && Objects.equals(stored.settings(), load.schema().settings())));
  }

  /** The stored schema with the additions, and with the next version when they change anything. */
  private Schema next(Schema stored, Schema added, Set<String> own) {
    boolean nothing = added == stored && order.refresh() == null;
    return nothing ? stored : SchemaJson.bump(stored, SchemaMerge.merge(stored, added, own));
  }

  private void refuseStrangers(Schema stored, List<String> roots, List<String> loaded)
      throws SQLException {
    if (order.disposition().kind() == Kind.SKIP) {
      return;
    }
    Set<String> touched = new LinkedHashSet<>(loaded);
    families(schema, roots).forEach(touched::addAll);
    tables.refuseStrangers(system, order.segment(), stored, touched);
  }

  private String digest() {
    return load == null ? NO_PACKAGE : load.sha256();
  }

  private Committed replay(SystemTables.Receipt receipt) {
    if (receipt.sha256().equals(digest())) {
      return receipt.committed();
    }
    throw new MillraceException(
        Failure.LOAD_REFUSED,
        "Cannot load %s: this load was committed with other content: load %s has digest %s, not %s (the state is read again and the run goes on from it)"
            .formatted(
                order.segment().asset(), order.segment().loadId(), receipt.sha256(), digest()));
  }

  private SystemTables.State fenced() throws SQLException {
    Segment segment = order.segment();
    boolean refreshing = order.refresh() != null;
    SystemTables.State state =
        system.state(segment.project(), segment.asset(), segment.partition(), refreshing);
    Shadow open = state.shadow();
    wholeRun = wholeRun(open);
    if (open != null
        && open.epoch() != segment.epoch()
        && !wholeRun
        && !refreshing
        && !Fence.same(order.before(), open.from())) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load %s: the run before did not finish and its rows were never applied: write disposition is now %s (finish it with the old disposition, or run with --refresh drop_data)"
              .formatted(segment.asset(), order.disposition().kind().key()));
    }
    Fence.check(
        new Fence.Has(
            state.epoch(),
            state.seq(),
            state.checkpoint(),
            open != null,
            open == null ? null : open.from()),
        segment,
        order.before(),
        refreshing);
    return state;
  }

  private boolean wholeRun(Shadow open) {
    if (load == null) {
      return open != null || WholeRun.needed(order.disposition(), List.of());
    }
    List<Column> columns = new ArrayList<>();
    for (String root : load.rootTables()) {
      load.schema().table(root).ifPresent(t -> columns.addAll(t.columns()));
    }
    return WholeRun.needed(order.disposition(), columns);
  }

  /**
   * Removes what the open window has, because it begins again. Where a run's rows wait in shadow
   * tables there is nothing to remove: those of the run before are discarded anyway.
   */
  private Map<String, Long> restart(Schema stored, List<String> roots) throws SQLException {
    boolean visible = !wholeRun && order.disposition().kind() != Kind.SKIP;
    if (visible) {
      for (List<String> family : families(stored, roots)) {
        tables.refuseDeletes(family);
      }
    }
    if (visible && order.unchanged()) {
      throw new MillraceException(
          Failure.WINDOW_LOST,
          "Cannot begin the window of %s again: the source says that nothing changed and sends nothing: part of the window would be missing for ever (take conditional headers like If-None-Match out of `headers`)"
              .formatted(order.segment().asset()));
    }
    Map<String, Long> removed =
        new OpenWindow(sql, tables.catalog(), system, names, order.segment())
            .remove(stored, visible ? families(stored, roots) : List.of());
    FaultPoint.hit(FaultPoint.AFTER_REMOVAL);
    return removed;
  }

  private static List<List<String>> families(Schema schema, List<String> roots) {
    return roots.stream().map(root -> SchemaMerge.family(schema, root)).toList();
  }

  /** Shadow tables of another run were never applied and never will be. */
  private Shadow discardLeftOver(Shadow shadow) throws SQLException {
    if (shadow == null || (shadow.epoch() == order.segment().epoch() && order.refresh() == null)) {
      return shadow;
    }
    tables.drop(shadow);
    return null;
  }

  /** The resource's root tables: those of the package, and all that it wrote before. */
  private List<String> roots(Schema stored) {
    Set<String> roots = new LinkedHashSet<>(load == null ? List.of() : load.rootTables());
    String resource = AssetKey.parse(order.segment().asset()).name();
    for (TableSchema table : stored.tables()) {
      if (table.parent() == null && resource.equals(table.resource())) {
        roots.add(table.name());
      }
    }
    if (load != null) {
      for (String name : load.tables()) {
        TableSchema table = load.schema().table(name).orElse(null);
        while (table != null && table.parent() != null) {
          table = load.schema().table(table.parent()).orElse(null);
        }
        if (table != null) {
          roots.add(table.name());
        }
      }
    }
    return List.copyOf(roots);
  }

  private List<String> loadedTables() {
    return load == null || order.disposition().kind() == Kind.SKIP
        ? List.of()
        : load.tables().stream().filter(t -> !t.equals(SystemNames.REJECTS)).toList();
  }

  /**
   * Brings the rows where they belong; returns the shadow tables that stay open.
   *
   * @param counts gets the rows per table
   */
  private Shadow move(
      List<String> roots, List<String> loaded, Shadow shadow, Map<String, Long> counts)
      throws SQLException, IOException {
    Kind kind = order.disposition().kind();
    if (kind == Kind.MERGE) {
      Options.check(order.disposition());
    }
    ShadowTables shadows = new ShadowTables(sql, tables, order, schema, rows);
    List<List<String>> families = families(schema, roots);
    if (kind == Kind.SKIP) {
      return null;
    }
    if (wholeRun && order.unchanged()) {
      if (shadow != null) {
        tables.drop(shadow);
      }
      return null;
    }
    if (wholeRun && (shadow != null || !order.finish())) {
      Shadow open = shadows.add(shadow, loaded, counts);
      if (counts.values().stream().anyMatch(n -> n > 0)) {
        open = shadows.withLoad(open);
      }
      if (!order.finish()) {
        return open;
      }
      if (kind == Kind.REPLACE || WholeRun.byAbsence(order.disposition())) {
        refuseNothingButRejects(shadows.anyRow(open, roots));
      }
      if (kind == Kind.REPLACE) {
        shadows.replace(open, families);
      } else {
        Map<String, String> staged = shadows.staged(open);
        ensureFamilies(families, staged);
        merge(families, staged, new LinkedHashMap<>());
      }
      tables.drop(open);
      for (Shadow.LoadId visible : open.loads()) {
        system.writeLoad(visible.id(), schema.name(), visible.versionHash());
      }
      return null;
    }
    if (kind == Kind.MERGE) {
      if (WholeRun.byAbsence(order.disposition())) {
        refuseNothingButRejects(loaded.stream().anyMatch(roots::contains));
      }
      mergeDirectly(families, loaded, counts);
    } else {
      if (kind == Kind.REPLACE) {
        refuseNothingButRejects(loaded.stream().anyMatch(roots::contains));
        for (List<String> family : families) {
          for (String table : family) {
            tables.empty(table);
          }
        }
      }
      for (String table : loaded) {
        tables.ensure(schema, table);
      }
      FaultPoint.hit(FaultPoint.AFTER_DDL);
      for (String table : loaded) {
        counts.put(table, append(table));
      }
    }
    if (counts.values().stream().anyMatch(n -> n > 0)) {
      system.writeLoad(order.segment().loadId(), schema.name(), schema.versionHash());
    }
    return null;
  }

  /**
   * A run whose every record was rejected says that the project or the source has a mistake, not
   * that the source is empty: what the run before landed stays.
   */
  private void refuseNothingButRejects(boolean anyRow) throws SQLException {
    if (anyRow || order.compat()) {
      return;
    }
    SystemTables.Rejected rejected = system.rejected(order.segment());
    if (rejected.count() > 0) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot load %s: every record was rejected: %d of %d: %s (the rows of the run before stay; correct what this names, for example a mistyped key, and run again)"
              .formatted(
                  rejected.table() == null ? order.segment().asset() : rejected.table(),
                  rejected.count(),
                  rejected.count(),
                  rejected.reason()));
    }
  }

  private long append(String table) throws SQLException, IOException {
    List<Column> columns = Tables.required(schema, table).completeColumns();
    if (tables.fits(table, columns)) {
      return rows.insert(table, columns, sql.table(table), null, 0);
    }
    // somebody gave a column another type, and rows on their way have the types of the schema
    sql.run("CREATE TEMP TABLE " + CAST + sql.staging(columns));
    long count = rows.insert(table, columns, sql.temp(CAST), Merge.NUMBER, 0);
    String list = Sql.names(columns.stream().map(Column::name).toList());
    sql.run(
        "INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s"
            .formatted(sql.table(table), list, list, sql.temp(CAST), Sql.name(Merge.NUMBER)));
    sql.run("DROP TABLE " + sql.temp(CAST));
    return count;
  }

  private void mergeDirectly(
      List<List<String>> families, List<String> loaded, Map<String, Long> counts)
      throws SQLException, IOException {
    Map<String, String> staged = new LinkedHashMap<>();
    List<List<String>> keyed = new ArrayList<>();
    for (List<String> family : families) {
      TableSchema root = schema.table(family.get(0)).orElse(null);
      if (root != null && (Merge.hasKeys(root) || !appends())) {
        keyed.add(family);
        for (String table : family) {
          if (loaded.contains(table)) {
            String stage = "_mr_stage_" + staged.size();
            List<Column> columns = Tables.required(schema, table).completeColumns();
            sql.run("CREATE TEMP TABLE " + stage + sql.staging(columns));
            rows.insert(table, columns, sql.temp(stage), Merge.NUMBER, 0);
            staged.put(table, sql.temp(stage));
          }
        }
      }
    }
    ensureFamilies(keyed, staged);
    for (String table : loaded) {
      if (!staged.containsKey(table)) {
        tables.ensure(schema, table);
      }
    }
    FaultPoint.hit(FaultPoint.AFTER_DDL);
    merge(keyed, staged, counts);
    for (String table : loaded) {
      if (!staged.containsKey(table)) {
        counts.put(table, append(table));
      }
    }
    for (String stage : staged.values()) {
      sql.run("DROP TABLE " + stage);
    }
  }

  private void merge(
      List<List<String>> families, Map<String, String> staged, Map<String, Long> counts)
      throws SQLException {
    List<List<String>> merged = new ArrayList<>();
    for (List<String> family : families) {
      if (came(family, staged) || nothingCame(family.get(0))) {
        merged.add(family);
      }
    }
    // in the same order for everybody, so that two merges into the same tables do not deadlock
    for (String root : new TreeSet<>(merged.stream().map(family -> family.get(0)).toList())) {
      if (tables.catalog().table(root) != null) {
        sql.dialect().lockTable(sql, root);
      }
    }
    WriteDisposition how = order.disposition();
    for (List<String> family : merged) {
      boolean there = came(family, staged);
      if (how.strategy() != Strategy.SCD2 && how.strategy() != Strategy.INSERT_ONLY) {
        tables.refuseDeletes(family);
      }
      Map<String, String> rows = new LinkedHashMap<>(staged);
      if (!there) {
        List<Column> columns = Tables.required(schema, family.get(0)).completeColumns();
        sql.run("CREATE TEMP TABLE " + NOTHING + sql.staging(columns));
        rows.put(family.get(0), sql.temp(NOTHING));
      }
      counts.putAll(
          how.strategy() == Strategy.SCD2
              ? new Versions(sql, names, how, order.compat(), order.segment().loadId())
                  .apply(schema, family, rows)
              : new Merge(sql, tables.catalog(), names, how, order.compat())
                  .apply(schema, family, rows));
      if (!there) {
        sql.run("DROP TABLE " + sql.temp(NOTHING));
      }
    }
  }

  private static boolean came(List<String> family, Map<String, String> staged) {
    return staged.keySet().stream().anyMatch(family::contains);
  }

  /** Under delete-insert rows without any key are only added. */
  private boolean appends() {
    return order.disposition().strategy() == Strategy.DELETE_INSERT;
  }

  /**
   * Whether the whole run brought nothing for a table whose rows are judged by absence: then all of
   * them are absent. Not for dlt, and not in a run that asked only for what is new.
   */
  private boolean nothingCame(String root) {
    boolean incremental = order.after() != null && order.after().hasNonNull("cursor");
    return WholeRun.byAbsence(order.disposition())
        && wholeRun
        && !order.compat()
        && !incremental
        && tables.catalog().table(root) != null;
  }

  /** Tables that get rows, and those that lose some. */
  private void ensureFamilies(List<List<String>> families, Map<String, String> staged)
      throws SQLException {
    for (List<String> family : families) {
      for (String table : family) {
        if (staged.containsKey(table) || tables.catalog().table(table) != null) {
          tables.ensure(schema, table);
        }
      }
    }
  }

  private void writeRejects() throws SQLException, IOException {
    if (load == null || !load.tables().contains(SystemNames.REJECTS)) {
      return;
    }
    rows.rejects(order.segment().loadId());
  }
}
