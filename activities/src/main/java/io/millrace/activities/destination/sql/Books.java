package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.Ledger.Event;
import io.millrace.activities.destination.Ledger.Reason;
import io.millrace.activities.destination.Ledger.Reject;
import io.millrace.activities.destination.Ledger.Rejects;
import io.millrace.activities.destination.Ledger.State;
import io.millrace.activities.destination.Ledger.Version;
import io.millrace.destination.SystemNames;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;
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
  private static final TypeReference<JsonNode> TREE = new TypeReference<>() {};
  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};

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

  List<State> states(String project) throws SQLException {
    List<State> states = new ArrayList<>();
    for (List<Object> row :
        sql.rows(
            """
            SELECT asset, "partition", epoch, segment, checkpoint::VARCHAR, shadow IS NOT NULL, load_id, %s
            FROM %s WHERE project = ? ORDER BY asset, "partition"
            """
                .formatted(micros("updated_at"), sql.table(SystemNames.STATE)),
            project)) {
      states.add(
          new State(
              (String) row.get(0),
              (String) row.get(1),
              number(row.get(2)),
              number(row.get(3)),
              SystemTables.parse(row.get(4), TREE),
              (Boolean) row.get(5),
              (String) row.get(6),
              moment(row.get(7))));
    }
    return states;
  }

  List<Event> history(String project, String asset, int limit) throws SQLException {
    List<Event> events = new ArrayList<>(corrections(project, asset, limit));
    for (List<Object> row :
        sql.rows(
            """
            SELECT load_id, run_id, epoch, segment, "rows"::VARCHAR, schema_changes::VARCHAR, rejected, bytes, requests,
              checkpoint_before::VARCHAR, checkpoint_after::VARCHAR, removed::VARCHAR, %s
            FROM %s WHERE project = ? AND asset = ? ORDER BY epoch DESC, segment DESC LIMIT %d
            """
                .formatted(micros("committed_at"), sql.table(SystemNames.RECEIPTS), limit),
            project,
            asset)) {
      events.add(
          new Event(
              "load",
              (String) row.get(0),
              (String) row.get(1),
              number(row.get(2)),
              number(row.get(3)),
              SystemTables.parse(row.get(4), COUNTS),
              SystemTables.parse(row.get(5), new TypeReference<List<String>>() {}),
              (Long) row.get(6),
              (Long) row.get(7),
              (Long) row.get(8),
              SystemTables.parse(row.get(9), TREE),
              SystemTables.parse(row.get(10), TREE),
              SystemTables.parse(row.get(11), COUNTS),
              moment(row.get(12))));
    }
    events.sort(Comparator.comparing(Event::epoch).thenComparing(Event::segment).reversed());
    return events.subList(0, Math.min(events.size(), limit));
  }

  private List<Event> corrections(String project, String asset, int limit) throws SQLException {
    List<Event> events = new ArrayList<>();
    if (catalog.table(SystemNames.CORRECTIONS) == null) {
      return events;
    }
    for (List<Object> row :
        sql.rows(
            """
            SELECT deed, load_id, epoch, checkpoint_before::VARCHAR, checkpoint_after::VARCHAR, removed::VARCHAR, %s
            FROM %s WHERE project = ? AND asset = ? ORDER BY epoch DESC LIMIT %d
            """
                .formatted(micros("corrected_at"), sql.table(SystemNames.CORRECTIONS), limit),
            project,
            asset)) {
      events.add(
          new Event(
              (String) row.get(0),
              (String) row.get(1),
              null,
              number(row.get(2)),
              0,
              Map.of(),
              List.of(),
              0,
              0,
              0,
              SystemTables.parse(row.get(3), TREE),
              SystemTables.parse(row.get(4), TREE),
              SystemTables.parse(row.get(5), COUNTS),
              moment(row.get(6))));
    }
    return events;
  }

  List<Version> versions(String source, int limit) throws SQLException {
    List<Version> versions = new ArrayList<>();
    for (List<Object> row :
        sql.rows(
            """
            SELECT version, version_hash, %s, schema FROM %s WHERE schema_name = ?
            ORDER BY version DESC, inserted_at DESC LIMIT %d
            """
                .formatted(micros("inserted_at"), sql.table(names.version()), limit),
            source)) {
      versions.add(
          new Version(
              (Long) row.get(0),
              (String) row.get(1),
              moment(row.get(2)),
              SystemSchema.removed(SchemaJson.read((String) row.get(3)), names)));
    }
    return versions;
  }

  Rejects rejects(String project, Collection<String> assets, int limit) throws SQLException {
    String those =
        "FROM %s WHERE asset IN (%s) AND load_id IN (SELECT load_id FROM %s WHERE project = ?)"
            .formatted(
                sql.table(SystemNames.REJECTS),
                String.join(", ", assets.stream().map(a -> "?").toList()),
                sql.table(SystemNames.RECEIPTS));
    List<Object> values = new ArrayList<>(assets);
    values.add(project);
    Object[] bound = values.toArray();
    List<Reason> reasons = new ArrayList<>();
    for (List<Object> row :
        sql.rows(
            "SELECT asset, %s AS why, count(*) %s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %d"
                .formatted(kind(), those, REASONS),
            bound)) {
      reasons.add(new Reason((String) row.get(0), (String) row.get(1), (Long) row.get(2)));
    }
    List<Reject> newest = new ArrayList<>();
    for (List<Object> row :
        sql.rows(
            """
            SELECT asset, load_id, table_name, path, reason, record::VARCHAR, %s %s
            ORDER BY rejected_at DESC, load_id DESC, %s LIMIT %d
            """
                .formatted(micros("rejected_at"), those, sql.dialect().rowId(), limit),
            bound)) {
      newest.add(
          new Reject(
              (String) row.get(0),
              (String) row.get(1),
              (String) row.get(2),
              (String) row.get(3),
              (String) row.get(4),
              (String) row.get(5),
              moment(row.get(6))));
    }
    return new Rejects(sql.number("SELECT count(*) " + those, bound), reasons, newest);
  }

  /** A reason ends with where its record is, in parentheses, which no two share. */
  private static String kind() {
    return "left(regexp_replace(coalesce(reason, ''), ' \\([^()]*\\)$', ''), " + REASON + ")";
  }

  /** A time as whole microseconds, for both engines' drivers have their own. */
  private static String micros(String column) {
    return "CAST(extract(epoch FROM " + column + ") * 1000000 AS BIGINT)";
  }

  private static Instant moment(Object micros) {
    return Instant.EPOCH.plus((Long) micros, ChronoUnit.MICROS);
  }

  private static int number(Object value) {
    return Math.toIntExact((Long) value);
  }
}
