package io.millrace.run;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Waits for a {@code Materialize} that somebody else started. */
@ActivityInterface
public interface Attach {
  /** The outcome of the workflow of that id; waits (heartbeating) until it has ended. */
  @ActivityMethod(name = "attach")
  Outcome attach(String workflowId);
}
