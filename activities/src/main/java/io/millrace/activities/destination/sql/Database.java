package io.millrace.activities.destination.sql;

import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.staging.LoadPackage;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A database that {@link SqlLoader} loads into: how it is reached, and what its engine does its own
 * way. Thread-safe; failures of its work come out as {@link MillraceException}.
 */
public interface Database {
  Dialect dialect();

  /** Where it is, for messages, without credentials. */
  String place();

  /** Whether there can be anything to read. */
  boolean exists();

  /** What is done while it is open. */
  interface Work<T> {
    T with(Connection connection) throws SQLException, IOException;
  }

  /**
   * Runs the work on a connection that can only read.
   *
   * @param what the sentence after "Cannot", for example {@code read the state of shop.orders}
   * @param patiently whether to wait as long as a load would
   */
  <T> T read(String what, boolean patiently, Work<T> work);

  /** Runs a load on a connection without auto-commit; the work commits. */
  <T> T write(String what, Order order, LoadPackage load, Progress progress, Work<T> work);

  /** For one package and one connection. */
  RowMover rows(Sql sql, LoadPackage load, Progress progress) throws SQLException;

  /** Refuses a text of a person that is more than one statement, when that could write. */
  default void refuseMany(String what, String statements) {}

  /** The failure of a statement that a person wrote. */
  MillraceException ofStatement(String what, SQLException e);
}
