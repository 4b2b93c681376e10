package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.Refresh;
import io.millrace.run.SearchAttributes;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a selection: each asset's {@code Materialize} as soon as its upstream has ended well, so
 * many at the same time. A failing asset stops nobody but those that need it.
 */
public class GraphRunWorkflow implements GraphRun {
  private static final int PARALLEL = 8;
  private static final int MAX_PARALLEL = 500;
  private static final int MAX_NOTES = 50;

  private final Input input;
  private final String runId = Workflow.getInfo().getWorkflowId();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, AssetRun> running = new LinkedHashMap<>();

  /** The first asset of each source, which drops the source for all of them. */
  private final Map<String, String> leaders = new LinkedHashMap<>();

  private Graph graph = new Graph(List.of());
  private String manifest;
  private boolean stopping;

  @WorkflowInit
  public GraphRunWorkflow(Input input) {
    this.input = input;
  }

  @Override
  public Result run(Input given) {
    if (given == null || given.project() == null || given.project().isBlank()) {
      throw Problems.of(
          Failure.CONFIG_INVALID, "Cannot run: the input names no project (give {\"project\": …})");
    }
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.PROJECT.valueSet(input.project()),
        SearchAttributes.RUN.valueSet(runId),
        SearchAttributes.TRIGGER.valueSet(input.trigger() == null ? "manual" : input.trigger()),
        SearchAttributes.PHASE.valueSet("running"));
    plan();
    CancellationScope root = CancellationScope.current();
    // Detached: after a cancellation it still waits for what commits now.
    Workflow.newDetachedCancellationScope(() -> runAll(root)).run();
    String end = stopping || root.isCancelRequested() ? "cancelled" : null;
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.PHASE.valueSet(
            end != null ? end : graph.allWell() ? "succeeded" : "failed"));
    Workflow.await(Workflow::isEveryHandlerFinished);
    if (end == null && !graph.allWell()) {
      throw Problems.of(progress());
    }
    return progress();
  }

  @Override
  public Result progress() {
    return Results.bounded(new Result(runId, manifest, graph.outcomes(), List.copyOf(notes)));
  }

  @Override
  public void stop() {
    stopping = true;
    running.values().forEach(AssetRun::stop);
  }

  private void plan() {
    Plan.Request request =
        new Plan.Request(input.project(), input.select(), input.exclude(), input.manifest());
    Plan.Result plan;
    try {
      plan = Activities.plan(request).get();
    } catch (TemporalFailure e) {
      if (CancellationScope.current().isCancelRequested()) {
        throw e;
      }
      Outcome.Problem problem = Outcome.Problem.of(e);
      throw Problems.of(Failure.valueOf(problem.code()), problem.message());
    }
    if (plan.assets().size() > MAX_ASSETS) {
      throw Problems.of(
          Failure.POLICY_REFUSED,
          "Cannot run: too many assets in one run: "
              + plan.assets().size()
              + " (select at most "
              + MAX_ASSETS
              + ")");
    }
    manifest = plan.manifest();
    if (plan.notes() != null) {
      plan.notes().forEach(this::note);
    }
    graph = new Graph(plan.assets());
    for (Plan.Step step : plan.assets()) {
      String leader = leaders.computeIfAbsent(Graph.source(step.asset()), s -> step.asset());
      if (input.refresh() == Refresh.DROP_SOURCES && !leader.equals(step.asset())) {
        graph.order(leader, step.asset());
      }
    }
  }

  private void runAll(CancellationScope root) {
    root.getCancellationRequest()
        .thenApply(
            reason -> {
              running.values().forEach(AssetRun::cancel);
              return reason;
            });
    int wished = input.parallel() == null ? PARALLEL : input.parallel();
    int parallel = Math.max(1, Math.min(MAX_PARALLEL, wished));
    while (!graph.over()) {
      if (stopping || root.isCancelRequested()) {
        graph.abandon(
            Outcome.Status.CANCELLED,
            Outcome.Problem.of(Failure.CANCELLED, "The run was stopped before it began"));
      }
      List<Plan.Step> ready = graph.ready();
      for (Plan.Step step : ready.subList(0, Math.min(ready.size(), parallel - running.size()))) {
        start(step);
      }
      Workflow.setCurrentDetails(Details.of(graph.outcomes()));
      int now = running.size();
      if (now == 0) {
        if (ready.isEmpty() && !graph.over()) {
          graph.abandonCircle();
        }
        continue;
      }
      boolean asked = stopping || root.isCancelRequested();
      Workflow.await(
          () -> running.size() < now || (!asked && (stopping || root.isCancelRequested())));
    }
    Workflow.setCurrentDetails(Details.of(graph.outcomes()));
  }

  private void start(Plan.Step step) {
    String asset = step.asset();
    Materialize.Input materialize =
        new Materialize.Input(
            input.project(),
            asset,
            null,
            manifest,
            runId,
            refresh(asset),
            input.limit(),
            input.trigger(),
            null,
            input.renormalize());
    AssetRun run = new AssetRun(materialize, step.summary());
    running.put(asset, run);
    graph.started(asset);
    run.outcome()
        .thenApply(
            outcome -> {
              running.remove(asset);
              graph.ended(asset, outcome);
              if (run.attached()) {
                note(asset + " was running already: this run waited for that one");
              }
              return outcome;
            });
  }

  /**
   * {@code drop_sources} is for a source, not for each of its assets: the second would drop what
   * the first has just loaded. So the first asset drops the source, and the others, which wait for
   * it, drop what is theirs: nothing, unless the first one failed before it loaded.
   */
  private Refresh refresh(String asset) {
    boolean follows =
        input.refresh() == Refresh.DROP_SOURCES && !leaders.get(Graph.source(asset)).equals(asset);
    return follows ? Refresh.DROP_RESOURCES : input.refresh();
  }

  private void note(String text) {
    if (notes.size() < MAX_NOTES) {
      notes.add(Details.cut(text, 500));
    }
  }
}
