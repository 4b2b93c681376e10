package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.temporal.common.converter.DataConverterException;
import io.temporal.common.converter.Values;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of one asset in a run.
 *
 * @param status so far
 * @param phase what it does now ({@code queued}, {@code fetch}, {@code normalize}, {@code load},
 *     {@code rate_limited}, {@code paused}, {@code parked}; for a run {@code started}, for one that
 *     waits for another {@code attached}); {@code null} when it has ended
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
 * @param notes what a person should know, by kind and how often: values that were bent to fit
 *     ({@link Normalize.Result}), what a fetch found ({@link Fetch.Result}), that an earlier run's
 *     window was resumed ({@code resumed}); {@code null} for none
 * @param restarted why the window began again and what was removed for that, a sentence; {@code
 *     null} when it did not
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
    Problem failure,
    Map<String, Long> notes,
    String restarted) {
  /** How many tables, load ids and changes an outcome names, so that it stays small. */
  public static final int MAX_NAMES = 50;

  /** Stands for the tables that are not named. */
  public static final String OTHERS = "…";

  public Outcome {
    rows = rows == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(rows));
    loadIds = loadIds == null ? List.of() : List.copyOf(loadIds);
    schemaChanges = schemaChanges == null ? List.of() : List.copyOf(schemaChanges);
  }

  public static Outcome queued(String asset) {
    return new Outcome(
        asset, Status.RUNNING, "queued", null, 0, 0, 0, 0, 0, null, null, null, null, null, null);
  }

  /** The same, running, in another phase. */
  public Outcome running(String now) {
    return new Outcome(
        asset,
        Status.RUNNING,
        now,
        rows,
        rejected,
        pages,
        requests,
        bytes,
        segments,
        loadIds,
        schemaChanges,
        cursor,
        null,
        notes,
        restarted);
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
        problem,
        notes,
        restarted);
  }

  /**
   * What became of the asset when its workflow ended with this failure: the outcome that a failed
   * {@code Materialize} put into it, otherwise one with nothing but the reason. Works on both
   * sides: for a child's failure in a workflow and for what a client catches.
   */
  public static Outcome of(String asset, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ApplicationFailure
          && ((ApplicationFailure) cause).getDetails() != null) {
        Values details = ((ApplicationFailure) cause).getDetails();
        if (details.getSize() > 0) {
          try {
            Outcome outcome = details.get(0, Outcome.class);
            if (outcome != null && outcome.status() != null) {
              return outcome;
            }
          } catch (DataConverterException e) {
            // not ours: the reason is all that there is
          }
        }
      }
    }
    Problem problem = Problem.of(failure);
    Status end = problem.code().equals(Failure.CANCELLED.name()) ? Status.CANCELLED : Status.FAILED;
    return queued(asset).ended(end, problem);
  }

  /**
   * The same with at most so many tables, load ids and changes, and with texts cut.
   *
   * @param characters 0 leaves out what need not be there: cursor, notes, why a window began again
   */
  public Outcome cut(int names, int characters) {
    Map<String, Long> fewer = new LinkedHashMap<>();
    rows.forEach(
        (table, count) -> fewer.merge(fewer.size() < names ? table : OTHERS, count, Long::sum));
    return new Outcome(
        asset,
        status,
        phase,
        fewer,
        rejected,
        pages,
        requests,
        bytes,
        segments,
        loadIds.subList(Math.max(0, loadIds.size() - names), loadIds.size()),
        schemaChanges.subList(0, Math.min(names, schemaChanges.size())),
        cut(cursor, characters),
        failure == null
            ? null
            : new Problem(failure.code(), cut(failure.message(), Math.max(1, characters))),
        characters == 0 ? null : notes,
        cut(restarted, characters));
  }

  private static String cut(String text, int characters) {
    if (text == null || text.length() <= characters) {
      return text;
    }
    if (characters == 0) {
      return null;
    }
    int end = characters - 1;
    // half a surrogate pair cannot be written as JSON
    boolean half = end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, half ? end - 1 : end) + "…";
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

    /**
     * The named failure inside a Temporal failure; {@code INTERNAL} when it has no name of ours.
     * Never {@code null}, and the message never is.
     */
    public static Problem of(Throwable failure) {
      Throwable root = failure;
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        root = cause;
        if (cause instanceof CanceledFailure || cause instanceof TerminatedFailure) {
          return of(Failure.CANCELLED, "Stopped because somebody asked for it");
        }
        if (cause instanceof MillraceException) {
          return of(((MillraceException) cause).failure(), cause.getMessage());
        }
        if (cause instanceof ApplicationFailure) {
          ApplicationFailure named = (ApplicationFailure) cause;
          for (Failure known : Failure.values()) {
            if (known.name().equals(named.getType())) {
              return of(known, String.valueOf(named.getOriginalMessage()));
            }
          }
        }
        if (cause instanceof TimeoutFailure) {
          return of(
              Failure.INTERNAL,
              "Cannot finish a step: no answer from the worker in time: "
                  + ((TimeoutFailure) cause).getTimeoutType()
                  + " (see the worker's log)");
        }
      }
      return of(Failure.INTERNAL, String.valueOf(root == null ? null : root.getMessage()));
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
