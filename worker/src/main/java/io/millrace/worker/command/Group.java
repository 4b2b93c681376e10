package io.millrace.worker.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A command that only holds others. */
final class Group {
  private Group() {}

  static CommandLine of(String name, String description, List<? extends Command> commands) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
    CommandLine line = new CommandLine(spec);
    commands.forEach(line::addSubcommand);
    return line;
  }
}
