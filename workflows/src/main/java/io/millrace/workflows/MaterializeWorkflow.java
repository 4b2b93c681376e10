package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Kept;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.ReadState;
import io.millrace.run.Segment;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;

/**
 * Lands one asset. Reads what the destination has ({@link Epochs}), runs a {@link Pipeline} from
 * there, and decides what its end means: done, the next execution, once more from the destination's
 * state, parked, or a failure.
 */
public class MaterializeWorkflow implements Materialize {
  /** Segments per execution; the server may suggest an end earlier, by events or bytes. */
  private static final int SEGMENTS = 300;

  private final int segmentsPerExecution;
  private final Tally tally;
  private final Place place;
  private final Rests rests;
  private Input input;
  private Epochs epochs;
  private boolean stopping;
  private Pipeline pipeline;
  private AssetRun elsewhere;
  private Outcome ended;

  @WorkflowInit
  public MaterializeWorkflow(Input input) {
    this(input, SEGMENTS);
  }

  MaterializeWorkflow(Input input, int segmentsPerExecution) {
    this.segmentsPerExecution = segmentsPerExecution;
    this.input = input;
    Resumed before = input == null ? null : input.resumed();
    tally =
        new Tally(input == null ? null : input.asset(), before == null ? null : before.outcome());
    place = new Place(input);
    rests =
        new Rests(
            place, before != null && before.paused(), waiting -> Shown.rests(progress(), waiting));
  }

  @Override
  public Outcome run(Input given) {
    if (given == null || blank(given.project()) || blank(given.asset())) {
      throw Problems.of(
          Failure.CONFIG_INVALID,
          "Cannot materialize: the input names no "
              + (given == null || blank(given.project()) ? "project" : "asset")
              + " (give {\"project\": …, \"asset\": …})");
    }
    String lock = Materialize.id(given.project(), given.asset(), given.partition());
    Outcome outcome = Workflow.getInfo().getWorkflowId().equals(lock) ? here() : elsewhere();
    Workflow.await(Workflow::isEveryHandlerFinished);
    if (outcome.failure() != null && outcome.status() == Outcome.Status.FAILED) {
      throw Problems.of(outcome);
    }
    return outcome;
  }

  // ---- what people ask and say

  @Override
  public final Outcome progress() {
    if (ended != null) {
      return ended;
    }
    if (rests.parked() != null) {
      return tally.outcome(Outcome.Status.PARKED, "parked", rests.parked());
    }
    String phase =
        elsewhere != null
            ? "attached"
            : rests.now() != null
                ? rests.now().phase()
                : pipeline == null ? "queued" : pipeline.phase();
    return tally.outcome(Outcome.Status.RUNNING, phase, null);
  }

  @Override
  public void stop() {
    stopping = true;
    rests.end();
    if (elsewhere != null) {
      elsewhere.stop();
    }
  }

  @Override
  public Waiting waiting() {
    return rests.now();
  }

  @Override
  public boolean wake() {
    return rests.wake();
  }

  @Override
  public void pause() {
    rests.pause();
  }

  @Override
  public boolean resume() {
    return rests.resume();
  }

  @Override
  public boolean retry() {
    return rests.retry();
  }

  @Override
  public void stopSoon() {
    stop();
  }

  @Override
  public void place(boolean again) {
    place.given(again);
  }

  // ---- the run

  /** Started under another id than the lock: starts that one, or waits for it. */
  private Outcome elsewhere() {
    CancellationScope root = CancellationScope.current();
    Workflow.newDetachedCancellationScope(
            () -> {
              elsewhere = new AssetRun(input, null);
              if (stopping) {
                elsewhere.stop();
              }
              root.getCancellationRequest()
                  .thenApply(
                      reason -> {
                        elsewhere.cancel();
                        return reason;
                      });
              ended = elsewhere.outcome().get();
            })
        .run();
    Shown.details(ended, null);
    return ended;
  }

  private Outcome here() {
    boolean first = input.resumed() == null;
    var info = Workflow.getInfo();
    String firstRun = info.getFirstExecutionRunId();
    if (blank(input.runId())) {
      input = input.with(input.manifest(), info.getWorkflowId() + ":" + firstRun);
    }
    Shown.begins(input, first, progress());
    try {
      readDefinitions();
      String firstStart =
          first
              ? LoadIds.seconds(info.getRunStartedTimestampMillis())
              : input.resumed().firstStart();
      epochs = new Epochs(input, new LoadIds(firstStart, firstRun), tally);
      while (true) {
        TemporalFailure failure = pipeline();
        if (CancellationScope.current().isCancelRequested()) {
          return end(Outcome.Status.CANCELLED, null);
        }
        if (failure != null) {
          boolean committedAny = pipeline != null && pipeline.committedAny();
          if (!epochs.again(failure, committedAny) && !parked(failure)) {
            throw failure;
          }
        } else if (pipeline.finished()) {
          boolean nothing = pipeline.unchanged() && tally.rows() == 0;
          return end(nothing ? Outcome.Status.UNCHANGED : Outcome.Status.SUCCEEDED, null);
        } else if (stopping) {
          return end(Outcome.Status.CANCELLED, null);
        } else {
          Workflow.await(Workflow::isEveryHandlerFinished);
          Workflow.continueAsNew(epochs.continued(pipeline, rests.paused(), place.lends()));
        }
      }
    } catch (TemporalFailure e) {
      boolean cancelled = CancellationScope.current().isCancelRequested();
      return cancelled
          ? end(Outcome.Status.CANCELLED, null)
          : end(Outcome.Status.FAILED, Outcome.Problem.of(e));
    }
  }

  /** A run carries the hash of its definitions; one started by hand takes the worker's now. */
  private void readDefinitions() {
    if (blank(input.manifest())) {
      Plan.Request request = new Plan.Request(input.project(), input.asset(), null, null);
      input = input.with(Activities.plan(request).get().manifest(), input.runId());
    }
  }

  /** Runs one to its end; the failure with which it ended, or {@code null}. */
  private TemporalFailure pipeline() {
    place.take(() -> stopping);
    Pipeline.Start start;
    try {
      start = epochs.next();
    } catch (TemporalFailure e) {
      if (!Problems.triesUsedUp(e)) {
        throw e;
      }
      return e;
    }
    pipeline = new Pipeline(new Around(), rests, tally, start);
    pipeline.run();
    return pipeline.failure();
  }

  /**
   * Waits for a person when a step that may succeed later has failed for so long that nobody should
   * wait for it unseen.
   *
   * @return {@code false} when the failure is another one, or when it is to end instead
   */
  private boolean parked(TemporalFailure failure) {
    if (!Problems.triesUsedUp(failure)
        || Workflow.getVersion("park", Workflow.DEFAULT_VERSION, 1) == Workflow.DEFAULT_VERSION) {
      return false;
    }
    return rests.park(cut(Outcome.Problem.of(failure)), () -> stopping);
  }

  private Outcome end(Outcome.Status status, Outcome.Problem problem) {
    boolean applied = pipeline != null && pipeline.finished();
    if (epochs != null && epochs.wholeRun() && !applied) {
      tally.forgotten(); // it lies in shadow tables that nobody will see
    }
    ended = tally.outcome(status, null, problem == null ? null : cut(problem));
    Shown.ended(ended);
    return ended;
  }

  private static Outcome.Problem cut(Outcome.Problem problem) {
    return new Outcome.Problem(problem.code(), Details.cut(problem.message(), 1000));
  }

  private static boolean blank(String text) {
    return text == null || text.isBlank();
  }

  /** What the pipeline asks and tells. */
  private final class Around implements Pipeline.Surroundings {
    @Override
    public Segment segment(int seq) {
      return epochs.segment(seq);
    }

    @Override
    public ReadState.Result readState() {
      return epochs.readState();
    }

    @Override
    public Kept.Result kept(int skip) {
      return epochs.kept(skip);
    }

    @Override
    public boolean full(int fetched) {
      boolean suggested = fetched > 0 && Workflow.getInfo().isContinueAsNewSuggested();
      return suggested || fetched >= segmentsPerExecution;
    }

    @Override
    public boolean stopping() {
      return stopping;
    }

    @Override
    public void committed() {
      epochs.committed();
      Shown.details(progress(), rests.now());
    }
  }
}
