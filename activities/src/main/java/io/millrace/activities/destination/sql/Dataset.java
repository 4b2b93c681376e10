package io.millrace.activities.destination.sql;

import io.millrace.destination.SystemNames;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/** A dataset of a database: what loads, questions and corrections begin with. */
record Dataset(Database database, String name, SystemNames names) {
  /** What is asked of a dataset into which something was loaded. */
  interface Question<T> {
    T of(Sql sql, Catalog catalog);
  }

  Sql sql(Handle handle) {
    return new Sql(handle, name, database.dialect());
  }

  /**
   * Asks; {@code none} when nothing ever was loaded.
   *
   * @param what the sentence after "Cannot", without the place
   * @param patiently whether to wait as long as a load would
   */
  <T> T ask(String what, boolean patiently, T none, Question<T> question) {
    if (!database.exists()) {
      return none;
    }
    return database.read(
        "%s in %s".formatted(what, database.place()),
        patiently,
        handle -> {
          Sql sql = sql(handle);
          Catalog catalog = Catalog.read(sql);
          new SystemTables(sql, names).check(catalog);
          return catalog.table(SystemNames.RECEIPTS) == null ? none : question.of(sql, catalog);
        });
  }

  /** Nothing of what failed stays. That this fails too says only that the engine was faster. */
  static void rollback(Handle handle, Throwable why) {
    try {
      handle.rollback();
    } catch (JdbiException e) {
      why.addSuppressed(e);
    }
  }
}
