package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.run.Visits.Mark;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** {@code _mr_receipts}: what each load committed, in the transaction of its rows. */
final class Receipts {
  /** A stored receipt and the digest of its package. */
  record Receipt(String sha256, Committed committed) {}

  private final Sql sql;
  private final String table;

  Receipts(Sql sql) {
    this.sql = sql;
    this.table = sql.table(SystemNames.RECEIPTS);
  }

  Optional<Receipt> find(String loadId) {
    return sql.select(
            """
            SELECT package_sha256, "rows"::VARCHAR AS "rows", schema_changes::VARCHAR AS schema_changes, rejected,
              checkpoint_after::VARCHAR AS checkpoint_after, removed::VARCHAR AS removed,
              notes::VARCHAR AS notes
            FROM %s WHERE load_id = ?
            """
                .formatted(table),
            loadId)
        .map(
            (row, context) ->
                new Receipt(
                    row.getString("package_sha256"),
                    new Committed(
                        Json.counts(row.getString("rows")),
                        Json.texts(row.getString("schema_changes")),
                        row.getLong("rejected"),
                        Json.tree(row.getString("checkpoint_after")),
                        true,
                        Json.counts(row.getString("removed")),
                        Json.counts(row.getString("notes")))))
        .findOne();
  }

  void write(Order order, String sha256, Committed committed) {
    Segment segment = order.segment();
    sql.run(
        """
        INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::JSON, ?::JSON, ?, ?, ?, ?::JSON, ?::JSON, now(), ?::JSON, ?::JSON)
        """
            .formatted(table),
        segment.loadId(),
        segment.project(),
        segment.asset(),
        segment.partition(),
        segment.runId(),
        segment.epoch(),
        segment.seq(),
        sha256,
        Json.text(committed.rows()),
        Json.text(committed.schemaChanges()),
        committed.rejected(),
        order.bytes(),
        order.requests(),
        Json.text(order.before()),
        Json.text(order.after()),
        Json.text(committed.removed()),
        Json.text(committed.notes()));
  }

  /** Says what a load has now that it was normalized again. */
  void rewrite(Shadow.Again again) {
    sql.run(
        "UPDATE %s SET package_sha256 = ?, \"rows\" = ?::JSON, rejected = ?, notes = ?::JSON WHERE load_id = ?"
            .formatted(table),
        again.sha256(),
        Json.text(again.rows()),
        again.rejected(),
        Json.text(again.notes().isEmpty() ? null : again.notes()),
        again.id());
  }

  /**
   * Fills a table of one column with the load ids of the asset's open window: those after the last
   * load that closed one. Ids of a window that was begun again before may be among them; their rows
   * are gone.
   */
  void openWindow(Segment segment, String into) {
    Mark closed =
        sql.select(
                """
                SELECT epoch, segment FROM %s
                WHERE %s AND checkpoint_after->>'done' = 'true'
                ORDER BY epoch DESC, segment DESC LIMIT 1
                """
                    .formatted(table, SystemTables.ASSET),
                SystemTables.asset(segment))
            .map((row, context) -> new Mark(row.getInt("epoch"), row.getInt("segment")))
            .findFirst()
            .orElse(Mark.NONE);
    sql.run(
        "INSERT INTO %s SELECT load_id FROM %s WHERE %s AND (epoch > ? OR epoch = ? AND segment > ?)"
            .formatted(into, table, SystemTables.ASSET),
        segment.project(),
        segment.asset(),
        segment.partition(),
        closed.epoch(),
        closed.epoch(),
        closed.seq());
  }

  /** Whether another asset of the source has loaded in the same run already. */
  boolean siblingLoaded(Segment segment, String source) {
    return segment.runId() != null
        && sql.any(
            "SELECT 1 FROM %s WHERE %s AND run_id = ? LIMIT 1"
                .formatted(table, SystemTables.SIBLINGS),
            segment.project(),
            segment.asset(),
            source + ".",
            segment.runId());
  }

  /**
   * Rows per table that loads of the asset brought and that showed, since it last began from the
   * beginning.
   *
   * @param epoch only of loads after it
   */
  Map<String, Long> shown(Segment segment, int epoch, SystemNames names) {
    Object[] asset = SystemTables.asset(segment);
    Mark begun =
        sql.select(
                """
                SELECT epoch, segment FROM %s WHERE %s AND coalesce(checkpoint_before::VARCHAR, 'null') = 'null'
                ORDER BY epoch DESC, segment DESC LIMIT 1
                """
                    .formatted(table, SystemTables.ASSET),
                asset)
            .map((row, context) -> new Mark(row.getInt("epoch"), row.getInt("segment")))
            .findFirst()
            .orElse(Mark.NONE);
    Map<String, Long> shown = new HashMap<>();
    sql.select(
            """
            SELECT "rows"::VARCHAR FROM %s WHERE %s AND epoch > %d AND (epoch > %d OR epoch = %d AND segment >= %d)
              AND load_id IN (SELECT load_id FROM %s)
            """
                .formatted(
                    table,
                    SystemTables.ASSET,
                    epoch,
                    begun.epoch(),
                    begun.epoch(),
                    begun.seq(),
                    sql.table(names.loads())),
            asset)
        .mapTo(String.class)
        .forEach(rows -> Json.counts(rows).forEach((name, n) -> shown.merge(name, n, Long::sum)));
    return shown;
  }
}
