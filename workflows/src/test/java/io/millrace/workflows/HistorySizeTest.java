package io.millrace.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.run.Outcome;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkflowExecutionHistory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a long run leaves in Temporal: history is kept for ever, so it must stay small. */
@Timeout(300)
class HistorySizeTest {
  private static final int SEGMENTS = 300;
  private static final int MAX_EVENT_BYTES = 16 * 1024;

  @Test
  void threeHundredSegmentsStaySmall() {
    FakeWorld world = new FakeWorld().asset("shop.orders", SEGMENTS);
    try (TestBed bed = new TestBed(world)) {
      WorkflowStub run = bed.start(TestBed.input("shop.orders"));
      WorkflowExecution first = run.getExecution();

      Outcome outcome = run.getResult(Outcome.class);

      assertThat(outcome.segments()).isEqualTo(SEGMENTS);
      assertThat(world.stored("shop.orders").rows).isEqualTo(FakeWorld.numbers(SEGMENTS));
      List<WorkflowExecutionHistory> executions = executions(bed, first);
      int events = 0;
      for (WorkflowExecutionHistory execution : executions) {
        events += execution.getEvents().size();
        assertThat(execution.getEvents())
            .as("the server suggests an end at 4,096 events or 4 MiB")
            .hasSizeLessThan(4_500);
        assertThat(execution.getHistory().getSerializedSize()).isLessThan(4 << 20);
        assertThat(execution.getEvents())
            .as("an event is never larger than its payloads")
            .allMatch(e -> e.getSerializedSize() < MAX_EVENT_BYTES);
      }
      // Three activities of three events, and at most one workflow task of three for each of them.
      assertThat(events / SEGMENTS).isBetween(12, 18);
    }
  }

  private static List<WorkflowExecutionHistory> executions(TestBed bed, WorkflowExecution first) {
    List<WorkflowExecutionHistory> out = new ArrayList<>();
    String runId = first.getRunId();
    while (!runId.isEmpty()) {
      WorkflowExecutionHistory history = bed.history(first.getWorkflowId(), runId);
      out.add(history);
      HistoryEvent last = history.getLastEvent();
      runId = last.getWorkflowExecutionContinuedAsNewEventAttributes().getNewExecutionRunId();
    }
    return out;
  }
}
