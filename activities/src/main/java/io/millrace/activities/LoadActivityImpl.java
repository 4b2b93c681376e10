package io.millrace.activities;

import io.millrace.activities.destination.Fence;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import io.millrace.run.Checkpoint;
import io.millrace.run.Load;
import io.millrace.run.Outcome;
import io.millrace.run.Segment;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Commits a load package. The destination recognizes a load that it has, so a second attempt
 * returns the receipt of the first.
 */
final class LoadActivityImpl extends StepActivityImpl implements Load {
  /** Of the names of tables, and of what changed in the schema, in a receipt. */
  private static final int MOST_CHARACTERS = 20_000;

  LoadActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Receipt load(Request request) {
    Segment segment = request.segment();
    return step(segment.asset(), segment.loadId(), progress -> load(request, segment, progress));
  }

  Receipt load(Request request, Segment segment, Progress progress) throws IOException {
    Staging staging = engine.staging();
    Project project = engine.definitions().project(segment.project(), segment.manifest());
    Project.Located located = Definitions.locate(project, segment.asset());
    Spill after = Spill.out(Checkpoints.expand(request.after(), staging));
    Loader.Order order =
        new Loader.Order(
            segment,
            located.source().name(),
            located.resource().hints().disposition(),
            Spill.out(Checkpoints.expand(request.before(), staging)).checkpoint(),
            after.checkpoint(),
            request.finish(),
            request.unchanged(),
            request.refresh(),
            request.restart(),
            project.schema().compat(),
            request.requests(),
            request.bytes(),
            after.keys(),
            request.renormalized());
    Loader.Committed committed;
    try (LoadPackage load =
        PackageFile.open(staging.open(request.load()).file(NormalizeActivityImpl.PACKAGE).path())) {
      committed = engine.loader(project, located.resource()).load(order, load, progress);
    }
    staging.loaded(segment.asset(), segment.loadId(), Instant.now());
    engine.sweepSometimes(project);
    return new Receipt(
        segment.loadId(),
        bounded(committed.rows()),
        few(committed.schemaChanges(), Outcome.MAX_NAMES),
        committed.rejected(),
        committedCheckpoint(request, after, committed),
        committed.replayed(),
        committed.removed() == null ? null : bounded(committed.removed()),
        committed.notes());
  }

  /** What was committed is what was asked for, unless it was committed before as something else. */
  private Checkpoint committedCheckpoint(Request request, Spill after, Loader.Committed committed) {
    return Fence.same(committed.after(), after.checkpoint())
        ? request.after()
        : Checkpoints.carry(
            Checkpoints.inline(Spill.in(committed.after(), after.keys())), engine.staging());
  }

  /** Names the tables with the first names and adds up the others, because a receipt travels. */
  private static Map<String, Long> bounded(Map<String, Long> rows) {
    List<String> named = few(rows.keySet(), Outcome.MAX_NAMES - 1);
    Map<String, Long> few = new LinkedHashMap<>();
    rows.forEach(
        (table, count) ->
            few.merge(named.contains(table) ? table : Outcome.OTHERS, count, Long::sum));
    return few;
  }

  /** The first texts, and no more characters than may travel. */
  private static List<String> few(Collection<String> all, int most) {
    List<String> few = new ArrayList<>();
    int left = MOST_CHARACTERS;
    for (String one : all) {
      if (few.size() < most && one.length() <= left) {
        left -= one.length();
        few.add(one);
      }
    }
    return few;
  }
}
