package io.millrace.worker.command;

import io.millrace.project.Project;
import io.millrace.worker.Opened;
import picocli.CommandLine;

/** {@code check}: whether the project's file is right; all problems at once. */
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
    out.document().putArray("problems");
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
