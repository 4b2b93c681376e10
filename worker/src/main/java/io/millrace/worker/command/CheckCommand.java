package io.millrace.worker.command;

import io.millrace.project.ConfigProblem;
import io.millrace.project.EnvironmentVariable;
import io.millrace.project.Project;
import io.millrace.worker.Opened;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * {@code check}: whether the project's file is right; all problems at once. Warns of environment
 * variables that it needs and that have no value here.
 */
@CommandLine.Command(name = "check", description = "Find the mistakes in the project's file.")
final class CheckCommand extends Command {
  CheckCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
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
    return 0;
  }
}
