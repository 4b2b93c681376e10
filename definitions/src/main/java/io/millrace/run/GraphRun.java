package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/**
 * One execution over a selection of assets. Workflow type {@code GraphRun}, id {@code
 * run:{project}:{ulid}}.
 */
@WorkflowInterface
public interface GraphRun {
  @WorkflowMethod(name = "GraphRun")
  Result run(Input input);

  /** What happened so far; the same shape as the result. */
  @QueryMethod
  Result progress();

  /**
   * Every field but {@code project} may be absent, so that the Temporal CLI can start it by hand.
   *
   * @param select selection; {@code null} for all selected resources
   * @param exclude selection that is taken away; {@code null} for nothing
   * @param refresh {@code null} for none
   * @param limit pages per asset; {@code null} for no limit
   * @param parallel assets at the same time; {@code null} for 8
   * @param manifest the definitions as the client sees them; a worker whose file differs says so in
   *     {@link Result#notes()}
   * @param trigger {@code manual} or {@code schedule}; {@code null} for manual
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Input(
      String project,
      String select,
      String exclude,
      Refresh refresh,
      Integer limit,
      Integer parallel,
      String manifest,
      String trigger) {}

  /**
   * @param runId id of the workflow
   * @param notes sentences for a person
   */
  record Result(String runId, String manifest, List<Outcome> assets, List<String> notes) {}
}
