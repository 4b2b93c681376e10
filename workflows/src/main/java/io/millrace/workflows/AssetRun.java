package io.millrace.workflows;

import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Renormalize;
import io.millrace.run.SearchAttributes;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.Map;

/**
 * The one {@code Materialize} of an asset as another workflow sees it. Its id is the lock: when
 * somebody else started it, this waits for that one.
 */
final class AssetRun {
  private final String asset;
  private final String id;
  private final Lane lane = new Lane();
  private final Materialize.Input input;
  private final String summary;

  /** Whether it is to forget what is there: then what another run does is not enough. */
  private final boolean forgets;

  private final Promise<Outcome> outcome;
  private Materialize child;
  private boolean attached;
  private boolean stopped;

  /** Starts it. */
  AssetRun(Materialize.Input input, String summary) {
    asset = input.asset();
    id = Materialize.id(input.project(), input.asset(), input.partition());
    this.input = input;
    this.summary = summary;
    forgets =
        input.refresh() != null
            && Workflow.getVersion("refresh", Workflow.DEFAULT_VERSION, 1)
                != Workflow.DEFAULT_VERSION;
    outcome = begin();
  }

  private Promise<Outcome> begin() {
    child = Workflow.newChildWorkflowStub(Materialize.class, options(id, input, summary));
    return lane.start(() -> Async.function(child::run, input))
        .handle(this::orAttach)
        .thenCompose(end -> end);
  }

  /** How it ended. Never fails: a failure is an outcome, too. */
  Promise<Outcome> outcome() {
    return outcome;
  }

  /** Whether somebody else started it. */
  boolean attached() {
    return attached;
  }

  /** Ends at a segment boundary, unless somebody else started it. */
  void stop() {
    stopped = true;
    if (!attached && !outcome.isCompleted()) {
      Async.procedure(this::signal);
    }
  }

  /** Ends after what commits now; a run that somebody else started goes on. */
  void cancel() {
    stopped = true;
    lane.cancel();
  }

  private void signal() {
    try {
      child.stopSoon(); // waits until the child has started
    } catch (RuntimeException e) {
      // it ended meanwhile or did not start: the outcome says which
    }
  }

  private Promise<Outcome> orAttach(Outcome ended, RuntimeException failure) {
    if (failure == null) {
      return Workflow.newPromise(ended);
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof WorkflowExecutionAlreadyStarted) {
        attached = true;
        return input.renormalize() != null
            ? Workflow.newPromise(Outcome.of(asset, Problems.running(id)))
            : lane.start(() -> Activities.attach(id))
                .exceptionally(e -> Outcome.of(asset, e))
                .thenCompose(this::orBegin);
      }
    }
    return Workflow.newPromise(Outcome.of(asset, failure));
  }

  /** One that fetched nothing, or forgot nothing, has not done what this one is to do. */
  private Promise<Outcome> orBegin(Outcome other) {
    boolean fetched = other.notes() == null || !other.notes().containsKey(Renormalize.NOTE);
    if (fetched && !forgets || stopped) {
      return Workflow.newPromise(other);
    }
    attached = false;
    return begin();
  }

  private static ChildWorkflowOptions options(String id, Materialize.Input input, String summary) {
    return ChildWorkflowOptions.newBuilder()
        .setWorkflowId(id)
        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL)
        .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
        .setTypedSearchAttributes(attributes(input))
        .setMemo(input.manifest() == null ? Map.of() : Map.of("manifest", input.manifest()))
        .setStaticSummary(Details.line(summary == null ? input.asset() : summary))
        .build();
  }

  /** What the Temporal UI filters by, of a {@code Materialize} that has not begun. */
  static io.temporal.common.SearchAttributes attributes(Materialize.Input input) {
    io.temporal.common.SearchAttributes.Builder out =
        io.temporal.common.SearchAttributes.newBuilder()
            .set(SearchAttributes.PROJECT, input.project())
            .set(SearchAttributes.ASSET, input.asset())
            .set(SearchAttributes.TRIGGER, input.trigger() == null ? "manual" : input.trigger())
            .set(SearchAttributes.PHASE, "queued");
    if (input.runId() != null) {
      out.set(SearchAttributes.RUN, input.runId());
    }
    if (input.partition() != null) {
      out.set(SearchAttributes.PARTITION, input.partition());
    }
    return out.build();
  }
}
