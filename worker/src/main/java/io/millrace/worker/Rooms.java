package io.millrace.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.extract.rest.Leases;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /**
     * One look at a resource: one page, nothing staged, not tried again.
     *
     * @param position of the answer before, to look at the page after it; {@code null} for the
     *     first
     */
    Probe probe(Project.Located resource, JsonNode position);

    /**
     * The same for a resource with a parent, for one record of it.
     *
     * @param parents as a probe of the parent showed them
     * @return empty when none of them can be taken
     */
    Optional<Probe> probeChild(Project.Located resource, List<JsonNode> parents);

    /** The text without secret values; {@code null} gives {@code null}. */
    String mask(String text);

    @Override
    void close();
  }
}
