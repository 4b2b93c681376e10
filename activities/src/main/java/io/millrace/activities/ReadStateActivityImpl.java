package io.millrace.activities;

import io.millrace.activities.destination.Loader;
import io.millrace.project.Project;
import io.millrace.run.Checkpoint;
import io.millrace.run.ReadState;

/** Asks the destination where an asset stands. */
final class ReadStateActivityImpl extends StepActivityImpl implements ReadState {
  ReadStateActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Result readState(Request request) {
    return step(request.asset(), null, progress -> read(request));
  }

  Result read(Request request) {
    Project project = engine.definitions().project(request.project(), request.manifest());
    Project.Located located = Definitions.locate(project, request.asset());
    Loader.Stored stored =
        engine
            .loader(project, located.resource())
            .read(
                project.name(),
                request.asset(),
                request.partition(),
                located.source().name(),
                request.refresh());
    boolean wholeRun = Engine.wholeRun(located.resource());
    Checkpoint committed = Checkpoints.inline(Spill.in(stored.checkpoint(), stored.keys()));
    Checkpoint from = request.restart() ? committed.forgetting() : committed;
    return new Result(
        stored.epoch(),
        stored.seq(),
        Checkpoints.carry(committed, engine.staging()),
        Checkpoints.carry(
            Checkpoints.opened(from, located.resource(), wholeRun || request.restart()),
            engine.staging()),
        engine.staging().document(SchemaFile.bytes(stored.schema())),
        wholeRun);
  }
}
