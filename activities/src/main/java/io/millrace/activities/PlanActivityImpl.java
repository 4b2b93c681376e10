package io.millrace.activities;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetGraph;
import io.millrace.asset.AssetKey;
import io.millrace.asset.Selection;
import io.millrace.project.Project;
import io.millrace.run.GraphRun;
import io.millrace.run.Plan;
import java.util.ArrayList;
import java.util.List;

/** The first step of a run: which definitions, which assets, in which order. */
final class PlanActivityImpl extends StepActivityImpl implements Plan {
  PlanActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Result plan(Request request) {
    return step("plan", null, progress -> planned(request));
  }

  Result planned(Request request) {
    engine.definitions().mine(request.project());
    Definitions.Deployed deployed = engine.definitions().deployed();
    Project project = deployed.project();
    AssetGraph graph = AssetGraph.of(project.assets());
    List<AssetKey> selected = Selection.resolve(graph, request.select(), request.exclude());
    if (selected.size() > GraphRun.MAX_ASSETS) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot run: too many assets in one run: %d (select at most %d)"
              .formatted(selected.size(), GraphRun.MAX_ASSETS));
    }
    List<Plan.Step> steps = new ArrayList<>();
    for (AssetKey key : selected) {
      List<String> upstream =
          graph.upstream(key).stream().filter(selected::contains).map(AssetKey::toString).toList();
      Project.Located located = Definitions.locate(project, key.toString());
      steps.add(
          new Plan.Step(
              key.toString(),
              upstream,
              located.source().type() + " → " + project.destinationOf(located.resource()).type()));
    }
    List<String> notes = new ArrayList<>();
    if (request.manifest() != null && !request.manifest().equals(deployed.manifest())) {
      notes.add(
          "The project's file here differs from the worker's; the run uses the worker's (deploy the same file to both)");
    }
    return new Result(deployed.manifest(), steps, notes);
  }
}
