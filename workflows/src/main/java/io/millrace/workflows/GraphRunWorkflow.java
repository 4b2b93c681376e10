package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.Refresh;
import io.millrace.run.SearchAttributes;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.SignalExternalWorkflowException;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a selection: each asset's {@code Materialize} as soon as its upstream has ended well, so
 * many at the same time. A failing asset stops nobody but those that need it.
 */
public class GraphRunWorkflow implements GraphRun {
  private static final int PARALLEL = 8;
  private static final int MAX_PARALLEL = 500;
  private static final int MAX_NOTES = 50;

  /** A run has one history: so often may its assets rest without their places. */
  private static final int MAX_LENT = 1_000;

  private final Input input;
  private final int maxLent;
  private final String runId = Workflow.getInfo().getWorkflowId();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, AssetRun> running = new LinkedHashMap<>();

  /** Those of the running that rest, so that others may have their places. */
  private final Set<String> resting = new LinkedHashSet<>();

  /** Those of the resting that want a place again, in the order in which they came. */
  private final Set<String> claiming = new LinkedHashSet<>();

  /** The first asset of each source, which drops the source for all of them. */
  private final Map<String, String> leaders = new LinkedHashMap<>();

  private Graph graph = new Graph(List.of());
  private String manifest;
  private boolean stopping;
  private boolean lends;
  private int lent;

  /** Grows with whatever may let an asset start or go on. */
  private int changes;

  @WorkflowInit
  public GraphRunWorkflow(Input input) {
    this(input, MAX_LENT);
  }

  GraphRunWorkflow(Input input, int maxLent) {
    this.input = input;
    this.maxLent = maxLent;
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
    lends = Workflow.getVersion("lend", Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION;
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

  @Override
  public void lend(String asset) {
    if (running.containsKey(asset) && resting.add(asset)) {
      lent++;
      changes++;
      graph.phase(asset, "waiting");
    }
  }

  @Override
  public void claim(String asset) {
    if (!resting.contains(asset)) {
      answer(asset); // it has its place; this history was reset, and does not know of the rest
    } else if (claiming.add(asset)) {
      changes++;
    }
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
      int free = parallel - running.size() + resting.size();
      free -= giveBack(free); // who woke has begun something, and comes before who has not
      List<Plan.Step> ready = graph.ready();
      for (Plan.Step step : ready.subList(0, Math.min(ready.size(), free))) {
        start(step);
      }
      Workflow.setCurrentDetails(Details.of(graph.outcomes()));
      if (running.isEmpty()) {
        if (ready.isEmpty() && !graph.over()) {
          graph.abandonCircle();
        }
        continue;
      }
      int seen = changes;
      boolean asked = stopping || root.isCancelRequested();
      Workflow.await(() -> changes != seen || (!asked && (stopping || root.isCancelRequested())));
    }
    Workflow.setCurrentDetails(Details.of(graph.outcomes()));
  }

  /** Lets so many of those that want to go on; returns how many it let. */
  private int giveBack(int free) {
    List<String> now = claiming.stream().limit(free).toList();
    for (String asset : now) {
      claiming.remove(asset);
      resting.remove(asset);
      graph.phase(asset, "started");
      answer(asset);
    }
    return now.size();
  }

  private void answer(String asset) {
    String id = Materialize.id(input.project(), asset, null);
    Materialize work = Workflow.newExternalWorkflowStub(Materialize.class, id);
    Async.procedure(
        () -> {
          try {
            work.place(lent < maxLent);
          } catch (SignalExternalWorkflowException e) {
            // it ended meanwhile
          }
        });
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
            lends,
            input.renormalize());
    AssetRun run = new AssetRun(materialize, step.summary());
    running.put(asset, run);
    graph.started(asset);
    run.outcome()
        .thenApply(
            outcome -> {
              running.remove(asset);
              resting.remove(asset);
              claiming.remove(asset);
              changes++;
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
