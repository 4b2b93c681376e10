package io.millrace.worker;

import io.millrace.run.GraphRun;
import io.temporal.client.WorkflowStub;
import java.util.concurrent.CompletableFuture;

/** How a run ends, waited for on a thread of its own. */
public final class Ending {
  private Ending() {}

  /**
   * What the run ends with; exceptionally with what the SDK throws. Returns at once.
   *
   * <p>The SDK's own future ({@code getResultAsync}) is completed on the common pool: whoever
   * blocks that pool, which has a single thread on two processors, makes a run that ended look as
   * if it never did.
   */
  public static CompletableFuture<GraphRun.Result> of(WorkflowStub run) {
    CompletableFuture<GraphRun.Result> end = new CompletableFuture<>();
    Thread waiting =
        new Thread(() -> waitFor(run, end), "ending-" + run.getExecution().getWorkflowId());
    waiting.setDaemon(true);
    waiting.start();
    return end;
  }

  // an error of the JVM too: nobody else would tell the one who waits
  private static void waitFor(WorkflowStub run, CompletableFuture<GraphRun.Result> end) {
    try {
      end.complete(run.getResult(GraphRun.Result.class));
    } catch (Throwable e) {
      end.completeExceptionally(e);
    }
  }
}
