package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Queues;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import io.millrace.worker.SearchAttributes;
import io.millrace.worker.Signals;
import io.millrace.worker.TemporalLeases;
import io.millrace.worker.WorkerProcess;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code worker}: takes work from a Temporal server until it is told to end. */
@CommandLine.Command(
    name = "worker",
    description = "Work for a Temporal server until SIGTERM or Ctrl-C.",
    footer = {
      "",
      "It then finishes its page and its load and leaves the rest to other workers; a second signal ends it now."
    })
final class WorkerCommand extends Command {
  private static final int TERMINATED = 143;

  @Option(
      names = {"--queues", "--queue"},
      paramLabel = "NAME",
      description = "task queue to take work from (default: " + Queues.DEFAULT + ")")
  private String queue = Queues.DEFAULT;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "steps at the same time (default: " + WorkerProcess.DEFAULT_SLOTS + ")")
  private int slots = WorkerProcess.DEFAULT_SLOTS;

  /** Workers are started together with their server, or on a machine that starts many of them. */
  private static final Duration SERVER_STARTS = Duration.ofSeconds(30);

  WorkerCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    if (slots < 1) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot start the worker: --slots must be at least 1: "
              + slots
              + " (leave it out for the default)");
    }
    Opened opened = millrace.open();
    millrace.logging(Logging.Volume.SERVICE);
    try (Backend backend = millrace.connect("start the worker", SERVER_STARTS)) {
      return work(out, backend, opened, queue, slots);
    }
  }

  /** Until a signal comes. Also the second half of {@code dev}. */
  @SuppressWarnings("try") // held, not used
  int work(Output out, Backend backend, Opened opened, String from, int steps) {
    register(backend);
    CountDownLatch told = new CountDownLatch(1);
    Runnable end =
        () -> {
          if (told.getCount() == 0) {
            env().halt().accept(TERMINATED);
          }
          told.countDown();
        };
    try (Signals.Handle onTerm = env().signals().on(Signals.TERM, end);
        Signals.Handle onInt = env().signals().on(Signals.INT, end);
        Rooms.Engine engine =
            rooms().engine(opened, env().variables(), new TemporalLeases(backend.client(), from))) {
      out.maskWith(engine::mask);
      Logging.maskWith(engine::mask);
      try (WorkerProcess worker =
          new WorkerProcess(backend, from, steps, engine.activities(), engine::drain)) {
        out.say(
            "Worker for %s at %s, namespace %s, queue %s, %s (process %d)"
                .formatted(
                    opened.project().name(),
                    backend.name(),
                    backend.namespace(),
                    from,
                    Format.plural(steps, "slot"),
                    ProcessHandle.current().pid()));
        told.await();
        out.say("Ending: pages and loads that run are finished first");
        worker.stop(WorkerProcess.GRACE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.say("Ended");
    return 0;
  }

  /** A workflow that sets an attribute which the server does not know fails, so they come first. */
  static void register(Backend backend) {
    SearchAttributes.add(backend, SearchAttributes.missing(backend));
  }
}
