package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.SchemaMerge;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The one transaction of a load, top to bottom as in {@code protocol.md} 4: receipt, fence, schema
 * additions, rows, receipt, state. Whoever calls it commits, or rolls all of it back.
 */
final class LoadTransaction {
  /** The digest in the receipt of a load without a package. */
  private static final String NO_PACKAGE = "-";

  private final Sql sql;
  private final SystemNames names;
  private final Order order;
  private final LoadPackage load;
  private final RowMover rows;
  private final SystemTables system;
  private final States states;
  private final Receipts receipts;
  private final Schemas schemas;
  private final List<String> loaded;

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
    this.states = new States(sql);
    this.receipts = new Receipts(sql);
    this.schemas = new Schemas(sql, names);
    this.loaded = Delivery.loaded(order, load);
  }

  /** The receipt; {@code replayed} when nothing was written because it was there already. */
  Committed run() throws IOException {
    Segment segment = order.segment();
    Catalog catalog = opened();
    Optional<Receipts.Receipt> receipt = receipts.find(segment.loadId());
    if (receipt.isPresent()) {
      return replay(receipt.get());
    }
    states.refuseOtherProjects(segment.project(), order.source());
    Predecessor before = Predecessor.of(states, order, load);
    Schema stored = schemas.newest(order.source());
    if (grows(stored)) {
      // siblings that grow the same schema come one after the other, and each sees the one before
      sql.dialect().lock(sql, order.source());
      catalog = Catalog.read(sql);
      stored = schemas.newest(order.source());
    }
    Tables tables = new Tables(sql, catalog, names);
    Shadow shadow = before.shadow(order, tables);
    if (order.refresh() != null) {
      stored =
          new Forget(sql, tables, names, segment, order.source()).apply(order.refresh(), stored);
      // what was loaded before it is not there any more, so nobody may bring it back
      new Corrections(sql, system, catalog)
          .write(segment, "refresh", segment.loadId(), before.state().checkpoint(), null, null);
    }
    List<String> roots = Families.roots(order, load, stored);
    Map<String, Long> removed =
        order.restart() ? restart(stored, roots, tables, before.wholeRun()) : null;
    Schema added = addsNothing() ? stored : load.schema();
    Schema schema = next(stored, added, roots);
    List<List<String>> families = Families.of(schema, roots);
    new Clashes(sql, catalog, system).refuse(schema, loaded);
    Ownership ownership = new Ownership(sql, names, system, order, catalog);
    ownership.refuseStrangers(stored, families, loaded);
    ownership.refuseDropped(before.state(), stored, families);
    tables.relax(stored, schema, loaded);
    if (load != null && load.tables().contains(SystemNames.REJECTS)) {
      rows.rejects(segment.loadId());
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    Delivery delivery =
        new Delivery(sql, names, tables, order, load, rows, schema, families, before.wholeRun());
    WindowKeys keys = new WindowKeys(sql, system, catalog, names);
    keys.begin(order);
    Shadow after = new Landing(delivery, keys).land(shadow, counts);
    keys.end(order);
    if (!Objects.equals(schema.versionHash(), stored.versionHash())) {
      schemas.write(schema);
    }
    Committed committed =
        new Committed(
            counts,
            SchemaMerge.changes(stored, schema, loaded),
            load == null ? 0 : load.rejected(),
            order.after(),
            false,
            removed,
            notes(keys));
    receipts.write(order, digest(), committed);
    FaultPoint.hit(FaultPoint.DURING_STATE);
    states.write(before.state(), segment, order.after(), after);
    new BoundaryKeysTable(sql, system, catalog).write(segment, order.keys());
    return committed;
  }

  /** What there is to tell of the load; {@code null} for nothing. */
  private Map<String, Long> notes(WindowKeys keys) {
    Map<String, Long> notes = new TreeMap<>(keys.notes());
    if (rows != null) {
      notes.putAll(rows.notes());
    }
    return notes.isEmpty() ? null : notes;
  }

  /** The tables that are there, with all of the system's, when nobody else loads the asset. */
  private Catalog opened() {
    Segment segment = order.segment();
    sql.dialect()
        .lock(sql, segment.project(), segment.asset(), String.valueOf(segment.partition()));
    Catalog catalog = Catalog.read(sql);
    if (!system.complete(catalog)) {
      sql.dialect().lock(sql);
      catalog = Catalog.read(sql);
      system.check(catalog);
      system.create(catalog);
    }
    return catalog;
  }

  /**
   * So does a load of nothing but rejects: a mistyped key, which must have a value, would reject
   * the records of the corrected project too. What else it has comes with the next load that has
   * rows.
   */
  private boolean addsNothing() {
    return load == null
        || order.disposition().kind() == Kind.SKIP
        || !order.compat() && load.rejected() > 0 && loaded.isEmpty();
  }

  private boolean grows(Schema stored) {
    return order.refresh() != null
        || (load != null
            && !(stored.tables().equals(load.schema().tables())
                && Objects.equals(stored.settings(), load.schema().settings())));
  }

  /** The stored schema with the additions, and with the next version when they change anything. */
  private Schema next(Schema stored, Schema added, List<String> roots) {
    if (added == stored && order.refresh() == null) {
      return stored;
    }
    Set<String> own = new LinkedHashSet<>();
    Families.of(added, roots).forEach(own::addAll);
    return SchemaJson.bump(stored, SchemaMerge.merge(stored, added, own));
  }

  private String digest() {
    return load == null ? NO_PACKAGE : load.sha256();
  }

  private Committed replay(Receipts.Receipt receipt) {
    if (receipt.sha256().equals(digest())) {
      return receipt.committed();
    }
    throw new MillraceException(
        Failure.LOAD_REFUSED,
        "Cannot load %s: this load was committed with other content: load %s has digest %s, not %s (the state is read again and the run goes on from it)"
            .formatted(
                order.segment().asset(), order.segment().loadId(), receipt.sha256(), digest()));
  }

  /**
   * Removes what the open window has, because it begins again. Where a run's rows wait in shadow
   * tables there is nothing to remove: those of the run before are discarded anyway.
   */
  private Map<String, Long> restart(
      Schema stored, List<String> roots, Tables tables, boolean wholeRun) {
    boolean visible = !wholeRun && order.disposition().kind() != Kind.SKIP;
    if (visible) {
      for (List<String> family : Families.of(stored, roots)) {
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
        new OpenWindow(sql, tables.catalog(), names, order.segment())
            .remove(stored, visible ? Families.of(stored, roots) : List.of());
    FaultPoint.hit(FaultPoint.AFTER_REMOVAL);
    return removed;
  }
}
