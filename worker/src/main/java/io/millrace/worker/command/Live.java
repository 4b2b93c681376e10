package io.millrace.worker.command;

import io.grpc.StatusRuntimeException;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.SearchAttributes;
import io.millrace.worker.Backend;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * What a Temporal server knows of the newest work on one asset.
 *
 * @param asset its key
 * @param running whether it has not ended
 * @param outcome so far or in the end; {@code null} when it never ran, or long ago
 * @param waiting {@code null} when it works or has ended
 * @param run the run that it belongs to; {@code null} when nothing is known
 * @param began {@code null} when nothing is known
 * @param ended {@code null} while it runs
 */
record Live(
    String asset,
    boolean running,
    Outcome outcome,
    Materialize.Waiting waiting,
    String run,
    Instant began,
    Instant ended) {

  static Live of(Backend backend, String project, String asset) {
    WorkflowExecutionDescription found;
    try {
      found = work(backend, project, asset).describe();
    } catch (WorkflowNotFoundException e) {
      return new Live(asset, false, null, null, null, null, null);
    }
    // this execution: asked by the id alone, another one that begins now would be waited for
    WorkflowStub work =
        backend
            .client()
            .newUntypedWorkflowStub(
                WorkflowTargetOptions.newBuilder()
                    .setWorkflowExecution(found.getExecution())
                    .build());
    String run = found.getTypedSearchAttributes().get(SearchAttributes.RUN);
    Instant began = found.getStartTime();
    if (found.getStatus() != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
      return new Live(asset, false, end(work, asset), null, run, began, found.getCloseTime());
    }
    try {
      Outcome now = work.query("progress", Outcome.class);
      Materialize.Waiting waiting = work.query("waiting", Materialize.Waiting.class);
      return new Live(asset, true, now, waiting, run, began, null);
    } catch (WorkflowException | StatusRuntimeException e) {
      return told(asset, found, run, began); // no worker answers for it now
    }
  }

  static WorkflowStub work(Backend backend, String project, String asset) {
    return backend.client().newUntypedWorkflowStub(Materialize.id(project, asset, null));
  }

  private static Outcome end(WorkflowStub work, String asset) {
    try {
      return work.getResult(Outcome.class);
    } catch (WorkflowException e) {
      return Outcome.of(asset, e);
    }
  }

  /** What it wrote where everybody can read it. */
  private static Live told(
      String asset, WorkflowExecutionDescription found, String run, Instant began) {
    String phase = found.getTypedSearchAttributes().get(SearchAttributes.PHASE);
    OffsetDateTime wakes = found.getTypedSearchAttributes().get(SearchAttributes.WAKE_AT);
    Materialize.Waiting waiting =
        wakes == null
            ? null
            : new Materialize.Waiting(phase, wakes.toInstant().toEpochMilli(), null);
    return new Live(asset, true, Outcome.queued(asset).running(phase), waiting, run, began, null);
  }

  /** In a word: a phase, a status or {@code unknown}. */
  String state() {
    return outcome == null
        ? "unknown"
        : waiting != null
            ? waiting.phase()
            : outcome.phase() == null ? outcome.status().key() : outcome.phase();
  }

  /** {@code null} when it does not wait for a time. */
  Instant wakeAt() {
    return waiting == null || waiting.wakeAt() <= 0 ? null : Instant.ofEpochMilli(waiting.wakeAt());
  }

  /** Why it waits or failed; empty when there is nothing to say. */
  String why() {
    return waiting != null && waiting.reason() != null
        ? waiting.reason()
        : outcome != null && outcome.failure() != null ? outcome.failure().message() : "";
  }
}
