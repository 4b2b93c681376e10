package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.util.List;
import picocli.CommandLine.Option;

/** A command that looks into a destination and changes nothing. */
abstract class ReadCommand extends Command {
  @Option(
      names = "--destination",
      paramLabel = "NAME",
      description = "a named destination (default: the project's)")
  private String destination = "default";

  ReadCommand(Millrace millrace) {
    super(millrace);
  }

  abstract int read(Output out, Rooms.Engine engine, Loader loader);

  @Override
  final int run(Output out) {
    Opened opened = millrace.open();
    Project project = opened.project();
    Destination chosen =
        project.destinations().stream()
            .filter(d -> d.name().equals(destination))
            .findFirst()
            .orElseThrow(
                () -> {
                  List<String> names =
                      project.destinations().stream().map(Destination::name).toList();
                  return new MillraceException(
                      Failure.CONFIG_INVALID,
                      "Cannot read the destination: the project has none of that name: "
                          + destination
                          + " (there is: "
                          + String.join(", ", names)
                          + ")");
                });
    millrace.logging(Logging.Volume.QUIET);
    try (Rooms.Engine engine = rooms().engine(opened, env().variables())) {
      out.maskWith(engine::mask);
      Logging.maskWith(engine::mask);
      return read(out, engine, engine.loader(chosen));
    }
  }
}
