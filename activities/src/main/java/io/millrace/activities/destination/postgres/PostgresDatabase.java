package io.millrace.activities.destination.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.sql.Database;
import io.millrace.activities.destination.sql.Dialect;
import io.millrace.activities.destination.sql.RowMover;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.staging.LoadPackage;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.postgresql.core.Parser;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One database of one server, reached through a bounded pool. Everything that we need is set inside
 * a transaction and ends with it, so that a pooler between us and the server may give each
 * transaction another connection.
 */
final class PostgresDatabase implements Database, AutoCloseable {
  /**
   * What decides over rows must see all of them: row-level security that hides some is an error.
   */
  private static final String ALL_ROWS = "; SET LOCAL row_security = off";

  private static final long CONNECT_MILLIS = 10_000;
  private static final long IDLE_MILLIS = 60_000;

  /** Behind blanks, brackets and comments that hold no others. */
  private static final Pattern READING =
      Pattern.compile(
          "(?is)(?:[\\s(]|--[^\\n]*+\\n|/\\*(?:(?!/\\*|\\*/).)*+\\*/)*+(?:select|with|values|table|show|explain)\\b");

  private final Settings settings;
  private final PGSimpleDataSource source = new PGSimpleDataSource();
  private final HikariDataSource pool;

  PostgresDatabase(Settings settings) {
    this.settings = settings;
    source.setServerNames(new String[] {settings.host()});
    source.setPortNumbers(new int[] {settings.port()});
    source.setDatabaseName(settings.database());
    source.setUser(settings.username());
    source.setPassword(settings.password());
    source.setSslMode(settings.sslmode());
    if (settings.sslrootcert() != null) {
      source.setSslRootCert(settings.sslrootcert());
    }
    source.setApplicationName("millrace");
    source.setTcpKeepAlive(true);
    source.setConnectTimeout((int) (CONNECT_MILLIS / 1000));
    source.setLoginTimeout((int) (CONNECT_MILLIS / 1000));
    // prepared statements would outlive the transaction, on a connection that is ours no more
    source.setPrepareThreshold(0);
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setPoolName("postgres " + settings.place());
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(0);
    config.setIdleTimeout(IDLE_MILLIS);
    config.setConnectionTimeout(CONNECT_MILLIS * 3);
    // what is wrong with the server is said when it is needed
    config.setInitializationFailTimeout(-1);
    config.setAutoCommit(false);
    this.pool = new HikariDataSource(config);
  }

  @Override
  public void close() {
    pool.close();
  }

  @Override
  public Dialect dialect() {
    return PostgresDialect.POSTGRES;
  }

  @Override
  public String place() {
    return settings.place();
  }

  @Override
  public boolean exists() {
    return true;
  }

  @Override
  public <T> T read(String what, boolean patiently, Work<T> work) {
    // a person's query is not patient, and sees what its role may
    return transaction(
        what,
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY" + (patiently ? ALL_ROWS : ""),
        work);
  }

  @Override
  public <T> T write(String what, Order order, LoadPackage load, Progress progress, Work<T> work) {
    return transaction(
        what,
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE; SET CONSTRAINTS ALL DEFERRED"
            + ALL_ROWS,
        work);
  }

  /** All parameters with one question to the server. */
  private void set(Handle handle) {
    List<Object> parameters = new ArrayList<>();
    settings.parameters().forEach((name, value) -> parameters.addAll(List.of(name, value)));
    String each = "set_config(?, ?, true)";
    String all = String.join(", ", Collections.nCopies(settings.parameters().size(), each));
    Sql.select(handle, "SELECT " + all, parameters.toArray()).mapTo(String.class).one();
  }

  private <T> T transaction(String what, String mode, Work<T> work) {
    try (Handle handle = Sql.open(this::connection)) {
      handle.execute(mode + "; SET LOCAL TIME ZONE 'UTC'");
      set(handle);
      try {
        return work.with(handle);
      } finally {
        rollback(handle); // of nothing when the work committed
      }
    } catch (JdbiException e) {
      throw PostgresErrors.of(what, Sql.cause(e));
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          "Cannot %s: staged rows cannot be read: %s (the segment is fetched again)"
              .formatted(what, e.getMessage()),
          e);
    }
  }

  /** A connection that died has nothing to take back, and the work's own end is what counts. */
  private static void rollback(Handle handle) {
    try {
      handle.rollback();
    } catch (JdbiException e) {
      // the pool finds out and forgets it
    }
  }

  /**
   * The pool waits for the end of its patience where a server refuses us, and hides what it said
   * behind "request timed out": so an empty pool asks first.
   */
  private Connection connection() throws SQLException {
    if (pool.getHikariPoolMXBean().getTotalConnections() == 0) {
      source.getConnection().close();
    }
    try {
      return pool.getConnection();
    } catch (SQLTransientConnectionException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw new MillraceException(
          Failure.DESTINATION_LOCKED,
          "Cannot reach %s: all connections are in use: %d (it is tried again; raise pool_size of the destination)"
              .formatted(place(), settings.poolSize()),
          e);
    }
  }

  @Override
  public RowMover rows(Sql sql, LoadPackage load, Progress progress) {
    return new CopyRows(sql, load, progress);
  }

  /** One statement that begins with a word of these: others write files of the server, too. */
  @Override
  public boolean reads(Sql sql, String statement) {
    try {
      return READING.matcher(statement).lookingAt()
          && Parser.parseJdbcSql(statement, true, false, true, false, false).size() == 1;
    } catch (SQLException e) {
      throw ofStatement("query " + place(), e);
    }
  }

  @Override
  public MillraceException ofStatement(String what, SQLException e) {
    return PostgresErrors.ofStatement(what, e);
  }
}
