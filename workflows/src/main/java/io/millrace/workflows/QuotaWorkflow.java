package io.millrace.workflows;

import io.millrace.run.Quota;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;

/**
 * Lends the places of one host's rate limit ({@link LentPlaces} says which there are). Lives as
 * long as a place is lent; what it must remember after many leases goes to its next execution.
 */
public class QuotaWorkflow implements Quota {
  /** The server takes 2,000 updates per execution and suggests an end at nine tenths of them. */
  private static final int UPDATES = 1_500;

  private static final Duration SHORTEST_SLEEP = Duration.ofSeconds(30);

  private final LentPlaces lent;
  private int updates;

  @WorkflowInit
  public QuotaWorkflow(State state) {
    lent = new LentPlaces(state);
  }

  @Override
  public void run(State state) {
    while (true) {
      long left = lent.lastUntil() - Workflow.currentTimeMillis();
      if (left <= 0 && updates > 0) {
        return; // whoever asks next starts another one
      }
      Duration sleep = Duration.ofMillis(Math.max(SHORTEST_SLEEP.toMillis(), left + 1));
      if (Workflow.await(sleep, this::full)) {
        Workflow.continueAsNew(lent.state());
      }
      updates = Math.max(1, updates); // one that nobody ever asks ends, too
    }
  }

  private boolean full() {
    return updates >= UPDATES || Workflow.getInfo().isContinueAsNewSuggested();
  }

  @Override
  public Grant lease(Request request) {
    updates++;
    return lent.lease(request, Workflow.currentTimeMillis());
  }
}
