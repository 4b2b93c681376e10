package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Ledger.Event;
import io.millrace.activities.destination.Ledger.Reason;
import io.millrace.activities.destination.Ledger.Reject;
import io.millrace.activities.destination.Ledger.Rejects;
import io.millrace.activities.destination.Ledger.State;
import io.millrace.activities.destination.Ledger.Version;
import io.millrace.destination.SystemNames;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Reads the system tables for people. */
final class Books {
  /** Characters of a reason by which rejects are counted; a reason may quote its record. */
  private static final int REASON = 120;

  /** Reasons that are told. */
  private static final int REASONS = 50;

  private final Sql sql;
  private final SystemNames names;
  private final Catalog catalog;

  Books(Sql sql, SystemNames names, Catalog catalog) {
    this.sql = sql;
    this.names = names;
    this.catalog = catalog;
  }

  List<State> states(String project) {
    return sql.select(
            """
            SELECT asset, "partition", epoch, segment, checkpoint::VARCHAR AS checkpoint, shadow IS NOT NULL AS shadowed,
              load_id, %s AS moment
            FROM %s WHERE project = ? ORDER BY asset, "partition"
            """
                .formatted(micros("updated_at"), sql.table(SystemNames.STATE)),
            project)
        .map(
            (row, context) ->
                new State(
                    row.getString("asset"),
                    row.getString("partition"),
                    row.getInt("epoch"),
                    row.getInt("segment"),
                    Json.tree(row.getString("checkpoint")),
                    row.getBoolean("shadowed"),
                    row.getString("load_id"),
                    moment(row)))
        .list();
  }

  List<Event> history(String project, String asset, int limit) {
    List<Event> events = new ArrayList<>(corrections(project, asset, limit));
    events.addAll(loads(project, asset, limit));
    events.sort(Comparator.comparing(Event::epoch).thenComparing(Event::segment).reversed());
    return events.subList(0, Math.min(events.size(), limit));
  }

  private List<Event> loads(String project, String asset, int limit) {
    return sql.select(
            """
            SELECT load_id, run_id, epoch, segment, "rows"::VARCHAR AS "rows", schema_changes::VARCHAR AS schema_changes,
              rejected, bytes, requests, checkpoint_before::VARCHAR AS checkpoint_before,
              checkpoint_after::VARCHAR AS checkpoint_after, removed::VARCHAR AS removed, %s AS moment
            FROM %s WHERE project = ? AND asset = ? ORDER BY epoch DESC, segment DESC LIMIT %d
            """
                .formatted(micros("committed_at"), sql.table(SystemNames.RECEIPTS), limit),
            project,
            asset)
        .map(
            (row, context) ->
                new Event(
                    "load",
                    row.getString("load_id"),
                    row.getString("run_id"),
                    row.getInt("epoch"),
                    row.getInt("segment"),
                    Json.counts(row.getString("rows")),
                    Json.texts(row.getString("schema_changes")),
                    row.getLong("rejected"),
                    row.getLong("bytes"),
                    row.getLong("requests"),
                    Json.tree(row.getString("checkpoint_before")),
                    Json.tree(row.getString("checkpoint_after")),
                    Json.counts(row.getString("removed")),
                    moment(row)))
        .list();
  }

  private List<Event> corrections(String project, String asset, int limit) {
    if (catalog.table(SystemNames.CORRECTIONS) == null) {
      return List.of();
    }
    return sql.select(
            """
            SELECT deed, load_id, epoch, checkpoint_before::VARCHAR AS checkpoint_before,
              checkpoint_after::VARCHAR AS checkpoint_after, removed::VARCHAR AS removed, %s AS moment
            FROM %s WHERE project = ? AND asset = ? ORDER BY epoch DESC LIMIT %d
            """
                .formatted(micros("corrected_at"), sql.table(SystemNames.CORRECTIONS), limit),
            project,
            asset)
        .map(
            (row, context) ->
                new Event(
                    row.getString("deed"),
                    row.getString("load_id"),
                    null,
                    row.getInt("epoch"),
                    0,
                    Map.of(),
                    List.of(),
                    0,
                    0,
                    0,
                    Json.tree(row.getString("checkpoint_before")),
                    Json.tree(row.getString("checkpoint_after")),
                    Json.counts(row.getString("removed")),
                    moment(row)))
        .list();
  }

  List<Version> versions(String source, int limit) {
    return sql.select(
            """
            SELECT version, version_hash, %s AS moment, schema FROM %s WHERE schema_name = ?
            ORDER BY version DESC, inserted_at DESC LIMIT %d
            """
                .formatted(micros("inserted_at"), sql.table(names.version()), limit),
            source)
        .map(
            (row, context) ->
                new Version(
                    row.getLong("version"),
                    row.getString("version_hash"),
                    moment(row),
                    SystemSchema.removed(SchemaJson.read(row.getString("schema")), names)))
        .list();
  }

  Rejects rejects(String project, Collection<String> assets, int limit) {
    String those =
        "FROM %s WHERE asset IN (%s) AND load_id IN (SELECT load_id FROM %s WHERE project = ?)"
            .formatted(
                sql.table(SystemNames.REJECTS),
                String.join(", ", assets.stream().map(a -> "?").toList()),
                sql.table(SystemNames.RECEIPTS));
    List<Object> values = new ArrayList<>(assets);
    values.add(project);
    Object[] bound = values.toArray();
    long count = sql.select("SELECT count(*) " + those, bound).mapTo(Long.class).one();
    List<Reason> reasons =
        sql.select(
                "SELECT asset, %s AS why, count(*) AS n %s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %d"
                    .formatted(kind(), those, REASONS),
                bound)
            .map(
                (row, context) ->
                    new Reason(row.getString("asset"), row.getString("why"), row.getLong("n")))
            .list();
    List<Reject> newest =
        sql.select(
                """
                SELECT asset, load_id, table_name, path, reason, record::VARCHAR AS record, %s AS moment %s
                ORDER BY rejected_at DESC, load_id DESC, %s LIMIT %d
                """
                    .formatted(micros("rejected_at"), those, sql.dialect().rowId(), limit),
                bound)
            .map(
                (row, context) ->
                    new Reject(
                        row.getString("asset"),
                        row.getString("load_id"),
                        row.getString("table_name"),
                        row.getString("path"),
                        row.getString("reason"),
                        row.getString("record"),
                        moment(row)))
            .list();
    return new Rejects(count, reasons, newest);
  }

  /** A reason ends with where its record is, in parentheses, which no two share. */
  private static String kind() {
    return "left(regexp_replace(coalesce(reason, ''), ' \\([^()]*\\)$', ''), " + REASON + ")";
  }

  /** A time as whole microseconds, for both engines' drivers have their own. */
  private static String micros(String column) {
    return "CAST(extract(epoch FROM " + column + ") * 1000000 AS BIGINT)";
  }

  private static Instant moment(ResultSet row) throws SQLException {
    return Instant.EPOCH.plus(row.getLong("moment"), ChronoUnit.MICROS);
  }
}
