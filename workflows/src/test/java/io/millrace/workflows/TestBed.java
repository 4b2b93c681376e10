package io.millrace.workflows;

import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Queues;
import io.millrace.run.SearchAttributes;
import io.millrace.run.Wire;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import io.temporal.worker.WorkflowImplementationOptions;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A Temporal server in memory that skips waiting, a worker, and a {@link FakeWorld}. One per test.
 */
final class TestBed implements AutoCloseable {
  final FakeWorld world;
  final TestWorkflowEnvironment temporal;
  final WorkflowClient client;

  TestBed(FakeWorld world) {
    this(world, GraphRunWorkflow.class, MaterializeWorkflow.class);
  }

  @SuppressWarnings("unchecked") // varargs of a generic class
  TestBed(FakeWorld world, Class<?>... types) {
    this.world = world;
    TestEnvironmentOptions.Builder options =
        TestEnvironmentOptions.newBuilder()
            .setWorkflowClientOptions(
                WorkflowClientOptions.newBuilder().setDataConverter(Wire.converter()).build())
            .setWorkerFactoryOptions(WorkerFactoryOptions.getDefaultInstance());
    SearchAttributes.ALL.forEach(
        key -> options.registerSearchAttribute(key.getName(), key.getValueType()));
    temporal = TestWorkflowEnvironment.newInstance(options.build());
    client = temporal.getWorkflowClient();
    world.client = client;
    Worker worker =
        temporal.newWorker(
            Queues.DEFAULT,
            WorkerOptions.newBuilder()
                // a loaded machine is no deadlock
                .setDefaultDeadlockDetectionTimeout(30_000)
                // a cancellation is heard with the next heartbeat that is really sent
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(200))
                .build());
    worker.registerWorkflowImplementationTypes(
        WorkflowImplementationOptions.newBuilder()
            .setFailWorkflowExceptionTypes(RuntimeException.class)
            .build(),
        types);
    worker.registerActivitiesImplementations(world);
    temporal.start();
  }

  static Materialize.Input input(String asset) {
    return new Materialize.Input(
        "shop", asset, null, "manifest-1", "run:shop:1", null, null, null, null);
  }

  /** The lock's id and a limit, so that a hanging test ends. */
  static WorkflowOptions options(String id) {
    return WorkflowOptions.newBuilder()
        .setWorkflowId(id)
        .setTaskQueue(Queues.DEFAULT)
        .setWorkflowExecutionTimeout(Duration.ofDays(3))
        .build();
  }

  WorkflowStub start(Materialize.Input input) {
    String id = Materialize.id(input.project(), input.asset(), input.partition());
    WorkflowStub stub = client.newUntypedWorkflowStub("Materialize", options(id));
    stub.start(input);
    return stub;
  }

  Outcome materialize(Materialize.Input input) {
    return start(input).getResult(Outcome.class);
  }

  Outcome materialize(String asset) {
    return materialize(input(asset));
  }

  WorkflowStub start(GraphRun.Input input) {
    WorkflowStub stub = client.newUntypedWorkflowStub("GraphRun", options("run:shop:1"));
    stub.start(input);
    return stub;
  }

  GraphRun.Result run(GraphRun.Input input) {
    return result(start(input));
  }

  /** The result of a run, also of one with failed assets. */
  static GraphRun.Result result(WorkflowStub run) {
    try {
      return run.getResult(GraphRun.Result.class);
    } catch (WorkflowFailedException e) {
      GraphRun.Result result = GraphRun.Result.of(e);
      if (result == null) {
        throw e;
      }
      return result;
    }
  }

  static GraphRun.Input everything() {
    return new GraphRun.Input("shop", null, null, null, null, null, null, null);
  }

  /** Of the newest execution of that id. */
  WorkflowExecutionHistory history(String id) {
    return client.fetchHistory(id);
  }

  WorkflowExecutionHistory history(String id, String runId) {
    return client.fetchHistory(id, runId);
  }

  /** Waits for something that another thread brings about; at most so long. */
  static void until(BooleanSupplier there) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!there.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("It did not come within 20 s");
      }
      Thread.yield();
    }
  }

  @Override
  public void close() {
    temporal.shutdownNow();
    temporal.close();
  }
}
