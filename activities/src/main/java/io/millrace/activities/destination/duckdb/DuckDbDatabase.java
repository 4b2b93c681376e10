package io.millrace.activities.destination.duckdb;

import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.duckdb.DuckDbFile.Closing;
import io.millrace.activities.destination.sql.Database;
import io.millrace.activities.destination.sql.Dialect;
import io.millrace.activities.destination.sql.RowMover;
import io.millrace.activities.destination.sql.Sql;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.WriteDisposition;
import java.sql.SQLException;
import java.util.regex.Pattern;

/** One DuckDB file as the loader wants it. */
final class DuckDbDatabase implements Database {
  /** A load of fewer rows is a small one: DuckDB's row group has eight times as many. */
  private static final long SMALL = 16_384;

  private static final Pattern EXPLAIN =
      Pattern.compile("(?i)^\\s*EXPLAIN(\\s+ANALYZE)?(?=[\\s(])");

  private final DuckDbFile file;

  DuckDbDatabase(DuckDbFile file) {
    this.file = file;
  }

  @Override
  public Dialect dialect() {
    return DuckDbDialect.DUCKDB;
  }

  @Override
  public String place() {
    return file.path().toString();
  }

  @Override
  public boolean exists() {
    return file.exists();
  }

  @Override
  public <T> T read(String what, boolean patiently, Work<T> work) {
    return patiently ? file.readPatiently(what, work) : file.read(what, work);
  }

  @Override
  public <T> T write(String what, Order order, LoadPackage load, Progress progress, Work<T> work) {
    return file.write(what, closing(order, load), progress, handle -> work.with(handle.begin()));
  }

  @Override
  public void tryToWrite(String what, Work<Void> work) {
    if (file.exists()) {
      write(what, null, null, Progress.NONE, work);
      return;
    }
    // a file of another name, which nobody else can have opened when it is removed
    DuckDbFile trial = file.trial();
    try {
      new DuckDbDatabase(trial).write(what, null, null, Progress.NONE, work);
    } finally {
      trial.remove();
    }
  }

  @Override
  public RowMover rows(Sql sql, LoadPackage load, Progress progress) {
    return sql.onConnection(
        connection -> new Rows(sql, load, new RowSource(connection, load, progress)));
  }

  /**
   * DuckDB itself says what it is, before any of it runs. Its own file and those beside it may be
   * written without access to files, so {@code COPY} could replace them.
   */
  @Override
  public boolean reads(Sql sql, String statement) {
    String wrong = parsed(sql, statement);
    return wrong.isEmpty()
        || wrong.equals("parser") // it says so when it is run
        || parsed(sql, EXPLAIN.matcher(statement).replaceFirst("")).isEmpty();
  }

  /** What is wrong with the text when it should be {@code SELECT} alone; empty for nothing. */
  private static String parsed(Sql sql, String statement) {
    return sql.select(
            "SELECT coalesce(json_serialize_sql(?::VARCHAR) ->> '$.error_type', '')", statement)
        .mapTo(String.class)
        .one();
  }

  @Override
  public MillraceException ofStatement(String what, SQLException e) {
    return DuckDbErrors.ofStatement(what, e);
  }

  /**
   * Loads that only add rows, and enough of them, or the few that a long run ends with, leave the
   * rows of the loads before them alone: merging row groups wrote every row of a file of 400 MB two
   * and a half times.
   */
  private static Closing closing(Order order, LoadPackage load) {
    if (order == null) {
      return Closing.PLAIN; // a trial leaves no rows
    }
    if (load == null || order.disposition().kind() != WriteDisposition.Kind.APPEND) {
      return Closing.TIDY;
    }
    long most = load.tables().stream().mapToLong(load::rows).max().orElse(0);
    boolean tail = order.finish() && order.segment().seq() > 1;
    return most < SMALL && !tail ? Closing.TIDY : Closing.PLAIN;
  }
}
