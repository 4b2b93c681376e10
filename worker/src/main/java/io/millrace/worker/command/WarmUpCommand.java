package io.millrace.worker.command;

import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.temporal.client.WorkflowOptions;
import picocli.CommandLine;

/**
 * {@code warm-up}, not shown in the help: loads the classes that the other commands begin with, so
 * that the launcher can archive them. Reads and writes nothing.
 */
@CommandLine.Command(
    name = "warm-up",
    hidden = true,
    description = "Load classes for the launcher's archive.")
final class WarmUpCommand extends Command {
  WarmUpCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    millrace.logging(Logging.Volume.QUIET);
    out.print(millrace.commandLine().getUsageMessage());
    try (Backend backend = Backend.embedded()) {
      backend
          .client()
          .newUntypedWorkflowStub(
              "WarmUp",
              WorkflowOptions.newBuilder().setTaskQueue("warm-up").setWorkflowId("warm-up").build())
          .start();
    }
    return 0;
  }
}
