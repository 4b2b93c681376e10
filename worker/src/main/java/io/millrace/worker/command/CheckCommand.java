package io.millrace.worker.command;

import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** {@code check}: whether the project's file is right; all problems at once. */
@CommandLine.Command(name = "check", description = "Find the mistakes in the project's file.")
final class CheckCommand extends Command {
  CheckCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Path file = millrace.file();
    out.document().put("file", file.toString()).putArray("problems");
    Project project = rooms().read(file, env().variables());
    List<AssetKey> assets = rooms().select(project, null, null);
    out.document().put("project", project.name()).put("assets", assets.size());
    out.print(
        "%s is in order: project %s, %s from %s, %s"
            .formatted(
                file.getFileName(),
                project.name(),
                Format.plural(assets.size(), "asset"),
                Format.plural(project.sources().size(), "source"),
                Format.plural(project.schedules().size(), "schedule")));
    return 0;
  }
}
