package io.millrace.workflows;

import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.CompletablePromise;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * One step at a time that can be asked to stop. Only the step is in the cancelled scope, not the
 * thread that waits for it: that one must still hear how the step ended.
 */
final class Lane {
  private CancellationScope scope;

  /** Waits for the step's result; its failure is thrown. */
  <T> T run(Supplier<Promise<T>> step) {
    return start(step).get();
  }

  <T> Promise<T> start(Supplier<Promise<T>> step) {
    CompletablePromise<T> result = Workflow.newPromise();
    scope = Workflow.newDetachedCancellationScope(() -> result.completeFrom(step.get()));
    scope.run();
    return result.handle(
        (value, failure) -> {
          scope = null;
          if (failure != null) {
            throw failure;
          }
          return value;
        });
  }

  boolean busy() {
    return scope != null;
  }

  /** Asks the step, if there is one, to stop. */
  void cancel() {
    if (scope != null) {
      scope.cancel();
    }
  }

  /**
   * Lets the step, if there is one, end by itself, and asks it to stop when it takes longer. Steps
   * are short, and an activity that is cancelled in the moment in which it completes hangs the
   * workflow on the in-memory server (it answers {@code ACTIVITY_UNKNOWN} and forgets the task).
   */
  void cancelAfter(Duration grace) {
    CancellationScope asked = scope;
    if (asked == null) {
      return;
    }
    Workflow.newDetachedCancellationScope(
            () ->
                Async.procedure(
                    () -> {
                      if (!Workflow.await(grace, () -> scope != asked)) {
                        asked.cancel();
                      }
                    }))
        .run();
  }
}
