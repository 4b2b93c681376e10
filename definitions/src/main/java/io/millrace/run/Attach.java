package io.millrace.run;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Waits for a {@code Materialize} that somebody else started. */
@ActivityInterface
public interface Attach {
  /**
   * The outcome of the workflow of that id; waits (heartbeating) until it has ended. One that
   * failed or was cancelled has an outcome too: {@link Outcome#of} of the failure.
   */
  @ActivityMethod(name = "attach")
  Outcome attach(String workflowId);
}
