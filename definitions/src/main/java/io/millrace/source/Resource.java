package io.millrace.source;

import java.time.Duration;
import java.util.List;

/**
 * One stream of records of a source. Exactly one of {@code endpoint} and {@code files} is there, as
 * the source's type wants.
 *
 * @param incremental of the endpoint or of the resource; {@code null} for none
 * @param hints how its table looks
 * @param includeFromParent keys of the parent's record that are added to each of its records, as
 *     {@code _parent_key}; see {@link Parent}
 * @param selected whether a run without a selection takes it
 * @param destination name of another destination than the default; {@code null} for the default
 * @param segment bounds of a segment; {@code null} for the project's
 * @param tags for selections
 * @param group for selections and the graph
 * @param dependsOn assets that must be there first, beyond the parent
 * @param processingSteps what each record goes through before it becomes rows
 */
public record Resource(
    String name,
    Endpoint endpoint,
    Files files,
    Incremental incremental,
    TableHints hints,
    List<String> includeFromParent,
    boolean selected,
    String destination,
    SegmentBounds segment,
    List<String> tags,
    String group,
    List<String> dependsOn,
    List<ProcessingStep> processingSteps) {
  public Resource {
    incremental = incremental == null && endpoint != null ? endpoint.incremental() : incremental;
    hints = hints == null ? TableHints.NONE : hints;
    includeFromParent = includeFromParent == null ? List.of() : List.copyOf(includeFromParent);
    tags = tags == null ? List.of() : List.copyOf(tags);
    dependsOn = dependsOn == null ? List.of() : List.copyOf(dependsOn);
    processingSteps = processingSteps == null ? List.of() : List.copyOf(processingSteps);
  }

  /** Without steps. */
  public Resource(
      String name,
      Endpoint endpoint,
      Files files,
      Incremental incremental,
      TableHints hints,
      List<String> includeFromParent,
      boolean selected,
      String destination,
      SegmentBounds segment,
      List<String> tags,
      String group,
      List<String> dependsOn) {
    this(
        name,
        endpoint,
        files,
        incremental,
        hints,
        includeFromParent,
        selected,
        destination,
        segment,
        tags,
        group,
        dependsOn,
        List.of());
  }

  /**
   * Where a segment ends: at the first of the three. Defaults: 500 pages, 60 s, and for {@code
   * null} bytes what {@link #staged} and {@link #referenced} say.
   */
  public record SegmentBounds(Long bytes, Integer pages, Duration time) {
    public static final SegmentBounds DEFAULT = new SegmentBounds(null, null, null);

    public SegmentBounds {
      pages = pages == null ? 500 : pages;
      time = time == null ? Duration.ofSeconds(60) : time;
    }

    /** Bytes of a segment that is fetched and copied; default 64 MB. */
    public long staged() {
      return bytes == null ? 64_000_000L : bytes;
    }

    /**
     * Bytes of a segment of local files that are only referred to; default 256 MB. Nothing is
     * fetched again when such a one fails, and destinations like large loads.
     */
    public long referenced() {
      return bytes == null ? 256_000_000L : bytes;
    }
  }
}
