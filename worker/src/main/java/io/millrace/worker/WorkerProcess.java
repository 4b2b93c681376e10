package io.millrace.worker;

import io.millrace.workflows.WorkflowTypes;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A worker: takes tasks of one queue and runs workflows and activities. The composition root, to be
 * read from top to bottom. It starts in its constructor and ends with {@link #close}.
 */
public final class WorkerProcess implements AutoCloseable {
  /** Activities at the same time, unless said otherwise: each may hold a segment's buffers. */
  public static final int DEFAULT_SLOTS = 8;

  /**
   * How long a page and a load may take before a stopping worker leaves them to another: it is gone
   * before the 30 seconds are over that Kubernetes gives it.
   */
  public static final Duration GRACE = Duration.ofSeconds(20);

  private static final Duration HEARTBEATS = Duration.ofSeconds(5);
  private static final int VIRTUAL_THREADS_SINCE = 21;

  private final WorkerFactory factory;
  private final Runnable drain;

  /**
   * @param activities implementations; they stay the caller's, who closes what is behind them after
   *     {@link #close}
   * @param drain tells running activities to end at their next boundary
   */
  public WorkerProcess(
      Backend backend, String queue, int slots, List<Object> activities, Runnable drain) {
    this.drain = drain;
    boolean virtual = Runtime.version().feature() >= VIRTUAL_THREADS_SINCE;
    WorkerFactoryOptions.Builder process =
        WorkerFactoryOptions.newBuilder().setUsingVirtualWorkflowThreads(virtual);
    if (backend.inProcess()) {
      process.setWorkerInterceptors(new FailAtOnce());
    }
    factory = WorkerFactory.newInstance(backend.client(), process.validateAndBuildWithDefaults());
    WorkerOptions.Builder options =
        WorkerOptions.newBuilder()
            .setMaxConcurrentActivityExecutionSize(slots)
            .setUsingVirtualThreadsOnActivityWorker(virtual)
            // a killed activity loses the progress that it did not send yet
            .setMaxHeartbeatThrottleInterval(HEARTBEATS)
            // a draining activity ends by itself; without this its next heartbeat would end it and
            // burn an attempt
            .setAllowActivityHeartbeatDuringShutdown(true);
    if (backend.testServer()) {
      // the embedded server never takes a task back from the sticky queue of a worker that died
      options.setStickyQueueScheduleToStartTimeout(Duration.ZERO);
    }
    Worker worker = factory.newWorker(queue, options.build());
    worker.registerWorkflowImplementationTypes(WorkflowTypes.all());
    worker.registerActivitiesImplementations(activities.toArray());
    factory.start();
  }

  /** Tells running activities to end at their next boundary; takes no new ones. Returns at once. */
  public void drain() {
    drain.run();
    factory.shutdown();
  }

  /** Drains, waits for what runs at most so long, then interrupts it. */
  public void stop(Duration grace) {
    drain();
    factory.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
    if (!factory.isTerminated()) {
      factory.shutdownNow();
      factory.awaitTermination(HEARTBEATS.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Stops it, unless it was told to already. */
  @Override
  public void close() {
    if (!factory.isShutdown()) {
      stop(HEARTBEATS);
    }
  }
}
