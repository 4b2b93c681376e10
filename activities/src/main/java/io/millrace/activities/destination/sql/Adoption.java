package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.DltState;
import io.millrace.activities.destination.Ledger.Foreign;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A dataset that dlt made, and what makes it one of ours: our tables beside dlt's. */
final class Adoption {
  private static final States.State NONE = new States.State(0, 0, null, null, false);

  private final Sql sql;
  private final SystemNames names;
  private final SystemTables system;
  private final Catalog catalog;

  Adoption(Sql sql, SystemNames names) {
    this.sql = sql;
    this.names = names;
    this.system = new SystemTables(sql, names);
    this.catalog = Catalog.read(sql);
  }

  Foreign look(String source, String pipeline) {
    system.checkColumns(catalog);
    boolean adopted = catalog.table(SystemNames.RECEIPTS) != null;
    if (catalog.table(names.version()) == null || catalog.table(names.loads()) == null) {
      return new Foreign(adopted, null, List.of(), List.of(), null, 0, null);
    }
    List<String> sources =
        sql.select(
                "SELECT DISTINCT schema_name FROM %s ORDER BY 1"
                    .formatted(sql.table(names.version())))
            .mapTo(String.class)
            .list();
    Schema schema = sources.contains(source) ? new Schemas(sql, names).newest(source) : null;
    Map<String, JsonNode> states = states(source);
    String chosen =
        pipeline != null ? pipeline : states.size() == 1 ? states.keySet().iterator().next() : null;
    return new Foreign(
        adopted,
        schema,
        sources,
        List.copyOf(states.keySet()),
        states.containsKey(chosen) ? chosen : null,
        sql.select(
                "SELECT count(*) FROM %s WHERE status = 0 AND schema_name = ?"
                    .formatted(sql.table(names.loads())),
                source)
            .mapTo(Long.class)
            .one(),
        chosen == null ? null : states.get(chosen));
  }

  /** The newest completed state of each pipeline that has something of the source. */
  private Map<String, JsonNode> states(String source) {
    String table = names.prefix() + "_pipeline_state";
    Map<String, JsonNode> states = new LinkedHashMap<>();
    if (catalog.table(table) == null) {
      return states;
    }
    sql.select(
            """
            SELECT DISTINCT ON (s.pipeline_name) s.pipeline_name, s.state FROM %s s JOIN %s l ON l.load_id = s.%s
            WHERE l.status = 0 ORDER BY s.pipeline_name, l.load_id DESC
            """
                .formatted(sql.table(table), sql.table(names.loads()), Sql.name(names.loadId())))
        .map((row, context) -> Map.entry(row.getString("pipeline_name"), row.getString("state")))
        .forEach(
            pipeline -> {
              JsonNode of = DltState.read(pipeline.getValue()).path("sources").get(source);
              if (of != null) {
                states.put(pipeline.getKey(), of);
              }
            });
    return states;
  }

  void adopt(String project, Map<String, JsonNode> checkpoints) {
    sql.dialect().lock(sql);
    Catalog now = Catalog.read(sql);
    system.checkColumns(now);
    system.create(now);
    for (Map.Entry<String, JsonNode> asset : checkpoints.entrySet()) {
      boolean known =
          sql.any(
              "SELECT 1 FROM %s WHERE %s"
                  .formatted(sql.table(SystemNames.STATE), SystemTables.ASSET),
              project,
              asset.getKey(),
              null);
      if (!known) {
        Segment first = new Segment(project, null, asset.getKey(), null, null, null, 1, 0);
        new States(sql).write(NONE, first, asset.getValue(), null);
        new Corrections(sql, system, now).write(first, "adopt", null, null, asset.getValue(), null);
      }
    }
  }
}
