package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Checkpoint;
import io.millrace.run.Kept;
import io.millrace.run.Materialize.Input;
import io.millrace.run.Materialize.Normalized;
import io.millrace.run.Materialize.Resumed;
import io.millrace.run.Outcome;
import io.millrace.run.ReadState;
import io.millrace.run.Refresh;
import io.millrace.run.Renormalize;
import io.millrace.run.Segment;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Promise;
import java.util.Map;

/**
 * The epochs of one run of an asset: where each pipeline begins, what its segments are called, and
 * whether a failure is worth another beginning from the destination's state.
 */
final class Epochs {
  private static final int MAX_REFUSED = 3;

  /** In a row, without a commit between them. */
  private static final int MAX_LOST = 5;

  private final Input input;
  private final Tally tally;
  private final LoadIds loadIds;

  /** What the execution before this one left; {@code null} for the first. */
  private final Resumed before;

  private int epoch;
  private Refresh refresh;
  private boolean wholeRun;

  /** Of earlier loads that are normalized again. */
  private Kept.Extent extent;

  private int refused;
  private int lost;

  /** A source that never stands still ends in a failure that somebody sees, not in a circle. */
  private boolean restarted;

  /** Whether the window begins again and no load has said so to the destination yet. */
  private boolean restarting;

  /**
   * @param input with manifest and run id
   */
  Epochs(Input input, LoadIds loadIds, Tally tally) {
    this.input = input;
    this.loadIds = loadIds;
    this.tally = tally;
    before = input.resumed();
    refresh = input.refresh();
    restarted = before != null && before.restarted();
    if (renormalizes()) {
      tally.noted(Map.of(Renormalize.NOTE, 0L));
    }
  }

  /** Where the destination is, and so where the next pipeline begins. */
  Pipeline.Start next() {
    ReadState.Result state = readState().get();
    wholeRun = state.wholeRun() || renormalizes();
    boolean continued = before != null && epoch == 0;
    boolean ours =
        continued
            && state.epoch() == before.epoch()
            && (renormalizes() || !state.checkpoint().done());
    boolean interrupted = !renormalizes() && !state.checkpoint().done() && state.open().begun();
    if (before == null && epoch == 0 && interrupted) {
      tally.noted(Map.of("resumed", 1L));
    }
    int highest = continued ? before.epoch() : epoch;
    if (highest > 0 && state.epoch() > highest) {
      throw takenOver(state.epoch(), highest);
    }
    if (!ours && highest > 0 && wholeRun) {
      tally.forgotten();
    }
    // The chain goes on in its epoch after continue-as-new. In all other cases a new epoch fences
    // every writer before it, our own late ones included, and gives load ids that nothing was
    // staged under.
    epoch = ours ? state.epoch() : Math.max(state.epoch(), highest) + 1;
    if (renormalizes()) {
      return again(state, ours ? before.normalized() : null);
    }
    Checkpoint open = ours ? state.checkpoint() : state.open();
    Long left = input.limit() == null ? null : Math.max(1, (long) input.limit() - tally.pages());
    return new Pipeline.Start(
        state.checkpoint(),
        open,
        state.schema(),
        ours ? state.seq() : 0,
        left,
        refresh,
        !ours && interrupted,
        restarting && !state.checkpoint().done(),
        null,
        null);
  }

  private boolean renormalizes() {
    return input.renormalize() != null;
  }

  /**
   * Where earlier loads are normalized again from.
   *
   * @param left by the execution before this one; {@code null} to begin with the first load
   */
  private Pipeline.Start again(ReadState.Result state, Normalized left) {
    int seq = left == null ? 0 : state.seq();
    Kept.Result kept = kept(seq).get();
    if (left != null) {
      kept = new Kept.Result(left.extent(), kept.loads(), left.schema(), kept.next());
    }
    extent = kept.extent();
    return new Pipeline.Start(
        state.checkpoint(),
        state.checkpoint(),
        kept.schema(),
        seq,
        null,
        null,
        false,
        false,
        kept,
        left == null ? null : left.cursor());
  }

  /** What earlier loads fetched, behind so many of them. */
  Promise<Kept.Result> kept(int skip) {
    return Activities.kept(
        new Kept.Request(
            input.project(),
            input.manifest(),
            input.asset(),
            input.partition(),
            input.renormalize(),
            skip));
  }

  Promise<ReadState.Result> readState() {
    return Activities.readState(
        new ReadState.Request(
            input.project(),
            input.manifest(),
            input.asset(),
            input.partition(),
            refresh,
            restarting));
  }

  Segment segment(int seq) {
    return new Segment(
        input.project(),
        input.manifest(),
        input.asset(),
        input.partition(),
        input.runId(),
        loadIds.of(epoch, seq),
        epoch,
        seq);
  }

  void committed() {
    // done with the first load; a second time would forget what it loaded
    refresh = null;
    restarting = false;
  }

  /** Whether what is loaded is seen only when the run has ended. */
  boolean wholeRun() {
    return wholeRun;
  }

  /**
   * Whether the failure is one that another beginning from the destination's state may get over.
   *
   * @param committedAny whether anything was committed since the last beginning
   */
  boolean again(TemporalFailure failure, boolean committedAny) {
    if (committedAny) {
      lost = 0;
    }
    boolean moved = renormalizes() && Problems.named(failure, Failure.SCHEMA_MOVED);
    if (moved || Problems.named(failure, Failure.LOAD_REFUSED)) {
      return ++refused <= MAX_REFUSED;
    }
    if (!renormalizes() && Problems.windowLost(failure)) {
      boolean again = !restarted;
      restarted = true;
      restarting |= again;
      if (again) {
        tally.begunAgain(Outcome.Problem.of(failure).message());
      }
      return again;
    }
    return Problems.named(failure, Failure.STAGING_LOST) && ++lost <= MAX_LOST;
  }

  /** What the next execution begins with. */
  Input continued(Pipeline pipeline, boolean paused, boolean lends) {
    Resumed resumed =
        new Resumed(
            loadIds.firstStart(),
            epoch,
            pipeline.committedSeq(),
            tally.outcome(Outcome.Status.RUNNING, "queued", null),
            restarted,
            paused,
            renormalizes()
                ? new Normalized(extent, pipeline.committedSchema(), pipeline.committedCursor())
                : null);
    return new Input(
        input.project(),
        input.asset(),
        input.partition(),
        input.manifest(),
        input.runId(),
        refresh,
        input.limit(),
        input.trigger(),
        resumed,
        lends,
        input.renormalize());
  }

  private TemporalFailure takenOver(int found, int highest) {
    return Problems.of(
        Failure.LOAD_REFUSED,
        "Cannot load "
            + input.asset()
            + ": another run has taken over: epoch "
            + found
            + " (this one had "
            + highest
            + "; start it again if the other one is gone)");
  }
}
