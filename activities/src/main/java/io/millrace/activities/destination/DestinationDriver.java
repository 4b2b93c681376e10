package io.millrace.activities.destination;

import io.millrace.activities.secret.Secrets;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import java.nio.file.Path;
import java.util.Set;

/** One kind of destination. Found by ServiceLoader. */
public interface DestinationDriver extends AutoCloseable {
  /** The type in the configuration, for example {@code duckdb}. */
  String type();

  /** What the engine can do, for the normalizer and the checks. */
  Capabilities capabilities();

  /**
   * A loader for a configured destination. Opens nothing yet.
   *
   * @param projectDir folder of the project's file: relative paths begin there
   */
  Loader loader(Destination destination, SystemNames names, Secrets secrets, Path projectDir);

  /** Lets go of connections. */
  @Override
  default void close() {}

  /**
   * Differences between engines that others must know.
   *
   * @param maxIdentifierLength code points of a table's or column's name
   * @param foldsCase whether names that differ only in case are one
   * @param ownColumns names of columns that every table of the engine, or rows on their way into
   *     one, have already
   */
  record Capabilities(int maxIdentifierLength, boolean foldsCase, Set<String> ownColumns) {
    /** The same for an engine whose tables have no columns of their own. */
    public Capabilities(int maxIdentifierLength, boolean foldsCase) {
      this(maxIdentifierLength, foldsCase, Set.of());
    }
  }
}
