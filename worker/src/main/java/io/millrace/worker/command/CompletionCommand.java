package io.millrace.worker.command;

import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code completion}: the script that lets a shell complete our commands and options. */
@CommandLine.Command(
    name = "completion",
    description = "Print the completion script for bash and zsh.",
    footer = {"", "  source <(millrace completion)"})
final class CompletionCommand extends Command {
  CompletionCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    String script = AutoComplete.bash("millrace", millrace.commandLine());
    out.document().put("script", script);
    out.print(script);
    return 0;
  }
}
