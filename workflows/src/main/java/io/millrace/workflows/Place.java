package io.millrace.workflows;

import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.temporal.workflow.SignalExternalWorkflowException;
import io.temporal.workflow.Workflow;
import java.util.function.BooleanSupplier;

/**
 * The place of an asset among those of its run that work at the same time. While the asset rests
 * the run may give the place to another one; who wakes asks the run for one again. An asset that
 * nobody counts, or whose run is gone, has a place of its own.
 */
final class Place {
  private final String asset;

  /** {@code null} when nobody counts. */
  private GraphRun run;

  private boolean lent;
  private boolean asked;

  Place(Materialize.Input input) {
    asset = input == null ? null : input.asset();
    if (input != null && input.lends()) {
      Workflow.getInfo()
          .getParentWorkflowId()
          .ifPresent(id -> run = Workflow.newExternalWorkflowStub(GraphRun.class, id));
    }
  }

  /** Whether the run may give it to another one now. */
  boolean lent() {
    return lent;
  }

  /** Whether the run counts it. */
  boolean lends() {
    return run != null;
  }

  void lend() {
    if (run == null
        || lent
        || Workflow.getVersion("lend", Workflow.DEFAULT_VERSION, 1) == Workflow.DEFAULT_VERSION) {
      return;
    }
    try {
      run.lend(asset);
      lent = true;
      asked = false;
    } catch (SignalExternalWorkflowException e) {
      run = null;
    }
  }

  /** Waits until the run has one, or until nobody needs it any more. */
  void take(BooleanSupplier halted) {
    if (lent && !asked && !halted.getAsBoolean()) {
      try {
        run.claim(asset);
        asked = true;
      } catch (SignalExternalWorkflowException e) {
        given(false);
      }
    }
    Workflow.await(() -> !lent || halted.getAsBoolean());
  }

  /**
   * The run has one for it.
   *
   * @param again whether it may be lent another time
   */
  void given(boolean again) {
    lent = false;
    run = again ? run : null;
  }
}
