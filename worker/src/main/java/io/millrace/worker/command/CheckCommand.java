package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.project.ConfigProblem;
import io.millrace.project.EnvironmentVariable;
import io.millrace.project.Project;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code check}: whether the project's file is right; all problems at once. Warns of environment
 * variables that it needs and that have no value here. With {@code --live}, whether the outside is
 * as the file says, too.
 */
@CommandLine.Command(
    name = "check",
    description = "Find the mistakes in the project's file; with --live, try what it names.")
final class CheckCommand extends Command {
  @Parameters(
      arity = "0..*",
      paramLabel = "SELECTION",
      description = "assets that --live looks at (default: all)")
  private List<String> selection = List.of();

  @Option(
      names = "--live",
      description = "ask each endpoint once, look at each folder, try to write; loads nothing")
  private boolean live;

  @Option(names = "--exclude", paramLabel = "SELECTION", description = "assets to leave out")
  private String exclude;

  CheckCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    boolean selects = !selection.isEmpty() || exclude != null;
    if (selects && !live) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot check a part of the project: the file is checked as a whole: "
              + (selection.isEmpty() ? "--exclude" : String.join(" ", selection))
              + " (add --live to ask the selected assets' sources)");
    }
    Opened opened = millrace.open(out);
    Project project = opened.project();
    int assets = opened.graph().assets().size();
    out.document()
        .put("file", opened.file().toString())
        .put("project", project.name())
        .put("assets", assets);
    out.list("problems", List.of());
    // the workers may have what this machine does not: so it is no mistake of the file
    List<ConfigProblem> unset =
        opened.environment().stream()
            .filter(variable -> env().variable(variable.name()) == null)
            .map(EnvironmentVariable::unset)
            .toList();
    unset.forEach(warning -> out.say(warning.render()));
    out.list("warnings", Stream.concat(opened.warnings().stream(), unset.stream()).toList());
    out.print(
        "%s is in order: project %s, %s from %s, %s"
            .formatted(
                opened.file().getFileName(),
                project.name(),
                Format.plural(assets, "asset"),
                Format.plural(project.sources().size(), "source"),
                Format.plural(project.schedules().size(), "schedule")));
    return live ? live(out, opened) : 0;
  }

  private int live(Output out, Opened opened) {
    List<AssetKey> assets = opened.select(Wanted.of(selection), exclude);
    millrace.logging(Logging.Volume.QUIET);
    try (Rooms.Engine engine = rooms().engine(opened, env().variables())) {
      out.maskWith(engine::mask);
      Logging.maskWith(engine::mask);
      return new LiveCheck(out, engine, opened.project()).run(assets);
    }
  }
}
