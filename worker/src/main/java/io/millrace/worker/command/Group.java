package io.millrace.worker.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A command that only holds others. */
final class Group {
  private Group() {}

  /**
   * @param commands in the order of the help: a {@link Command} with annotations, or a command line
   */
  static CommandLine of(String name, String description, List<?> commands) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
    CommandLine line = new CommandLine(spec);
    commands.forEach(line::addSubcommand);
    return line;
  }
}
