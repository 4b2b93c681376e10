package io.millrace.worker.demo;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.worker.Backend;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.failure.v1.ApplicationFailureInfo;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.RespondActivityTaskFailedByIdRequest;
import java.util.List;

/**
 * Tells Temporal which steps died with a worker, so that they are handed out again at once. Nothing
 * depends on it: without it the server notices by itself, when their heartbeats are missing for 30
 * to 60 seconds. But the demo knows it first, and who watches it does not want to wait.
 */
final class Obituary {
  private final Backend backend;
  private final String identity;
  private final List<String> workflows;

  /**
   * @param pid of the dead worker's process
   * @param workflows ids of those that it may have worked for
   */
  Obituary(Backend backend, long pid, List<String> workflows) {
    this.backend = backend;
    this.identity = pid + "@"; // how the SDK's workers sign, followed by the host
    this.workflows = workflows;
  }

  /** Fails the steps that the dead worker holds now. May be called again: it may hold new ones. */
  void tell() {
    for (String workflow : workflows) {
      try {
        for (PendingActivityInfo step : pending(workflow)) {
          if (step.getState() == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
              && step.getLastWorkerIdentity().startsWith(identity)) {
            fail(workflow, step.getActivityId());
          }
        }
      } catch (StatusRuntimeException e) {
        // not there yet, or ended meanwhile: then there is nothing to tell
        if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
          throw e;
        }
      }
    }
  }

  private List<PendingActivityInfo> pending(String workflow) {
    return backend
        .stubs()
        .blockingStub()
        .describeWorkflowExecution(
            DescribeWorkflowExecutionRequest.newBuilder()
                .setNamespace(backend.namespace())
                .setExecution(WorkflowExecution.newBuilder().setWorkflowId(workflow))
                .build())
        .getPendingActivitiesList();
  }

  private void fail(String workflow, String step) {
    backend
        .stubs()
        .blockingStub()
        .respondActivityTaskFailedById(
            RespondActivityTaskFailedByIdRequest.newBuilder()
                .setNamespace(backend.namespace())
                .setWorkflowId(workflow)
                .setActivityId(step)
                .setIdentity("millrace demo")
                .setFailure(
                    Failure.newBuilder()
                        .setMessage("The worker of this step was killed: " + identity)
                        .setApplicationFailureInfo(
                            ApplicationFailureInfo.newBuilder().setType("WORKER_DIED")))
                .build());
  }
}
