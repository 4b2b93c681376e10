package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Ledger.Corrected;
import io.millrace.activities.destination.Ledger.Correction;
import io.millrace.activities.destination.Ledger.Deed;
import io.millrace.activities.destination.SchemaMerge;
import io.millrace.asset.AssetKey;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.run.Visits.Mark;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A change of a state by hand: under the lock of a load, with a raised epoch, and noted. Whoever
 * calls it commits, or rolls all of it back.
 */
final class CorrectionTransaction {
  private final Sql sql;
  private final SystemNames names;
  private final Correction order;
  private final SystemTables system;
  private Catalog catalog;

  /** The load to go back to, and what came behind it. */
  private record Target(Mark mark, JsonNode checkpoint, List<String> later) {}

  CorrectionTransaction(Sql sql, SystemNames names, Correction order) {
    this.sql = sql;
    this.names = names;
    this.order = order;
    this.system = new SystemTables(sql, names);
  }

  Corrected run() {
    sql.dialect().lock(sql, order.project(), order.asset(), String.valueOf((Object) null));
    catalog = Catalog.read(sql);
    system.check(catalog);
    States states = new States(sql);
    States.State state =
        catalog.table(SystemNames.STATE) == null
            ? new States.State(0, 0, null, null, false)
            : states.read(order.project(), order.asset(), null, true);
    if (state.epoch() == 0) {
      throw refused(
          Failure.CONFIG_INVALID, "it has no state: nothing of it was loaded yet (run it first)");
    }
    Tables tables = new Tables(sql, catalog, names);
    if (state.shadow() != null) {
      tables.drop(state.shadow()); // of a run that was never applied
    }
    Target target = order.deed() == Deed.REWIND ? target() : null;
    JsonNode after = target == null ? order.checkpoint() : target.checkpoint();
    Map<String, Long> removed = target == null ? null : rewind(target);
    Segment now =
        new Segment(order.project(), null, order.asset(), null, null, null, state.epoch() + 1, 0);
    BoundaryKeysTable texts = new BoundaryKeysTable(sql, system, catalog);
    texts.write(now, keys(after, texts.read(order.project(), order.asset(), null)));
    new WindowKeys(sql, system, catalog, names).forget(now);
    states.write(state, now, after, null);
    new Corrections(sql, system, catalog)
        .write(
            now,
            order.deed().name().toLowerCase(Locale.ROOT),
            order.loadId(),
            state.checkpoint(),
            after,
            removed);
    boolean gone = target != null && order.deleteRows();
    return new Corrected(
        now.epoch(), state.checkpoint(), after, gone ? target.later() : List.of(), removed);
  }

  private Target target() {
    String those = "FROM " + sql.table(SystemNames.RECEIPTS) + " WHERE " + SystemTables.ASSET;
    Target to =
        sql.select(
                "SELECT checkpoint_after::VARCHAR AS checkpoint_after, epoch, segment %s AND load_id = ?"
                    .formatted(those),
                order.project(),
                order.asset(),
                null,
                order.loadId())
            .map(
                (row, context) ->
                    new Target(
                        new Mark(row.getInt("epoch"), row.getInt("segment")),
                        Json.tree(row.getString("checkpoint_after")),
                        List.of()))
            .findFirst()
            .orElseThrow(
                () ->
                    refused(
                        Failure.CONFIG_INVALID,
                        "it has no such load: %s (`millrace state history %s` lists them)"
                            .formatted(order.loadId(), order.asset())));
    List<String> later =
        sql.select(
                "SELECT load_id %s AND (epoch > ? OR epoch = ? AND segment > ?) ORDER BY epoch, segment"
                    .formatted(those),
                order.project(),
                order.asset(),
                null,
                to.mark().epoch(),
                to.mark().epoch(),
                to.mark().seq())
            .mapTo(String.class)
            .list();
    return new Target(to.mark(), to.checkpoint(), later);
  }

  /** Rows that are gone per table; {@code null} when none were to go. */
  private Map<String, Long> rewind(Target target) {
    Schema schema = new Schemas(sql, names).newest(order.source());
    List<TableSchema> roots = roots(schema);
    String changes = changes(schema, target);
    if (changes == null) {
      refuseGone(target, roots);
    }
    if (!order.deleteRows()) {
      return null;
    }
    if (changes != null) {
      throw refused(
          Failure.POLICY_REFUSED,
          "its loads do not only add rows: %s: the rows as they were before cannot be brought back (leave out --delete-rows, or run with --refresh drop_data)"
              .formatted(changes));
    }
    Segment asset = new Segment(order.project(), null, order.asset(), null, null, null, 0, 0);
    Map<String, Long> removed =
        new OpenWindow(sql, catalog, names, asset)
            .remove(
                schema,
                roots.stream().map(t -> SchemaMerge.family(schema, t.name())).toList(),
                target.later());
    for (String load : target.later()) {
      sql.run("DELETE FROM %s WHERE load_id = ?".formatted(sql.table(names.loads())), load);
      sql.run("DELETE FROM %s WHERE load_id = ?".formatted(sql.table(SystemNames.RECEIPTS)), load);
    }
    return removed;
  }

  private List<TableSchema> roots(Schema schema) {
    String resource = AssetKey.parse(order.asset()).name();
    return schema.tables().stream()
        .filter(t -> t.parent() == null && resource.equals(t.resource()))
        .toList();
  }

  /**
   * What the loads behind the target did besides adding rows, in words; {@code null} for nothing.
   */
  private String changes(Schema newest, Target target) {
    List<Schema> schemas = new ArrayList<>(List.of(newest));
    sql.select(
            """
            SELECT DISTINCT v.schema FROM %s v JOIN %s l ON l.schema_version_hash = v.version_hash
            WHERE v.schema_name = ? AND l.load_id IN (SELECT load_id FROM %s WHERE %s AND (epoch > ? OR epoch = ? AND segment >= ?))
            """
                .formatted(
                    sql.table(names.version()),
                    sql.table(names.loads()),
                    sql.table(SystemNames.RECEIPTS),
                    SystemTables.ASSET),
            order.source(),
            order.project(),
            order.asset(),
            null,
            target.mark().epoch(),
            target.mark().epoch(),
            target.mark().seq())
        .mapTo(String.class)
        .forEach(text -> schemas.add(SystemSchema.removed(SchemaJson.read(text), names)));
    for (Schema schema : schemas) {
      for (TableSchema root : roots(schema)) {
        Object how = root.hints().getOrDefault("write_disposition", "append");
        Object strategy = root.hints().get("x-merge-strategy");
        boolean adds = how.equals("append") || "insert-only".equals(strategy);
        if (!adds) {
          return "%s of %s".formatted(strategy == null ? how : strategy, root.name());
        }
      }
    }
    return null;
  }

  /** Refuses to go back to loads whose rows were taken away since: a part would be missing. */
  private void refuseGone(Target target, List<TableSchema> roots) {
    Map<String, Map<String, Long>> loads =
        sql.select(
                "SELECT load_id, \"rows\"::VARCHAR AS \"rows\" FROM %s WHERE %s AND epoch = ? AND segment <= ?"
                    .formatted(sql.table(SystemNames.RECEIPTS), SystemTables.ASSET),
                order.project(),
                order.asset(),
                null,
                target.mark().epoch(),
                target.mark().seq())
            .map(
                (row, context) ->
                    Map.entry(row.getString("load_id"), Json.counts(row.getString("rows"))))
            .collectToMap(Map.Entry::getKey, Map.Entry::getValue);
    for (Map.Entry<String, Map<String, Long>> load : loads.entrySet()) {
      for (TableSchema root : roots) {
        Catalog.Table there = catalog.table(root.name());
        boolean gone =
            load.getValue().getOrDefault(root.name(), 0L) > 0
                && (there == null
                    || there.has(names.loadId())
                        && !sql.any(
                            "SELECT 1 FROM %s WHERE %s = ? LIMIT 1"
                                .formatted(sql.table(root.name()), Sql.name(names.loadId())),
                            load.getKey()));
        if (gone) {
          throw refused(
              Failure.POLICY_REFUSED,
              "the rows of load %s are not in %s any more: a refresh or a window that began again took them (choose a later load, or `millrace state reset %s`)"
                  .formatted(load.getKey(), root.name(), order.asset()));
        }
      }
    }
  }

  /** The texts of boundary keys that a checkpoint refers to. */
  private Map<String, String> keys(JsonNode checkpoint, Map<String, String> there) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String list : List.of("start_keys", "keys")) {
      JsonNode place = checkpoint == null ? null : checkpoint.path("cursor").path(list);
      if (place != null && place.isObject()) {
        String sha256 = place.path("sha256").asText();
        if (!there.containsKey(sha256)) {
          throw refused(
              Failure.POLICY_REFUSED,
              "more than a thousand records were at the cursor's boundary then, and what tells them apart is gone: %s (choose another load, or `millrace state set %s`)"
                  .formatted(sha256, order.asset()));
        }
        keys.put(sha256, there.get(sha256));
      }
    }
    return keys;
  }

  private MillraceException refused(Failure failure, String why) {
    return new MillraceException(
        failure,
        "Cannot %s the state of %s: %s"
            .formatted(order.deed().name().toLowerCase(Locale.ROOT), order.asset(), why));
  }
}
