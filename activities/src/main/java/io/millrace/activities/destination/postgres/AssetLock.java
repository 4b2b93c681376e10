package io.millrace.activities.destination.postgres;

import io.millrace.activities.destination.sql.Sql;
import java.util.List;
import org.jdbi.v3.core.JdbiException;

/**
 * An advisory lock that ends with the transaction, and what to do about a holder that stands still:
 * a process that was stopped or that lost its machine in the middle of a {@code COPY} keeps its
 * locks for as long as nobody ends its session, and no timeout of the server's ends one that waits
 * for rows. Whoever waits ends it then: a load that was ended is tried again and finds out what
 * became of the asset meanwhile.
 */
final class AssetLock {
  /** {@code lock_timeout} passed. */
  private static final String TIMEOUT = "55P03";

  /** The wait is divided into so many: a holder that stood still for all of one is ended. */
  private static final int PARTS = 6;

  /**
   * What each other session that holds the lock does: its moments change while it gets statements,
   * its bytes while it gets rows. Only sessions of our own role show what they do.
   */
  private static final String HOLDERS =
      """
      SELECT l.pid, concat_ws(' ', a.backend_start, a.xact_start, a.state_change, a.state, %s) AS doing
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND a.usename = current_user
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid::BIGINT = (?::BIGINT >> 32) & 4294967295 AND l.objid::BIGINT = ?::BIGINT & 4294967295 AND l.objsubid = 1
        AND (a.state LIKE 'idle in transaction%%' OR a.state = 'active' AND a.wait_event = 'ClientRead')
      """;

  private static final String COPIED =
      "(SELECT concat_ws(' ', p.relid, p.bytes_processed) FROM pg_stat_progress_copy p WHERE p.pid = l.pid)";

  /** The savepoint to which a wait that was too long goes back. */
  private static final String WAIT = "_mr_wait";

  private final Sql sql;
  private final long key;

  /** A session that holds the lock, and what it does. */
  private record Holder(int pid, String doing) {}

  AssetLock(Sql sql, String name) {
    this.sql = sql;
    this.key = number("SELECT hashtextextended(?, 0)", name);
  }

  void take() {
    long patience = number("SELECT setting::BIGINT FROM pg_settings WHERE name = 'lock_timeout'");
    if (patience == 0 || tried(0)) {
      if (patience == 0) {
        sql.any("SELECT pg_advisory_xact_lock(?)", key);
      }
      return;
    }
    for (int part = 1; ; part++) {
      List<Holder> before = holders();
      try {
        if (tried(Math.max(1, patience / PARTS))) {
          break;
        }
      } finally {
        timeout(patience);
      }
      if (part == PARTS) {
        // the failure that a wait has that was too long, with its name
        sql.any("SELECT pg_advisory_xact_lock(?)", key);
        break;
      }
      for (Holder holder : holders()) {
        if (before.contains(holder)) {
          sql.any("SELECT pg_terminate_backend(?)", holder.pid());
        }
      }
    }
  }

  /** Whether we have it after that many milliseconds; 0 does not wait. */
  private boolean tried(long millis) {
    if (millis == 0) {
      return sql.any("SELECT 1 WHERE pg_try_advisory_xact_lock(?)", key);
    }
    timeout(millis);
    sql.handle().savepoint(WAIT);
    try {
      sql.any("SELECT pg_advisory_xact_lock(?)", key);
    } catch (JdbiException e) {
      if (!TIMEOUT.equals(Sql.cause(e).getSQLState())) {
        throw e;
      }
      sql.handle().rollbackToSavepoint(WAIT);
      return false;
    }
    return true;
  }

  private void timeout(long millis) {
    sql.run("SET LOCAL lock_timeout = " + millis);
  }

  private long number(String query, Object... values) {
    return sql.select(query, values).mapTo(Long.class).one();
  }

  private List<Holder> holders() {
    boolean counts =
        sql.any(
            "SELECT to_regclass('pg_catalog.pg_stat_progress_copy') WHERE to_regclass('pg_catalog.pg_stat_progress_copy') IS NOT NULL");
    return sql.select(HOLDERS.formatted(counts ? COPIED : "clock_timestamp()"), key, key)
        .map((row, context) -> new Holder(row.getInt("pid"), row.getString("doing")))
        .list();
  }
}
