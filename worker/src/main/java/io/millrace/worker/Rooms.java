package io.millrace.worker;

import io.millrace.activities.destination.Loader;
import io.millrace.activities.extract.rest.Leases;
import io.millrace.destination.Destination;
import java.util.List;
import java.util.Map;

/**
 * Where the engine comes from. The seam is here so that commands can be tested with activities that
 * need no engine; {@link House} is the real one.
 */
public interface Rooms {
  /** The engine of a project. */
  Engine engine(Opened project, Map<String, String> variables);

  /**
   * The engine of a project whose rate limits several processes share.
   *
   * @param leases where places come from
   */
  default Engine engine(Opened project, Map<String, String> variables, Leases leases) {
    return engine(project, variables);
  }

  /** The engine as the command line sees it. Thread-safe. */
  interface Engine extends AutoCloseable {
    /** The activity implementations, ready to be registered. */
    List<Object> activities();

    /** From now on every running step ends at its next boundary. */
    void drain();

    /** Reads and queries a destination. */
    Loader loader(Destination destination);

    /** The text without secret values; {@code null} gives {@code null}. */
    String mask(String text);

    @Override
    void close();
  }
}
