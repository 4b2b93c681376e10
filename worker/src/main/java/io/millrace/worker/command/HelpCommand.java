package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.shape.Nearest;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help}: the same as {@code --help} behind a command, for those who ask the other way. */
@CommandLine.Command(name = "help", description = "Show what a command does and its options.")
final class HelpCommand extends Command {
  @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "for example: schedule sync")
  private List<String> path = List.of();

  @Spec private CommandSpec self;

  HelpCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    CommandLine at = self.root().commandLine();
    for (String name : path) {
      CommandLine next = at.getSubcommands().get(name);
      if (next == null) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot show help: no such command: "
                + name
                + Nearest.to(name, Millrace.visibleCommands(at))
                    .map(near -> " (did you mean " + near + "?)")
                    .orElse(" (`millrace --help` lists them)"));
      }
      at = next;
    }
    String usage = at.getUsageMessage(at.getColorScheme()).stripTrailing();
    out.document().put("usage", usage);
    out.print(usage);
    return 0;
  }
}
