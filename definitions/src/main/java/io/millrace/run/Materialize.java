package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Lands one asset: fetch, normalize and load its segments. Workflow type {@code Materialize}; the
 * id {@code mat:{project}:{asset}} (or {@code …@{partition}}) is the lock, so one started under
 * another id starts that one and waits for it.
 */
@WorkflowInterface
public interface Materialize {
  /**
   * The outcome when it succeeded, found nothing changed or was stopped. One that failed ends as a
   * failed workflow: an application failure whose type is the {@link io.millrace.Failure}'s name
   * and whose detail is the outcome; {@link Outcome#of} reads both.
   */
  @WorkflowMethod(name = "Materialize")
  Outcome run(Input input);

  /** What happened so far. */
  @QueryMethod
  Outcome progress();

  /**
   * Ends at the next segment boundary: nothing new is fetched, what is fetched is committed, the
   * status is {@code cancelled}. Returns at once; may be called twice.
   */
  @UpdateMethod
  void stop();

  /** What it waits for; {@code null} when it works. */
  @QueryMethod
  Waiting waiting();

  /**
   * Ends the wait for the source, if there is one: the source is asked at once. Returns whether
   * there was one; may be called twice.
   */
  @UpdateMethod
  boolean wake();

  /**
   * Lets it rest from the next segment boundary on: what is fetched is committed, nothing new is
   * fetched. Returns at once; may be called twice.
   */
  @UpdateMethod
  void pause();

  /** Goes on after {@link #pause}. Returns whether it was paused. */
  @UpdateMethod
  boolean resume();

  /** Tries again what it parked with. Returns whether it was parked. */
  @UpdateMethod
  boolean retry();

  /** {@link #stop} for workflows, which cannot send updates. */
  @SignalMethod
  void stopSoon();

  /**
   * The run's answer to {@link GraphRun#claim}: there is a place.
   *
   * @param again whether it may be lent another time
   */
  @SignalMethod
  void place(boolean again);

  /** The id that is the lock of an asset. */
  static String id(String project, String asset, String partition) {
    return "mat:" + project + ":" + asset + (partition == null ? "" : "@" + partition);
  }

  /**
   * Every field but {@code project} and {@code asset} may be absent.
   *
   * @param manifest the run's definitions; {@code null} takes the worker's
   * @param runId of the run that started it; {@code null} when started by hand: then one is made of
   *     the workflow's id
   * @param refresh {@code null} for none
   * @param limit pages; {@code null} for no limit
   * @param resumed what the execution before this one left, with continue-as-new; {@code null} for
   *     the first
   * @param lends whether the run that started it counts it among those that work at the same time
   *     and understands {@link GraphRun#lend}
   * @param renormalize normalizes earlier loads again and fetches nothing; {@code null} for a run
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Input(
      String project,
      String asset,
      String partition,
      String manifest,
      String runId,
      Refresh refresh,
      Integer limit,
      String trigger,
      Resumed resumed,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean lends,
      Renormalize renormalize) {
    /** Of a run that fetches and has a place of its own. */
    public Input(
        String project,
        String asset,
        String partition,
        String manifest,
        String runId,
        Refresh refresh,
        Integer limit,
        String trigger,
        Resumed resumed) {
      this(
          project, asset, partition, manifest, runId, refresh, limit, trigger, resumed, false,
          null);
    }

    /** The same with what was found out at the start. */
    public Input with(String foundManifest, String foundRunId) {
      return new Input(
          project,
          asset,
          partition,
          foundManifest,
          foundRunId,
          refresh,
          limit,
          trigger,
          resumed,
          lends,
          renormalize);
    }
  }

  /**
   * What continue-as-new carries: everything committed, nothing in flight.
   *
   * @param firstStart unix seconds with six decimals, of the first execution: the first part of the
   *     load ids
   * @param epoch of this chain; 0 while it has not loaded
   * @param seq of the last committed segment
   * @param restarted whether the window has begun again in this run, which may happen once
   * @param paused whether somebody lets it rest
   * @param normalized how far normalizing earlier loads again is; {@code null} for a run
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Resumed(
      String firstStart,
      int epoch,
      int seq,
      Outcome outcome,
      boolean restarted,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean paused,
      Normalized normalized) {
    public Resumed(String firstStart, int epoch, int seq, Outcome outcome, boolean restarted) {
      this(firstStart, epoch, seq, outcome, restarted, false, null);
    }
  }

  /**
   * What the newest segment left that no load has stored yet, because all of them are applied at
   * the end.
   *
   * @param schema after it, staged
   * @param cursor after it, for what a run remembers; {@code null} for nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Normalized(Kept.Extent extent, StagedRef schema, Carried cursor) {}

  /**
   * A wait that holds nothing.
   *
   * @param phase {@code rate_limited}, {@code paused}, {@code parked}, or {@code queued} when the
   *     run has no place for it
   * @param wakeAt unix milliseconds; 0 when it does not wait for a time
   * @param reason a sentence or less
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Waiting(String phase, long wakeAt, String reason) {}
}
