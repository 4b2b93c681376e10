package io.millrace.activities;

import io.millrace.run.Attach;
import io.millrace.run.Outcome;
import io.temporal.activity.Activity;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for somebody else's {@code Materialize} by asking the server, in slices short enough to
 * hear a cancellation.
 */
final class AttachActivityImpl extends StepActivityImpl implements Attach {
  private static final long SLICE_SECONDS = 10;

  AttachActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Outcome attach(String workflowId) {
    return step(
        workflowId,
        null,
        progress -> {
          WorkflowStub running =
              Activity.getExecutionContext().getWorkflowClient().newUntypedWorkflowStub(workflowId);
          while (true) {
            try {
              return running.getResult(SLICE_SECONDS, TimeUnit.SECONDS, Outcome.class);
            } catch (TimeoutException e) {
              progress.report(0, 0, 0);
            } catch (WorkflowFailedException e) {
              return Outcome.of(workflowId.substring(workflowId.lastIndexOf(':') + 1), e);
            }
          }
        });
  }
}
