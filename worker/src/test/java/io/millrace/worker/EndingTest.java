package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.run.GraphRun;
import io.millrace.run.Plan;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs of no assets: the embedded server itself needs the common pool to start a child. */
@Timeout(120)
@SuppressWarnings("try") // the pool is held, not used
class EndingTest {
  private Plan plan = request -> new Plan.Result("manifest", List.of(), List.of());
  private Backend backend;
  private WorkerProcess worker;

  @BeforeEach
  void start() {
    backend = Backend.embedded();
    Plan asNow = request -> plan.plan(request);
    worker = new WorkerProcess(backend, "ending", 2, List.of(asNow), () -> {});
  }

  @AfterEach
  void stop() {
    worker.close();
    backend.close();
  }

  private CompletableFuture<GraphRun.Result> ending() {
    WorkflowStub run =
        backend
            .client()
            .newUntypedWorkflowStub(
                "GraphRun",
                WorkflowOptions.newBuilder()
                    .setWorkflowId("run:shop:1")
                    .setTaskQueue("ending")
                    .build());
    run.start(new GraphRun.Input("shop", null, null, null, null, null, null, "manual"));
    return Ending.of(run);
  }

  @Test
  void isSeenThoughTheCommonPoolIsBusy() throws Exception {
    try (BusyCommonPool busy = new BusyCommonPool()) {
      assertThat(ending().get(60, TimeUnit.SECONDS).runId()).isEqualTo("run:shop:1");
    }
  }

  @Test
  void isTheFailureOfARunThatFails() {
    plan =
        request -> {
          throw io.temporal.failure.ApplicationFailure.newNonRetryableFailure(
              "Cannot plan", Failure.CONFIG_INVALID.name());
        };
    assertThatThrownBy(() -> ending().get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(WorkflowFailedException.class);
  }
}
