package io.millrace.activities.extract;

import io.millrace.run.Visits.Mark;
import io.millrace.run.Visits.Place;
import java.io.Closeable;
import java.util.Map;

/**
 * The records of its parent for which a resource is read, as far as they are committed. Used by one
 * fetch, from one thread.
 */
public interface Parents {
  /**
   * What a window that begins now is for.
   *
   * @param passed the last load that the window before was for; {@code null} for none
   * @return the last load of the new window and the one before its first; equal ones when there is
   *     nothing to visit
   */
  Window open(Mark passed);

  /**
   * What an open window is for when a later run goes on with it: also for what came meanwhile,
   * where that does not visit a parent twice.
   */
  Window resume(Window window);

  /**
   * The records of a window from a place on, in an order that stays.
   *
   * @param from {@code null} for the first
   */
  Rows rows(Window window, Place from);

  /** Loads behind {@code after}, up to {@code to}. */
  record Window(Mark after, Mark to) {}

  /**
   * One record of the parent.
   *
   * @param here its place
   * @param next the place behind it
   * @param load id of its load, for messages
   * @param fields JSON texts, by path as the configuration writes it; without those that the record
   *     does not have
   */
  record Row(Place here, Place next, String load, Map<String, String> fields) {}

  /** A pull of records; holds a bounded number of them. */
  interface Rows extends Closeable {
    /** The next record; {@code null} at the end. */
    Row next();

    @Override
    void close();
  }
}
