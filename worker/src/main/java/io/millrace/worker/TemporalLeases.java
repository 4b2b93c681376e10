package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.rest.Leases;
import io.millrace.run.Quota;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.UpdateOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateStage;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Places of rate limits that all workers of a project share, from the {@link Quota} workflows of a
 * Temporal server. Thread-safe.
 */
public final class TemporalLeases implements Leases {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final WorkflowClient client;
  private final String queue;

  /**
   * @param queue whose workers run the quotas
   */
  public TemporalLeases(WorkflowClient client, String queue) {
    this.client = client;
    this.queue = queue;
  }

  @Override
  public Quota.Grant lease(String project, String host, Quota.Request request) {
    FutureTask<Quota.Grant> asking = new FutureTask<>(() -> ask(project, host, request));
    // a thread of its own, because the client's own patience is minutes; asked seldom
    Thread thread = new Thread(asking, "lease-" + host);
    thread.setDaemon(true);
    thread.start();
    try {
      return asking.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unanswered("no answer within " + PATIENCE.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw unanswered(String.valueOf(e.getCause().getMessage()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(Failure.CANCELLED, "Cannot go on: stopped", e);
    } finally {
      asking.cancel(true);
    }
  }

  private Quota.Grant ask(String project, String host, Quota.Request request) {
    WorkflowStub quota =
        client.newUntypedWorkflowStub(
            "Quota",
            WorkflowOptions.newBuilder()
                .setWorkflowId(Quota.id(project, host))
                .setTaskQueue(queue)
                .setWorkflowIdConflictPolicy(
                    WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
                .setStaticSummary("The rate limit of " + host)
                .build());
    return quota.executeUpdateWithStart(
        UpdateOptions.newBuilder(Quota.Grant.class)
            .setUpdateName("lease")
            .setWaitForStage(WorkflowUpdateStage.COMPLETED)
            .build(),
        new Object[] {request},
        new Object[] {null});
  }

  private static MillraceException unanswered(String why, Throwable cause) {
    return new MillraceException(
        Failure.TEMPORAL_UNREACHABLE,
        "Cannot reach Temporal: " + why + " (it must be up, and a worker with it)",
        cause);
  }
}
