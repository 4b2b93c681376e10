package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.run.Materialize;
import io.millrace.worker.Backend;
import io.millrace.worker.Opened;
import io.millrace.worker.RunLock;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowNotFoundException;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * A command that changes what a destination knows: only while nothing of it runs, and only when
 * somebody says yes.
 */
abstract class ChangingCommand extends BooksCommand {
  @Option(
      names = {"-y", "--yes"},
      description = "do it without asking")
  private boolean yes;

  ChangingCommand(Millrace millrace) {
    super(millrace);
  }

  /** Does the work while nobody of this folder runs. */
  static void alone(Opened opened, String what, Runnable work) {
    RunLock lock =
        RunLock.take(
            RunLock.of(opened.folder()),
            "process " + ProcessHandle.current().pid() + ", which changes a state",
            what,
            "wait for it, or stop it");
    try {
      work.run();
    } finally {
      lock.close();
    }
  }

  /** Refuses while an asset runs on the server, when one is named. */
  void refuseRunning(Opened opened, List<AssetKey> assets, String what) {
    if (millrace.address() == null) {
      return;
    }
    try (Backend backend = millrace.connect(what)) {
      for (AssetKey asset : assets) {
        String id = Materialize.id(opened.project().name(), asset.toString(), null);
        try {
          var status = backend.client().newUntypedWorkflowStub(id).describe().getStatus();
          if (status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
            throw new MillraceException(
                Failure.ALREADY_RUNNING,
                "Cannot %s: it is already running: %s (wait for it, or `millrace cancel %s`)"
                    .formatted(what, id, asset));
          }
        } catch (WorkflowNotFoundException e) {
          // it never ran there
        }
      }
    }
  }

  /** Goes on when somebody says yes, here or with {@code --yes}. */
  void confirm(Output out, String what) {
    if (yes) {
      return;
    }
    if (env().terminal() && !out.json()) {
      out.warn(what + " [y/N]");
      String answer = env().answer();
      if (answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes")) {
        return;
      }
    }
    throw new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot go on without a yes: " + what + " (--yes says it; nothing was changed)");
  }
}
