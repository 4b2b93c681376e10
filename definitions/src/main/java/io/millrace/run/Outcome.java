package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.millrace.Failure;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of one asset in a run.
 *
 * @param status so far
 * @param phase what it does now ({@code queued}, {@code fetch}, {@code normalize}, {@code load});
 *     {@code null} when it has ended
 * @param rows committed by this run, per table; at most {@link #MAX_NAMES} tables, the others under
 *     {@code …}
 * @param rejected records and values that went to the rejects
 * @param pages fetched
 * @param requests sent, repeated ones included
 * @param bytes received, decoded
 * @param segments committed
 * @param loadIds of the committed segments, the newest {@link #MAX_NAMES}
 * @param schemaChanges in words, at most {@link #MAX_NAMES}
 * @param cursor the incremental cursor after the last commit, as JSON text; {@code null} without
 *     one
 * @param failure {@code null} unless it failed or was skipped
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Outcome(
    String asset,
    Status status,
    String phase,
    Map<String, Long> rows,
    long rejected,
    long pages,
    long requests,
    long bytes,
    int segments,
    List<String> loadIds,
    List<String> schemaChanges,
    String cursor,
    Problem failure) {
  /** How many tables, load ids and changes an outcome names, so that it stays small. */
  public static final int MAX_NAMES = 50;

  public Outcome {
    rows = rows == null ? Map.of() : rows;
    loadIds = loadIds == null ? List.of() : List.copyOf(loadIds);
    schemaChanges = schemaChanges == null ? List.of() : List.copyOf(schemaChanges);
  }

  public static Outcome queued(String asset) {
    return new Outcome(
        asset, Status.RUNNING, "queued", null, 0, 0, 0, 0, 0, null, null, null, null);
  }

  /** The same with another end. */
  public Outcome ended(Status end, Problem problem) {
    return new Outcome(
        asset,
        end,
        null,
        rows,
        rejected,
        pages,
        requests,
        bytes,
        segments,
        loadIds,
        schemaChanges,
        cursor,
        problem);
  }

  /**
   * Why it failed or was skipped.
   *
   * @param code the failure's name; {@code UPSTREAM} for a skipped asset
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Problem(String code, String message) {
    public static Problem of(Failure failure, String message) {
      return new Problem(failure.name(), message);
    }
  }

  /** The states of an asset in a run. */
  public enum Status {
    RUNNING,
    SUCCEEDED,
    FAILED,
    SKIPPED,
    UNCHANGED,
    PARKED,
    CANCELLED;

    @JsonValue
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Status of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }
  }
}
