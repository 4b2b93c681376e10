package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.Project;
import io.millrace.project.shape.Nearest;
import io.millrace.run.Queues;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Schedules;
import java.util.List;
import java.util.function.BiConsumer;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code schedule}: the project's schedules on a Temporal server. */
abstract class ScheduleCommand extends Command {
  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "task queue of the runs (default: " + Queues.DEFAULT + ")")
  private String queue = Queues.DEFAULT;

  ScheduleCommand(Millrace millrace) {
    super(millrace);
  }

  /** {@code schedule}, which only holds the others. */
  static CommandLine group(Millrace millrace) {
    return Group.of(
        "schedule",
        "Run selections by the clock, on a Temporal server.",
        List.of(
            new Sync(millrace),
            new Listing(millrace),
            Deed.trigger.command(millrace),
            Deed.pause.command(millrace),
            Deed.resume.command(millrace)));
  }

  abstract int run(Output out, Project project, Schedules schedules);

  @Override
  final int run(Output out) {
    Project project = millrace.open().project();
    millrace.logging(Logging.Volume.QUIET);
    try (Backend backend = millrace.connect("work with schedules")) {
      out.document().put("project", project.name());
      return run(out, project, new Schedules(backend, project, queue));
    }
  }

  /** {@code schedule sync}. */
  @CommandLine.Command(
      name = "sync",
      description = "Make the server's schedules those of the project's file.")
  static final class Sync extends ScheduleCommand {
    Sync(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Project project, Schedules schedules) {
      ArrayNode array = out.document().putArray("schedules");
      List<Schedules.Change> changes = schedules.sync();
      for (Schedules.Change change : changes) {
        array.addObject().put("schedule", change.name()).put("change", change.what());
        out.print("%-10s %s".formatted(change.what(), change.name()));
      }
      if (changes.isEmpty()) {
        out.say("The project has no schedules, and the server has none of it");
      }
      return 0;
    }
  }

  /** {@code schedule list}. */
  @CommandLine.Command(
      name = "list",
      description = "List the project's schedules and when they run next.")
  static final class Listing extends ScheduleCommand {
    Listing(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Project project, Schedules schedules) {
      ArrayNode array = out.document().putArray("schedules");
      List<Schedules.Line> lines = schedules.list();
      for (Schedules.Line line : lines) {
        ObjectNode node = array.addObject();
        node.put("schedule", line.name())
            .put("state", line.state())
            .put("cron", line.cron())
            .put("timezone", line.timezone())
            .put("next", line.next() == null ? null : line.next().toString())
            .put("missed", line.missed())
            .put("skipped", line.skipped());
      }
      out.print(
          Format.table(
              List.of("schedule", "state", "cron", "timezone", "next", "missed", "skipped"),
              lines.stream()
                  .map(
                      l ->
                          List.of(
                              l.name(),
                              l.state(),
                              l.cron(),
                              l.timezone(),
                              l.next() == null ? "" : l.next().toString(),
                              Format.count(l.missed()),
                              Format.count(l.skipped())))
                  .toList(),
              List.of("missed", "skipped")));
      return 0;
    }
  }

  /** What can be done to one schedule; the names are what the user types. */
  private enum Deed {
    trigger("Triggered", "Run a schedule's selection now.", Schedules::trigger),
    pause("Paused", "Let a schedule rest.", Schedules::pause),
    resume("Resumed", "Wake a schedule that rests.", Schedules::resume);

    private final String done;
    private final String description;
    private final BiConsumer<Schedules, String> action;

    Deed(String done, String description, BiConsumer<Schedules, String> action) {
      this.done = done;
      this.description = description;
      this.action = action;
    }

    CommandLine command(Millrace millrace) {
      CommandLine line = new CommandLine(new One(millrace, this));
      line.getCommandSpec().name(name()).usageMessage().description(description);
      return line;
    }
  }

  /** {@code schedule trigger|pause|resume}: a deed done to one schedule. */
  private static final class One extends ScheduleCommand {
    @Parameters(paramLabel = "NAME", description = "the schedule")
    private String name;

    private final Deed deed;

    One(Millrace millrace, Deed deed) {
      super(millrace);
      this.deed = deed;
    }

    @Override
    int run(Output out, Project project, Schedules schedules) {
      if (!project.schedules().containsKey(name)) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot find the schedule: the project has none of that name: "
                + name
                + Nearest.to(name, project.schedules().keySet())
                    .map(near -> " (did you mean " + near + "?)")
                    .orElse(" (`millrace schedule list` shows them)"));
      }
      out.document().put("schedule", name);
      deed.action.accept(schedules, name);
      out.print(deed.done + " " + name);
      return 0;
    }
  }
}
