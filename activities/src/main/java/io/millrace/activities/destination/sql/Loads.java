package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Loaded;
import io.millrace.activities.destination.Loader.Rows;
import io.millrace.activities.destination.Loader.Span;
import io.millrace.destination.SystemNames;
import io.millrace.run.Visits.Mark;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What an asset has loaded, for those who read its rows: its receipts and the rows of a load. */
final class Loads {
  private static final String ASSET = "project = ? AND asset = ? AND \"partition\" IS NULL";

  private static final String DONE = "checkpoint_after->>'done' = 'true'";

  private final Sql sql;
  private final SystemNames names;
  private final Catalog catalog;
  private final String receipts;

  Loads(Sql sql, SystemNames names, Catalog catalog) {
    this.sql = sql;
    this.names = names;
    this.catalog = catalog;
    this.receipts = sql.table(SystemNames.RECEIPTS);
  }

  /** The newest window, from where it began for the last time; {@code null} without a load. */
  Span window(String project, String asset) {
    Mark to = last(project, asset, "true");
    if (to == null) {
      return null;
    }
    Mark before = last(project, asset, DONE + " AND " + behind(to, false));
    before = before == null ? Mark.NONE : before;
    Mark again = last(project, asset, "removed IS NOT NULL AND " + behind(before, true));
    return new Span(again == null ? before : new Mark(again.epoch(), again.seq() - 1), to);
  }

  /**
   * The newest run of which rows show in the table: a run has an epoch of its own, and one that has
   * not ended shows nothing.
   */
  Span run(String project, String asset, String table) {
    if (last(project, asset, "true") == null) {
      return null;
    }
    Mark to = null;
    if (catalog.table(table) != null) {
      String shown =
          "load_id IN (SELECT DISTINCT %s FROM %s)"
              .formatted(Sql.name(names.loadId()), sql.table(table));
      Mark newest = last(project, asset, shown);
      to = newest == null ? null : last(project, asset, "epoch = " + newest.epoch());
    }
    return to == null ? new Span(Mark.NONE, Mark.NONE) : new Span(new Mark(to.epoch(), 0), to);
  }

  List<Loaded> in(String project, String asset, Span span, int limit) {
    return sql.select(
            """
            SELECT load_id, epoch, segment, package_sha256 FROM %s r
            WHERE %s AND %s AND NOT %s AND NOT EXISTS (
              SELECT 1 FROM (SELECT epoch AS e, segment AS s,
                coalesce((SELECT max(epoch * 1000000000 + segment) FROM %s d WHERE %s AND %s
                  AND d.epoch * 1000000000 + d.segment < q.epoch * 1000000000 + q.segment), 0) AS begun
                FROM %s q WHERE %s AND removed IS NOT NULL) again
              WHERE r.epoch * 1000000000 + r.segment > begun AND (r.epoch < e OR r.epoch = e AND r.segment < s))
            ORDER BY epoch, segment LIMIT %d
            """
                .formatted(
                    receipts,
                    ASSET,
                    behind(span.after(), true),
                    behind(span.to(), true),
                    receipts,
                    ASSET,
                    DONE,
                    receipts,
                    ASSET,
                    limit),
            project,
            asset,
            project,
            asset,
            project,
            asset)
        .map(
            (row, context) ->
                new Loaded(row.getString("load_id"), mark(row), row.getString("package_sha256")))
        .list();
  }

  Rows rows(String loadId, String table, List<String> columns, String after, int limit) {
    if (catalog.table(table) == null) {
      return new Rows(List.of(), List.of());
    }
    List<String> all = new ArrayList<>(columns);
    all.add(names.id());
    String query =
        "SELECT %s FROM %s WHERE %s = ? AND (?::VARCHAR IS NULL OR %s > ?::VARCHAR) ORDER BY %s LIMIT %d"
            .formatted(
                Sql.names(all),
                sql.table(table),
                Sql.name(names.loadId()),
                Sql.name(names.id()),
                Sql.name(names.id()),
                limit);
    return sql.select(query, loadId, after, after)
        .scanResultSet((result, context) -> Results.rows(result.get(), limit));
  }

  private Mark last(String project, String asset, String where) {
    return sql.select(
            "SELECT epoch, segment FROM %s WHERE %s AND %s ORDER BY epoch DESC, segment DESC LIMIT 1"
                .formatted(receipts, ASSET, where),
            project,
            asset)
        .map((row, context) -> mark(row))
        .findOne()
        .orElse(null);
  }

  private static Mark mark(ResultSet row) throws SQLException {
    return new Mark(row.getInt("epoch"), row.getInt("segment"));
  }

  /** Whether a load comes behind that one, or before it. */
  private static String behind(Mark mark, boolean after) {
    String than = after ? ">" : "<";
    return "(epoch %s %d OR epoch = %d AND segment %s %d)"
        .formatted(than, mark.epoch(), mark.epoch(), than, mark.seq());
  }
}
