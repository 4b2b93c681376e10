package io.millrace.activities;

import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.run.Checkpoint;
import io.millrace.run.Visits;
import io.millrace.run.Visits.Mark;
import io.millrace.source.Resource;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which lists of parents all children have passed, as the destination knows it. */
final class PassedParents {
  /** The end of a load id: the epoch and the number in it. */
  private static final Pattern MARK = Pattern.compile(".*-(\\d{1,9})-(\\d{1,9})");

  private final Engine engine;
  private final Project project;
  private final Map<String, Mark> passed = new HashMap<>();

  PassedParents(Engine engine, Project project) {
    this.engine = engine;
    this.project = project;
  }

  /** Whether a child of the asset still needs the list of that load. */
  boolean needed(String asset, String loadId) {
    Matcher mark = MARK.matcher(loadId);
    return !mark.matches()
        || new Mark(Integer.parseInt(mark.group(1)), Integer.parseInt(mark.group(2)))
                .compareTo(passed.computeIfAbsent(asset, this::passed))
            > 0;
  }

  /** What all children have behind them, open windows not counted. */
  private Mark passed(String asset) {
    Project.Located parent = project.locate(AssetKey.parse(asset)).orElse(null);
    Mark least = new Mark(Integer.MAX_VALUE, Integer.MAX_VALUE);
    if (parent == null) {
      return least; // nobody will ask
    }
    for (Resource child : Project.children(parent.source(), parent.resource())) {
      Mark one = passed(parent.source().name(), child);
      least = one.compareTo(least) < 0 ? one : least;
    }
    return least;
  }

  private Mark passed(String source, Resource child) {
    try {
      String asset = source + "." + child.name();
      Checkpoint state =
          Checkpoints.inline(
              engine
                  .loader(project, child)
                  .read(project.name(), asset, null, source, null)
                  .checkpoint());
      Visits visits = state.position() == null ? null : Visits.read(state.position().json());
      Mark passed = visits == null ? null : state.done() ? visits.to() : visits.passed();
      return passed == null ? Mark.NONE : passed;
    } catch (MillraceException e) {
      return Mark.NONE; // the destination does not answer now: the next sweep asks again
    }
  }
}
