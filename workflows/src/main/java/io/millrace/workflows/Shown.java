package io.millrace.workflows;

import io.millrace.run.Materialize.Input;
import io.millrace.run.Materialize.Waiting;
import io.millrace.run.Outcome;
import io.millrace.run.SearchAttributes;
import io.temporal.common.SearchAttributeUpdate;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.time.ZoneOffset;

/** What people see of an asset in the Temporal UI: details, and what they filter by. */
final class Shown {
  private Shown() {}

  /** At the beginning; {@code first} of a chain of executions. */
  static void begins(Input input, boolean first, Outcome progress) {
    var known = Workflow.getTypedSearchAttributes();
    if (first && known.get(SearchAttributes.ASSET) == null) {
      var own = AssetRun.attributes(input);
      Workflow.upsertTypedSearchAttributes(
          SearchAttributes.PROJECT.valueSet(own.get(SearchAttributes.PROJECT)),
          SearchAttributes.ASSET.valueSet(own.get(SearchAttributes.ASSET)),
          SearchAttributes.RUN.valueSet(own.get(SearchAttributes.RUN)),
          SearchAttributes.TRIGGER.valueSet(own.get(SearchAttributes.TRIGGER)),
          SearchAttributes.PHASE.valueSet("fetch"));
    } else if (first) {
      Workflow.upsertTypedSearchAttributes(SearchAttributes.PHASE.valueSet("fetch"));
    }
    details(progress, null);
  }

  /** Costs no history. */
  static void details(Outcome progress, Waiting waiting) {
    Workflow.setCurrentDetails(Details.of(progress, waiting));
  }

  /**
   * @param waiting {@code null} when it works again
   */
  static void rests(Outcome progress, Waiting waiting) {
    details(progress, waiting);
    boolean timed = waiting != null && waiting.wakeAt() > 0;
    attributes(
        waiting == null ? "fetch" : waiting.phase(),
        progress,
        timed
            ? SearchAttributes.WAKE_AT.valueSet(
                Instant.ofEpochMilli(waiting.wakeAt()).atOffset(ZoneOffset.UTC))
            : SearchAttributes.WAKE_AT.valueUnset(),
        waiting != null && waiting.phase().equals("parked"));
  }

  static void ended(Outcome ended) {
    details(ended, null);
    attributes(ended.status().key(), ended, SearchAttributes.WAKE_AT.valueUnset(), false);
  }

  private static void attributes(
      String phase, Outcome progress, SearchAttributeUpdate<?> wakeAt, boolean attention) {
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.PHASE.valueSet(phase),
        SearchAttributes.ROWS.valueSet(
            progress.rows().values().stream().mapToLong(Long::longValue).sum()),
        SearchAttributes.REQUESTS.valueSet(progress.requests()),
        wakeAt,
        SearchAttributes.NEEDS_ATTENTION.valueSet(attention));
  }
}
