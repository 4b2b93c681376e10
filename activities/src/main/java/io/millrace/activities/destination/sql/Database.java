package io.millrace.activities.destination.sql;

import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.staging.LoadPackage;
import java.io.IOException;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;

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
    T with(Handle handle) throws IOException;
  }

  /**
   * Runs the work on a handle that can only read.
   *
   * @param what the sentence after "Cannot", for example {@code read the state of shop.orders}
   * @param patiently whether to wait as long as a load would
   */
  <T> T read(String what, boolean patiently, Work<T> work);

  /**
   * Runs a load in a transaction that the work commits.
   *
   * @param order {@code null} for a trial that loads nothing
   * @param load {@code null} when there are no rows
   */
  <T> T write(String what, Order order, LoadPackage load, Progress progress, Work<T> work);

  /**
   * Runs work that takes back what it writes, in a transaction; a database that is not there yet is
   * not there afterwards either.
   */
  default void tryToWrite(String what, Work<Void> work) {
    write(what, null, null, Progress.NONE, work);
  }

  /** For one package and one connection. */
  RowMover rows(Sql sql, LoadPackage load, Progress progress);

  /**
   * Whether a text of a person only reads. That the handle does too is not enough: engines write
   * files, too, and the first of several statements may end the transaction.
   */
  boolean reads(Sql sql, String statement);

  /** The failure of a statement that a person wrote. */
  MillraceException ofStatement(String what, SQLException e);
}
