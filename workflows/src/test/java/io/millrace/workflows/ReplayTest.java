package io.millrace.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.run.Wire;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs that began with an older version go on with this one. Red means: guard the change with
 * {@code Workflow.getVersion}; do not record the history again ({@link RecordHistories} says when
 * to).
 */
class ReplayTest {
  @ParameterizedTest
  @MethodSource("names")
  void replays(String name) throws Exception {
    replay(name, history(name));
  }

  /** Whatever was ever recorded. */
  static List<String> names() throws Exception {
    Path dir = Path.of(ReplayTest.class.getResource("/histories").toURI());
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString().replace(".json", "")).sorted().toList();
    }
  }

  @Test
  void everyKindOfRunIsRecorded() throws Exception {
    assertThat(names()).as("see RecordHistories").containsAll(Histories.all().keySet());
  }

  @Test
  void wouldNoticeAChange() throws IOException {
    String other = history("materialize").replace("\"name\": \"normalize\"", "\"name\": \"sort\"");
    assertThat(other).isNotEqualTo(history("materialize"));
    assertThatThrownBy(() -> replay("materialize", other)).isInstanceOf(Exception.class);
  }

  private static void replay(String name, String json) throws Exception {
    TestWorkflowEnvironment environment =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder().setDataConverter(Wire.converter()).build())
                .build());
    try {
      Worker worker = environment.newWorker("replay");
      worker.registerWorkflowImplementationTypes(WorkflowTypes.all());
      WorkflowReplayer.replayWorkflowExecution(
          WorkflowExecutionHistory.fromJson(json, Histories.id(name)), worker);
    } finally {
      environment.close();
    }
  }

  private static String history(String name) throws IOException {
    try (InputStream in = ReplayTest.class.getResourceAsStream("/histories/" + name + ".json")) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
