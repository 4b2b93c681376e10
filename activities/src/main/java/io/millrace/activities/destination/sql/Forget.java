package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.SchemaMerge;
import io.millrace.asset.AssetKey;
import io.millrace.destination.SystemNames;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a run forgets before it begins ({@code refresh}), in the transaction of its first load: the
 * old data is there until the first of the new is. Where rows show only with the run's last load,
 * as under {@code replace}, none are there in between.
 */
final class Forget {
  private final Tables tables;
  private final States states;
  private final Receipts receipts;
  private final SystemNames names;
  private final Segment segment;
  private final String source;

  Forget(Sql sql, Tables tables, SystemNames names, Segment segment, String source) {
    this.tables = tables;
    this.states = new States(sql);
    this.receipts = new Receipts(sql);
    this.names = names;
    this.segment = segment;
    this.source = source;
  }

  /** Forgets, and returns the stored schema without what is gone. */
  Schema apply(Refresh refresh, Schema stored) {
    // in a run over several assets of the source, the first of them has dropped everything already
    boolean all = refresh == Refresh.DROP_SOURCES && !receipts.siblingLoaded(segment, source);
    if (all) {
      for (Shadow shadow : states.otherShadows(segment, source)) {
        tables.drop(shadow);
      }
      states.resetOthers(segment, source);
    }
    Set<String> gone = tables(stored, all, AssetKey.parse(segment.asset()).name(), names);
    for (String table : gone) {
      if (refresh == Refresh.DROP_DATA) {
        tables.empty(table);
      } else {
        tables.drop(table);
      }
    }
    return refresh == Refresh.DROP_DATA ? stored : without(stored, gone);
  }

  /** The schema as it is for who does not know the forgotten tables any more. */
  static Schema preview(Refresh refresh, Schema stored, String asset, SystemNames names) {
    return refresh == null || refresh == Refresh.DROP_DATA
        ? stored
        : without(
            stored,
            tables(stored, refresh == Refresh.DROP_SOURCES, AssetKey.parse(asset).name(), names));
  }

  private static Set<String> tables(
      Schema stored, boolean all, String resource, SystemNames names) {
    Set<String> tables = new LinkedHashSet<>();
    for (TableSchema table : stored.tables()) {
      if (!names.ours(table.name())
          && table.parent() == null
          && (all || resource.equals(table.resource()))) {
        tables.addAll(SchemaMerge.family(stored, table.name()));
      }
    }
    return tables;
  }

  private static Schema without(Schema schema, Set<String> gone) {
    List<TableSchema> left =
        schema.tables().stream().filter(t -> !gone.contains(t.name())).toList();
    return new Schema(
        schema.name(),
        schema.version(),
        schema.versionHash(),
        schema.previousHashes(),
        schema.settings(),
        left);
  }
}
