package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.DltState;
import io.millrace.activities.destination.Ledger.Foreign;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A dataset that dlt made, and what makes it one of ours: our tables beside dlt's. */
final class Adoption {
  private static final SystemTables.State NONE = new SystemTables.State(0, 0, null, null, false);

  private final Sql sql;
  private final SystemNames names;
  private final SystemTables system;
  private final Catalog catalog;

  Adoption(Sql sql, SystemNames names) throws SQLException {
    this.sql = sql;
    this.names = names;
    this.system = new SystemTables(sql, names);
    this.catalog = Catalog.read(sql);
  }

  Foreign look(String source, String pipeline) throws SQLException {
    system.checkColumns(catalog);
    boolean adopted = catalog.table(SystemNames.RECEIPTS) != null;
    if (catalog.table(names.version()) == null || catalog.table(names.loads()) == null) {
      return new Foreign(adopted, null, List.of(), List.of(), null, 0, null);
    }
    List<String> sources =
        sql
            .rows(
                "SELECT DISTINCT schema_name FROM %s ORDER BY 1"
                    .formatted(sql.table(names.version())))
            .stream()
            .map(row -> (String) row.get(0))
            .toList();
    Schema schema = sources.contains(source) ? system.schema(source) : null;
    Map<String, JsonNode> states = states(source);
    String chosen =
        pipeline != null ? pipeline : states.size() == 1 ? states.keySet().iterator().next() : null;
    return new Foreign(
        adopted,
        schema,
        sources,
        List.copyOf(states.keySet()),
        states.containsKey(chosen) ? chosen : null,
        sql.number(
            "SELECT count(*) FROM %s WHERE status = 0 AND schema_name = ?"
                .formatted(sql.table(names.loads())),
            source),
        chosen == null ? null : states.get(chosen));
  }

  /** The newest completed state of each pipeline that has something of the source. */
  private Map<String, JsonNode> states(String source) throws SQLException {
    String table = names.prefix() + "_pipeline_state";
    Map<String, JsonNode> states = new LinkedHashMap<>();
    if (catalog.table(table) == null) {
      return states;
    }
    for (List<Object> row :
        sql.rows(
            """
            SELECT DISTINCT ON (s.pipeline_name) s.pipeline_name, s.state FROM %s s JOIN %s l ON l.load_id = s.%s
            WHERE l.status = 0 ORDER BY s.pipeline_name, l.load_id DESC
            """
                .formatted(sql.table(table), sql.table(names.loads()), Sql.name(names.loadId())))) {
      JsonNode of = DltState.read((String) row.get(1)).path("sources").get(source);
      if (of != null) {
        states.put((String) row.get(0), of);
      }
    }
    return states;
  }

  void adopt(String project, Map<String, JsonNode> checkpoints) throws SQLException {
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
        system.writeState(NONE, first, asset.getValue(), null);
        system.writeCorrection(first, now, "adopt", null, null, asset.getValue(), null);
      }
    }
  }
}
