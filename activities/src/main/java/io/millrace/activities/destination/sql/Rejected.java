package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;

/** What a run rejected. */
final class Rejected {
  private final Sql sql;
  private final Order order;

  /**
   * @param table of the first; {@code null} when it has none
   * @param reason of the first, cut
   */
  private record First(long count, String table, String reason) {}

  Rejected(Sql sql, Order order) {
    this.sql = sql;
    this.order = order;
  }

  /**
   * A run whose every record was rejected says that the project or the source has a mistake, not
   * that the source is empty: what the run before landed stays.
   */
  void refuseNothingElse(boolean anyRow) {
    First rejected = anyRow || order.compat() ? null : first();
    if (rejected != null) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot load %s: every record was rejected: %d of %d: %s (the rows of the run before stay; correct what this names, for example a mistyped key, and run again)"
              .formatted(
                  rejected.table() == null ? order.segment().asset() : rejected.table(),
                  rejected.count(),
                  rejected.count(),
                  rejected.reason()));
    }
  }

  /** Of the loads of the segment's epoch, this one included; {@code null} when there is none. */
  private First first() {
    Segment segment = order.segment();
    return sql.select(
            """
            SELECT count(*) OVER () AS n, table_name, left(reason, 300) AS reason FROM %s
            WHERE load_id = ? OR load_id IN (SELECT load_id FROM %s WHERE %s AND epoch = ?)
            ORDER BY load_id, %s LIMIT 1
            """
                .formatted(
                    sql.table(SystemNames.REJECTS),
                    sql.table(SystemNames.RECEIPTS),
                    SystemTables.ASSET,
                    sql.dialect().rowId()),
            segment.loadId(),
            segment.project(),
            segment.asset(),
            segment.partition(),
            segment.epoch())
        .map(
            (row, context) ->
                new First(row.getLong("n"), row.getString("table_name"), row.getString("reason")))
        .findFirst()
        .orElse(null);
  }
}
