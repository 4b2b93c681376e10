package io.millrace.worker;

import io.millrace.activities.destination.Loader;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the command line takes from the other rooms, in one place. The seam is here so that commands can be tested with fake
 * activities and without an engine; {@link House} is the real one.
 */
public interface Rooms {
  /**
   * The project of a file, checked. Throws {@code CONFIG_INVALID} when there are problems; all of them at once where the reader
   * can.
   */
  Project read(Path file, Map<String, String> variables);

  /** The selected assets, upstream before downstream. {@code null} selects all, {@code null} excludes nothing. */
  List<AssetKey> select(Project project, String select, String exclude);

  /** What must have ended well before the asset, within the project. */
  Set<AssetKey> upstream(Project project, AssetKey asset);

  /** The workflow implementation types. */
  List<Class<?>> workflows();

  /** The engine of a project. */
  Engine engine(Path file, Project project, Map<String, String> variables);

  /** The engine as the command line sees it. Thread-safe. */
  interface Engine extends AutoCloseable {
    /** The activity implementations, ready to be registered. */
    List<Object> activities();

    /** From now on every running step ends at its next boundary. */
    void drain();

    /** Reads and queries a destination. */
    Loader loader(Destination destination);

    /** The text without secret values. */
    String mask(String text);

    @Override
    void close();
  }
}
