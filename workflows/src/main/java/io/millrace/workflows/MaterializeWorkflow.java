package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Checkpoint;
import io.millrace.run.Kept;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.ReadState;
import io.millrace.run.Refresh;
import io.millrace.run.Renormalize;
import io.millrace.run.SearchAttributes;
import io.millrace.run.Segment;
import io.temporal.common.SearchAttributeUpdate;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/**
 * Lands one asset. Reads what the destination has, runs a {@link Pipeline} from there, and decides
 * what its end means: done, the next execution, once more from the destination's state, or a
 * failure.
 */
public class MaterializeWorkflow implements Materialize {
  /** Segments per execution; the server may suggest an end earlier, by events or bytes. */
  private static final int SEGMENTS = 300;

  private static final int MAX_REFUSED = 3;

  /** In a row, without a commit between them. */
  private static final int MAX_LOST = 5;

  private final int segmentsPerExecution;
  private final Tally tally;
  private final boolean first;
  private LoadIds loadIds;
  private Input input;
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

  private boolean stopping;
  private boolean paused;
  private boolean retrying;

  /** What it waits for; {@code null} when it works. */
  private Waiting waiting;

  /** What it parked with; {@code null} when it is not parked. */
  private Outcome.Problem parked;

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
    first = input == null || input.resumed() == null;
    paused = !first && input.resumed().paused();
    tally =
        new Tally(input == null ? null : input.asset(), first ? null : input.resumed().outcome());
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

  @Override
  public Outcome progress() {
    if (ended != null) {
      return ended;
    }
    if (parked != null) {
      return tally.outcome(Outcome.Status.PARKED, "parked", parked);
    }
    String phase = elsewhere != null ? "attached" : pipeline == null ? "queued" : pipeline.phase();
    return tally.outcome(Outcome.Status.RUNNING, phase, null);
  }

  @Override
  public void stop() {
    stopping = true;
    if (pipeline != null) {
      pipeline.stop();
    }
    if (elsewhere != null) {
      elsewhere.stop();
    }
  }

  @Override
  public Waiting waiting() {
    return waiting;
  }

  @Override
  public boolean wake() {
    return pipeline != null && pipeline.wake();
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public boolean resume() {
    boolean was = paused;
    paused = false;
    return was;
  }

  @Override
  public boolean retry() {
    retrying = parked != null;
    return retrying;
  }

  @Override
  public void stopSoon() {
    stop();
  }

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
    Workflow.setCurrentDetails(Details.of(ended, null));
    return ended;
  }

  private Outcome here() {
    begin();
    try {
      readDefinitions();
      while (true) {
        TemporalFailure failure = pipeline();
        if (CancellationScope.current().isCancelRequested()) {
          return end(Outcome.Status.CANCELLED, null);
        }
        if (failure != null) {
          if (!again(failure) && !parked(failure)) {
            throw failure;
          }
        } else if (pipeline.finished()) {
          boolean nothing = pipeline.unchanged() && tally.rows() == 0;
          return end(nothing ? Outcome.Status.UNCHANGED : Outcome.Status.SUCCEEDED, null);
        } else if (stopping) {
          return end(Outcome.Status.CANCELLED, null);
        } else {
          continueAsNew();
        }
      }
    } catch (TemporalFailure e) {
      boolean cancelled = CancellationScope.current().isCancelRequested();
      return cancelled
          ? end(Outcome.Status.CANCELLED, null)
          : end(Outcome.Status.FAILED, Outcome.Problem.of(e));
    }
  }

  /** Runs one to its end; the failure with which it ended, or {@code null}. */
  private TemporalFailure pipeline() {
    Pipeline.Start start;
    try {
      start = start();
    } catch (TemporalFailure e) {
      if (!Problems.triesUsedUp(e)) {
        throw e;
      }
      return e;
    }
    pipeline = new Pipeline(new Around(), tally, start);
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
    parked = cut(Outcome.Problem.of(failure));
    retrying = false;
    waiting = new Waiting("parked", 0, parked.message());
    tell("parked", SearchAttributes.NEEDS_ATTENTION.valueSet(true));
    Workflow.await(() -> retrying || stopping);
    parked = null;
    waiting = null;
    if (stopping) {
      return false;
    }
    tell("fetch", SearchAttributes.NEEDS_ATTENTION.valueSet(false));
    return true;
  }

  /** Shows a phase where people look. */
  private void tell(String phase, SearchAttributeUpdate<?> more) {
    Workflow.setCurrentDetails(Details.of(progress(), waiting));
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.PHASE.valueSet(phase),
        SearchAttributes.ROWS.valueSet(tally.rows()),
        SearchAttributes.REQUESTS.valueSet(tally.requests()),
        more);
  }

  private void begin() {
    var info = Workflow.getInfo();
    String firstRun = info.getFirstExecutionRunId();
    loadIds =
        new LoadIds(
            first
                ? LoadIds.seconds(info.getRunStartedTimestampMillis())
                : input.resumed().firstStart(),
            firstRun);
    refresh = input.refresh();
    if (input.renormalize() != null) {
      tally.noted(Map.of(Renormalize.NOTE, 0L));
    }
    restarted = !first && input.resumed().restarted();
    if (blank(input.runId())) {
      String run = info.getWorkflowId() + ":" + firstRun;
      input = input.with(input.manifest(), run, input.refresh(), input.resumed());
    }
    var known = Workflow.getTypedSearchAttributes();
    if (first && known.get(SearchAttributes.ASSET) == null) {
      var own = AssetRun.attributes(input);
      Workflow.upsertTypedSearchAttributes(
          SearchAttributes.PROJECT.valueSet(own.get(SearchAttributes.PROJECT)),
          SearchAttributes.ASSET.valueSet(own.get(SearchAttributes.ASSET)),
          SearchAttributes.RUN.valueSet(own.get(SearchAttributes.RUN)),
          SearchAttributes.TRIGGER.valueSet(own.get(SearchAttributes.TRIGGER)),
          SearchAttributes.PHASE.valueSet("fetch"));
    } else if (first) {
      Workflow.upsertTypedSearchAttributes(SearchAttributes.PHASE.valueSet("fetch"));
    }
    Workflow.setCurrentDetails(Details.of(progress(), null));
  }

  /** A run carries the hash of its definitions; one started by hand takes the worker's now. */
  private void readDefinitions() {
    if (blank(input.manifest())) {
      Plan.Request request = new Plan.Request(input.project(), input.asset(), null, null);
      String manifest = Activities.plan(request).get().manifest();
      input = input.with(manifest, input.runId(), input.refresh(), input.resumed());
    }
  }

  /** Where the destination is, and so where the next pipeline begins. */
  private Pipeline.Start start() {
    ReadState.Result state = readState();
    boolean renormalizes = input.renormalize() != null;
    wholeRun = state.wholeRun() || renormalizes;
    boolean ours =
        !first
            && epoch == 0
            && state.epoch() == input.resumed().epoch()
            && (renormalizes || !state.checkpoint().done());
    boolean interrupted =
        !renormalizes && !state.checkpoint().done() && state.open().begun();
    if (first && epoch == 0 && interrupted) {
      tally.noted(Map.of("resumed", 1L));
    }
    int highest = epoch == 0 && !first ? input.resumed().epoch() : epoch;
    if (highest > 0 && state.epoch() > highest) {
      throw Problems.of(
          Failure.LOAD_REFUSED,
          "Cannot load "
              + input.asset()
              + ": another run has taken over: epoch "
              + state.epoch()
              + " (this one had "
              + highest
              + "; start it again if the other one is gone)");
    }
    if (!ours && highest > 0 && wholeRun) {
      tally.forgotten();
    }
    // The chain goes on in its epoch after continue-as-new. In all other cases a new epoch fences
    // every writer before it, our own late ones included, and gives load ids that nothing was
    // staged under.
    epoch = ours ? state.epoch() : Math.max(state.epoch(), highest) + 1;
    if (renormalizes) {
      return again(state, ours ? input.resumed().normalized() : null);
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

  /**
   * The same for earlier loads.
   *
   * @param before what the execution before this one left; {@code null} to begin with the first
   */
  private Pipeline.Start again(ReadState.Result state, Normalized before) {
    int seq = before == null ? 0 : state.seq();
    Kept.Result kept = kept(seq);
    if (before != null) {
      kept = new Kept.Result(before.extent(), kept.loads(), before.schema(), kept.next());
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
        before == null ? null : before.cursor());
  }

  private Kept.Result kept(int skip) {
    return Activities.kept(
            new Kept.Request(
                input.project(),
                input.manifest(),
                input.asset(),
                input.partition(),
                input.renormalize(),
                skip))
        .get();
  }

  private ReadState.Result readState() {
    return Activities.readState(
            new ReadState.Request(
                input.project(),
                input.manifest(),
                input.asset(),
                input.partition(),
                refresh,
                restarting))
        .get();
  }

  /**
   * Whether the failure is one that another beginning from the destination's state may get over.
   */
  private boolean again(TemporalFailure failure) {
    if (pipeline != null && pipeline.committedAny()) {
      lost = 0;
    }
    boolean renormalizes = input.renormalize() != null;
    if (Problems.named(failure, Failure.LOAD_REFUSED)
        || (renormalizes && Problems.named(failure, Failure.SCHEMA_MOVED))) {
      return ++refused <= MAX_REFUSED;
    }
    if (!renormalizes && Problems.windowLost(failure)) {
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

  private void continueAsNew() {
    Workflow.await(Workflow::isEveryHandlerFinished);
    Resumed resumed =
        new Resumed(
            loadIds.firstStart(),
            epoch,
            pipeline.committedSeq(),
            tally.outcome(Outcome.Status.RUNNING, "queued", null),
            restarted,
            paused,
            input.renormalize() == null
                ? null
                : new Normalized(extent, pipeline.committedSchema(), pipeline.committedCursor()));
    Workflow.continueAsNew(input.with(input.manifest(), input.runId(), refresh, resumed));
  }

  private Outcome end(Outcome.Status status, Outcome.Problem problem) {
    boolean applied = pipeline != null && pipeline.finished();
    if (wholeRun && !applied) {
      tally.forgotten(); // it lies in shadow tables that nobody will see
    }
    waiting = null;
    ended = tally.outcome(status, null, problem == null ? null : cut(problem));
    Workflow.setCurrentDetails(Details.of(ended, null));
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.PHASE.valueSet(status.key()),
        SearchAttributes.ROWS.valueSet(tally.rows()),
        SearchAttributes.REQUESTS.valueSet(tally.requests()),
        SearchAttributes.WAKE_AT.valueUnset(),
        SearchAttributes.NEEDS_ATTENTION.valueSet(false));
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

    @Override
    public ReadState.Result readState() {
      return MaterializeWorkflow.this.readState();
    }

    @Override
    public Kept.Result kept(int skip) {
      return MaterializeWorkflow.this.kept(skip);
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
      // done with the first load; a second time would forget what it loaded
      refresh = null;
      restarting = false;
      Workflow.setCurrentDetails(Details.of(progress(), null));
    }

    @Override
    public boolean paused() {
      return paused;
    }

    @Override
    public void resting() {
      waiting = new Waiting("paused", 0, "somebody paused it");
      tell("paused", SearchAttributes.WAKE_AT.valueUnset());
    }

    @Override
    public void waiting(long wakeAt, String reason) {
      waiting = new Waiting("rate_limited", wakeAt, reason);
      tell(
          "rate_limited",
          SearchAttributes.WAKE_AT.valueSet(Instant.ofEpochMilli(wakeAt).atOffset(ZoneOffset.UTC)));
    }

    @Override
    public void resumed() {
      waiting = null;
      tell("fetch", SearchAttributes.WAKE_AT.valueUnset());
    }
  }
}
