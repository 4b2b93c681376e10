package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.destination.SmallDisk;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk of the staging folder is full: the run says so, and goes on when there is room. */
@Timeout(300)
class StagingFullTest {
  private static final int RECORDS = 20_000;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void goesOnInTheSameRunWhenThereIsRoomAgain(String engine) throws Exception {
    Path log = dir.resolve("worker.log");
    try (SmallDisk disk = SmallDisk.at(dir.resolve("disk"), 16);
        RealTemporal temporal = RealTemporal.start(dir);
        RecordsApi api = RecordsApi.start(500);
        Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
      api.publish(RECORDS, 1);
      String staging = "staging: {dir: \"" + disk.folder().resolve("staged") + "\"}";
      RecordsProject project =
          RecordsProject.write(dir.resolve("project"), engine, "append", api.url(), 4, staging);
      disk.fill(150_000);
      try (ChildWorker worker =
          ChildWorker.start(project.folder(), temporal.address(), log, Map.of())) {
        var run = RecordsProject.start(backend, "run:crash:1");
        String failure = awaitFailure(backend);
        assertThat(failure)
            .as("log of the worker: %s", log)
            .contains("No space left on device", disk.folder().toString(), "free some space there")
            .containsPattern("needs [1-9][0-9]* bytes, [0-9]+ are free");
        disk.free();
        RecordsProject.end(run);
        assertThat(worker.alive()).as("the same worker went on").isTrue();
      }
      RecordsLanded.assertOnce(project, RECORDS, 1);
    }
  }

  /** What the asset's workflow is told of the step that it tries again. */
  private static String awaitFailure(Backend backend) throws InterruptedException {
    DescribeWorkflowExecutionRequest.Builder request =
        DescribeWorkflowExecutionRequest.newBuilder().setNamespace(backend.namespace());
    request.getExecutionBuilder().setWorkflowId("mat:crash:api.records");
    for (int i = 0; i < 600; i++) {
      for (PendingActivityInfo pending : pending(backend, request)) {
        if (pending.hasLastFailure()) {
          return pending.getLastFailure().getMessage();
        }
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return "nothing failed";
  }

  private static List<PendingActivityInfo> pending(
      Backend backend, DescribeWorkflowExecutionRequest.Builder request) {
    try {
      return backend
          .client()
          .getWorkflowServiceStubs()
          .blockingStub()
          .describeWorkflowExecution(request.build())
          .getPendingActivitiesList();
    } catch (io.grpc.StatusRuntimeException e) {
      return List.of(); // it has not begun yet
    }
  }
}
