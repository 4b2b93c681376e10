package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.common.converter.DataConverterException;
import io.temporal.common.converter.Values;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/**
 * One execution over a selection of assets. Workflow type {@code GraphRun}, id {@code
 * run:{project}:{ulid}}.
 */
@WorkflowInterface
public interface GraphRun {
  /**
   * The result when every asset ended well, or the run was stopped. When assets failed the workflow
   * fails, so that it is red where people look; the failure's detail is the result ({@link
   * Result#of}), its type the failed assets' class, or {@link #MIXED} when they have several.
   */
  @WorkflowMethod(name = "GraphRun")
  Result run(Input input);

  /** Type of the failure of a run whose assets failed for different reasons. */
  String MIXED = "MIXED";

  /**
   * What happened so far; the same shape as the result. It knows which assets wait, run and have
   * ended; the live numbers of a running one are asked of its own workflow ({@link Materialize#id},
   * {@link Materialize#progress}), so that a run's history does not grow with them.
   */
  @QueryMethod
  Result progress();

  /**
   * Starts no more assets and stops the running ones at their next segment boundary. Returns at
   * once; may be called twice.
   */
  @UpdateMethod
  void stop();

  /** Said by an asset of the run that begins to rest: its place is free for another one. */
  @SignalMethod
  void lend(String asset);

  /** Said by an asset that would go on: it wants a place again ({@link Materialize#place}). */
  @SignalMethod
  void claim(String asset);

  /** How many assets one run may have; more are refused by name. */
  int MAX_ASSETS = 1000;

  /**
   * Every field but {@code project} may be absent, so that the Temporal CLI can start it by hand.
   *
   * @param select selection; {@code null} for all selected resources
   * @param exclude selection that is taken away; {@code null} for nothing
   * @param refresh {@code null} for none
   * @param limit pages per asset; {@code null} for no limit
   * @param parallel assets that work at the same time, those that wait for their source or for a
   *     person aside; {@code null} for 8
   * @param manifest the definitions as the client sees them; a worker whose file differs says so in
   *     {@link Result#notes()}
   * @param trigger {@code manual} or {@code schedule}; {@code null} for manual
   * @param renormalize normalizes earlier loads again and fetches nothing; {@code null} for a run
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Input(
      String project,
      String select,
      String exclude,
      Refresh refresh,
      Integer limit,
      Integer parallel,
      String manifest,
      String trigger,
      Renormalize renormalize) {
    /** Of a run that fetches. */
    public Input(
        String project,
        String select,
        String exclude,
        Refresh refresh,
        Integer limit,
        Integer parallel,
        String manifest,
        String trigger) {
      this(project, select, exclude, refresh, limit, parallel, manifest, trigger, null);
    }
  }

  /**
   * @param runId id of the workflow
   * @param manifest {@code null} while it is planned
   * @param assets in the order of the plan; when there are many, each names fewer tables, load ids
   *     and changes, so that the whole stays below {@link Wire#MAX_PAYLOAD_BYTES}
   * @param notes sentences for a person
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Result(String runId, String manifest, List<Outcome> assets, List<String> notes) {
    /**
     * The result that a run with failed assets put into its failure; {@code null} when the run
     * failed before it had one.
     */
    public static Result of(Throwable failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof ApplicationFailure
            && ((ApplicationFailure) cause).getDetails() != null) {
          Values details = ((ApplicationFailure) cause).getDetails();
          if (details.getSize() > 0) {
            try {
              Result result = details.get(0, Result.class);
              return result == null || result.assets() == null ? null : result;
            } catch (DataConverterException e) {
              return null; // not ours
            }
          }
        }
      }
      return null;
    }
  }
}
