package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Attach;
import io.millrace.run.Fetch;
import io.millrace.run.Kept;
import io.millrace.run.Load;
import io.millrace.run.Normalize;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.ReadState;
import io.millrace.run.Segment;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/**
 * The steps, with their timeouts and retries: the one place that has them. Queue: the workflow's
 * own.
 *
 * <p>The activity side says which failures are final; those listed here are final too, because the
 * workflow has a better answer than trying the same step again.
 */
final class Activities {
  /**
   * About an hour with the back-off below. Then the asset is parked, where somebody sees it, rather
   * than tried for ever.
   */
  private static final int ATTEMPTS = 20;

  private static final RetryOptions RETRY =
      RetryOptions.newBuilder()
          .setInitialInterval(Duration.ofSeconds(1))
          .setBackoffCoefficient(2)
          .setMaximumInterval(Duration.ofMinutes(5))
          .setMaximumAttempts(ATTEMPTS)
          .setDoNotRetry(
              Failure.SCHEMA_MOVED.name(),
              Failure.LOAD_REFUSED.name(),
              Failure.STAGING_LOST.name(),
              Failure.RATE_LIMITED.name())
          .build();

  /**
   * How soon a dead worker is noticed. Every step says every few seconds that it is alive, whatever
   * it waits for, so this may be much shorter than a step; a false alarm repeats a step, which is
   * harmless.
   */
  private static final Duration HEARTBEAT = Duration.ofSeconds(20);

  private Activities() {}

  static Promise<Plan.Result> plan(Plan.Request request) {
    Plan stub =
        Workflow.newActivityStub(
            Plan.class, options(Duration.ofMinutes(10), "plan " + request.project()));
    return Async.function(stub::plan, request);
  }

  static Promise<ReadState.Result> readState(ReadState.Request request) {
    ReadState stub =
        Workflow.newActivityStub(
            ReadState.class, options(Duration.ofMinutes(10), "state of " + request.asset()));
    return Async.function(stub::readState, request);
  }

  /** A segment is bounded by its time; the rest is slack for a slow source. */
  static Promise<Fetch.Result> fetch(Fetch.Request request) {
    Fetch stub =
        Workflow.newActivityStub(
            Fetch.class, options(Duration.ofMinutes(15), summary(request.segment())));
    return Async.function(stub::fetch, request);
  }

  static Promise<Kept.Result> kept(Kept.Request request) {
    Kept stub =
        Workflow.newActivityStub(
            Kept.class, options(Duration.ofMinutes(15), "raw pages of " + request.asset()));
    return Async.function(stub::kept, request);
  }

  static Promise<Normalize.Result> normalize(Normalize.Request request) {
    Normalize stub =
        Workflow.newActivityStub(
            Normalize.class, options(Duration.ofMinutes(15), summary(request.segment())));
    return Async.function(stub::normalize, request);
  }

  static Promise<Load.Receipt> load(Load.Request request) {
    Load stub =
        Workflow.newActivityStub(
            Load.class, options(Duration.ofMinutes(60), summary(request.segment())));
    return Async.function(stub::load, request);
  }

  /** As long as the other's run takes; the heartbeat tells whether anybody still waits. */
  static Promise<Outcome> attach(String workflowId) {
    Attach stub =
        Workflow.newActivityStub(
            Attach.class, options(Duration.ofDays(30), "wait for " + workflowId));
    return Async.function(stub::attach, workflowId);
  }

  private static String summary(Segment segment) {
    return segment.asset() + " segment " + segment.seq();
  }

  private static ActivityOptions options(Duration time, String summary) {
    return ActivityOptions.newBuilder()
        .setStartToCloseTimeout(time)
        .setHeartbeatTimeout(HEARTBEAT)
        .setRetryOptions(RETRY)
        // nothing may still write when the workflow goes on after a cancellation
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        .setSummary(Details.line(summary))
        .build();
  }
}
