package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Queues;
import io.millrace.worker.Backend;
import io.millrace.worker.DevServer;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.RunLock;
import io.millrace.worker.TemporalBinary;
import io.millrace.worker.WorkerProcess;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code dev}: a real Temporal server with its UI, and a worker beside it. */
@CommandLine.Command(
    name = "dev",
    description = "Start a real Temporal server with its UI, and a worker; until Ctrl-C.")
final class DevCommand extends Command {
  @Option(names = "--port", paramLabel = "PORT", description = "of the server (default: 7233)")
  private int port = 7233;

  @Option(names = "--ui-port", paramLabel = "PORT", description = "of its UI (default: 8233)")
  private int uiPort = 8233;

  @Option(
      names = {"--queues", "--queue"},
      paramLabel = "NAME",
      description = "task queue (default: " + Queues.DEFAULT + ")")
  private String queue = Queues.DEFAULT;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "steps at the same time (default: " + WorkerProcess.DEFAULT_SLOTS + ")")
  private int slots = WorkerProcess.DEFAULT_SLOTS;

  DevCommand(Millrace millrace) {
    super(millrace);
  }

  @SuppressWarnings("try") // held, not used
  @Override
  int run(Output out) {
    Opened opened = millrace.open();
    Path binary =
        TemporalBinary.find(env())
            .orElseThrow(
                () ->
                    new MillraceException(
                        Failure.TEMPORAL_UNREACHABLE,
                        "Cannot start a Temporal server: its program `temporal` is not on this machine ("
                            + TemporalBinary.ADVICE
                            + ")"));
    millrace.logging(Logging.Volume.SERVICE);
    Path folder = opened.folder().resolve(".millrace").resolve("dev");
    // two servers on one database file would both run, and neither would notice
    try (RunLock lock =
            RunLock.take(
                folder.resolve("lock"), "process " + ProcessHandle.current().pid() + ", dev");
        DevServer server =
            DevServer.start(binary, folder, port, uiPort, millrace.namespace(), env().variables());
        Backend backend = Backend.connect(server.address(), millrace.namespace(), Map.of())) {
      out.say("Temporal   " + server.address() + " (process " + server.pid() + ", " + binary + ")");
      out.say(
          "UI         http://127.0.0.1:"
              + uiPort
              + "/namespaces/"
              + backend.namespace()
              + "/workflows");
      out.say(
          "Run        "
              + env().command()
              + " run"
              + millrace.sameProject()
              + " --address "
              + server.address());
      return new WorkerCommand(millrace).work(out, backend, opened, queue, slots);
    }
  }
}
