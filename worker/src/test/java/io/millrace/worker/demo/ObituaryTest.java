package io.millrace.worker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.worker.Backend;
import io.millrace.worker.EmbeddedTemporal;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ObituaryTest {
  private static final String QUEUE = "obituary";

  /** A step that takes an hour on the first try. */
  @ActivityInterface
  public interface Step {
    int attempt();
  }

  @WorkflowInterface
  public interface Waits {
    @WorkflowMethod
    int run();
  }

  public static class WaitsImpl implements Waits {
    @Override
    public int run() {
      return Workflow.newActivityStub(
              Step.class,
              ActivityOptions.newBuilder()
                  .setStartToCloseTimeout(Duration.ofHours(1))
                  .setHeartbeatTimeout(Duration.ofMinutes(5))
                  .build())
          .attempt();
    }
  }

  @Test
  void stepsOfADeadWorkerAreHandedOutAgainAtOnceAndThoseOfOthersAreLeftAlone() throws Exception {
    CountDownLatch holding = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    Step step =
        () -> {
          int attempt = Activity.getExecutionContext().getInfo().getAttempt();
          if (attempt == 1) {
            holding.countDown();
            await(over);
          }
          return attempt;
        };
    try (EmbeddedTemporal temporal = EmbeddedTemporal.listening();
        Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      WorkerFactory worker = worker(backend, "4711@here", step);
      WorkflowStub run =
          backend
              .client()
              .newUntypedWorkflowStub(
                  "Waits",
                  WorkflowOptions.newBuilder().setWorkflowId("waits").setTaskQueue(QUEUE).build());
      try {
        run.start();
        assertThat(holding.await(20, TimeUnit.SECONDS)).as("the step has begun").isTrue();

        new Obituary(backend, 47, List.of("waits", "not started yet")).tell();
        assertThat(run.describe().getRawDescription().getPendingActivities(0).getAttempt())
            .as("47@ is somebody else")
            .isEqualTo(1);

        new Obituary(backend, 4711, List.of("waits", "not started yet")).tell();
        assertThat(run.getResult(20, TimeUnit.SECONDS, Integer.class)).isEqualTo(2);
      } finally {
        over.countDown();
        worker.shutdownNow();
        worker.awaitTermination(5, TimeUnit.SECONDS);
      }
    }
  }

  private static WorkerFactory worker(Backend backend, String identity, Step step) {
    WorkerFactory factory =
        WorkerFactory.newInstance(
            WorkflowClient.newInstance(
                backend.stubs(), WorkflowClientOptions.newBuilder().setIdentity(identity).build()));
    Worker worker =
        factory.newWorker(
            QUEUE,
            WorkerOptions.newBuilder().setStickyQueueScheduleToStartTimeout(Duration.ZERO).build());
    worker.registerWorkflowImplementationTypes(WaitsImpl.class);
    worker.registerActivitiesImplementations(step);
    factory.start();
    return factory;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
