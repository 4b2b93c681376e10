package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import java.util.List;

/** {@code _mr_state}: how far each asset is, in the transaction of the rows. */
final class States {
  /**
   * A row of {@code _mr_state}.
   *
   * @param checkpoint {@code null} for the beginning
   * @param shadow {@code null} when no run over shadow tables is open
   * @param there whether there is such a row
   */
  record State(int epoch, int seq, JsonNode checkpoint, Shadow shadow, boolean there) {}

  private final Sql sql;
  private final String table;

  States(Sql sql) {
    this.sql = sql;
    this.table = sql.table(SystemNames.STATE);
  }

  /**
   * What an asset has. Without a row of its own but with receipts, somebody deleted the row: then
   * loading from the beginning could double rows, so it is refused unless the run forgets them
   * anyway.
   */
  State read(String project, String asset, String partition, boolean refreshing) {
    return sql.select(
            "SELECT epoch, segment, checkpoint::VARCHAR AS checkpoint, shadow::VARCHAR AS shadow FROM %s WHERE %s"
                .formatted(table, SystemTables.ASSET),
            project,
            asset,
            partition)
        .map(
            (row, context) ->
                new State(
                    row.getInt("epoch"),
                    row.getInt("segment"),
                    Json.tree(row.getString("checkpoint")),
                    Json.shadow(row.getString("shadow")),
                    true))
        .findFirst()
        .orElseGet(() -> none(project, asset, partition, refreshing));
  }

  private State none(String project, String asset, String partition, boolean refreshing) {
    int epoch =
        sql.select(
                "SELECT coalesce(max(epoch), 0) FROM %s WHERE %s"
                    .formatted(sql.table(SystemNames.RECEIPTS), SystemTables.ASSET),
                project,
                asset,
                partition)
            .mapTo(Integer.class)
            .one();
    if (epoch > 0 && !refreshing) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load %s: its row in _mr_state is gone but its receipts are there: loading it from the beginning could double its rows (put the row back, or run with --refresh drop_resources)"
              .formatted(asset));
    }
    return new State(epoch, 0, null, null, false);
  }

  /**
   * Puts the asset's row in the place of the one that the fence looked at. If that one changed
   * meanwhile, by a sibling's refresh or by hand, everything that this load did is built on sand.
   */
  void write(State before, Segment segment, JsonNode checkpoint, Shadow shadow) {
    long found =
        before.there()
            ? sql.run(
                "DELETE FROM %s WHERE %s AND epoch = ? AND segment = ?"
                    .formatted(table, SystemTables.ASSET),
                segment.project(),
                segment.asset(),
                segment.partition(),
                (long) before.epoch(),
                (long) before.seq())
            : 0;
    boolean other =
        sql.any(
            "SELECT 1 FROM %s WHERE %s".formatted(table, SystemTables.ASSET),
            SystemTables.asset(segment));
    if (other || found == 0 && before.there()) {
      throw new MillraceException(
          Failure.LOAD_REFUSED,
          "Cannot load %s: its row in _mr_state changed during the load: load %s (the state is read again and the run goes on from it)"
              .formatted(segment.asset(), segment.loadId()));
    }
    sql.run(
        "INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?::JSON, ?::JSON, ?, now())".formatted(table),
        segment.project(),
        segment.asset(),
        segment.partition(),
        segment.epoch(),
        segment.seq(),
        Json.text(checkpoint),
        Json.text(shadow),
        segment.loadId());
  }

  /**
   * Refuses a second project on the same tables: each would take the rows of the other for its own.
   */
  void refuseOtherProjects(String project, String source) {
    sql.select(
            "SELECT project, asset FROM %s WHERE project <> ? AND starts_with(asset, ?) LIMIT 1"
                .formatted(table),
            project,
            source + ".")
        .map((row, context) -> List.of(row.getString("project"), row.getString("asset")))
        .findFirst()
        .ifPresent(
            other -> {
              throw new MillraceException(
                  Failure.DESTINATION_REFUSED,
                  "Cannot load source %s into dataset %s: another project loads it there: %s, asset %s (take another dataset or source name; a project that was renamed takes its old name back)"
                      .formatted(source, sql.dataset(), other.get(0), other.get(1)));
            });
  }

  /** The open shadow tables of the other assets of a source. */
  List<Shadow> otherShadows(Segment segment, String source) {
    return sql.select(
            "SELECT shadow::VARCHAR FROM %s WHERE %s AND shadow IS NOT NULL"
                .formatted(table, SystemTables.SIBLINGS),
            segment.project(),
            segment.asset(),
            source + ".")
        .map((row, context) -> Json.shadow(row.getString(1)))
        .list();
  }

  /** Sets the other assets of a source back to the beginning and fences their writers. */
  void resetOthers(Segment segment, String source) {
    sql.run(
        """
        UPDATE %s SET epoch = epoch + 1, segment = 0, checkpoint = NULL, shadow = NULL, updated_at = now() WHERE %s
        """
            .formatted(table, SystemTables.SIBLINGS),
        segment.project(),
        segment.asset(),
        source + ".");
  }
}
