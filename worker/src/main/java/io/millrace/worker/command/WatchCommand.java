package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Signals;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code watch}: a run that goes on elsewhere, or one asset, until it has ended. */
@CommandLine.Command(
    name = "watch",
    description = "Watch a run or an asset on a Temporal server until it has ended.",
    footer = {"", "Ctrl-C leaves it alone. The exit code is the run's."})
final class WatchCommand extends Command {
  private static final int INTERRUPTED = 130;
  private static final int PARKED = 5;
  private static final long PAUSE_MILLIS = 500;

  @Parameters(
      paramLabel = "ID|ASSET",
      description = "a run (run:…) or an asset, for example shop.orders")
  private String what;

  WatchCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  @SuppressWarnings("try") // held, not used
  int run(Output out) {
    String project = millrace.open().project().name();
    millrace.logging(Logging.Volume.QUIET);
    Runnable leave =
        () -> {
          out.say("\nLeft " + what + " alone");
          env().halt().accept(INTERRUPTED);
        };
    try (Backend backend = millrace.connect("watch what runs");
        Signals.Handle onInt = env().signals().on(Signals.INT, leave)) {
      return what.startsWith("run:")
          ? watchRun(out, backend, project)
          : watchAsset(out, backend, project);
    }
  }

  private int watchRun(Output out, Backend backend, String project) {
    WorkflowStub run = backend.client().newUntypedWorkflowStub(what);
    WorkflowExecutionDescription found;
    try {
      found = run.describe();
    } catch (WorkflowNotFoundException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot watch the run: the server knows none of that id: " + what,
          e);
    }
    Watch watch =
        new Watch(backend, project, run, out, millrace.animated(), env(), millrace.verbose());
    Watch.End end = watch.untilItEnds();
    java.time.Instant ended = found.getCloseTime();
    Duration took =
        Duration.between(found.getStartTime(), ended == null ? java.time.Instant.now() : ended);
    return new RunReport(what, end, took).tell(out);
  }

  private int watchAsset(Output out, Backend backend, String project) {
    String prefix = "mat:" + project + ":";
    String asset = what.startsWith(prefix) ? what.substring(prefix.length()) : what;
    String told = "";
    CountDownLatch never = new CountDownLatch(1);
    try {
      while (true) {
        Live live = Live.of(backend, project, asset);
        if (live.outcome() == null) {
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot watch the asset: it never ran at "
                  + backend.name()
                  + ", or long ago: "
                  + asset
                  + " (`millrace status` shows what runs)");
        }
        boolean parked = live.waiting() != null && live.waiting().phase().equals("parked");
        if (!live.running() || parked) {
          Watch.End end = new Watch.End(List.of(live.outcome()), List.of(), null, null);
          java.time.Instant until = parked ? java.time.Instant.now() : live.ended();
          int code =
              new RunReport(live.run(), end, Duration.between(live.began(), until)).tell(out);
          return parked ? PARKED : code;
        }
        String line = RunReport.line(live.outcome()) + waits(live);
        if (!line.equals(told)) {
          out.say(line);
          told = line;
        }
        never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return INTERRUPTED;
    }
  }

  private static String waits(Live live) {
    return live.wakeAt() == null
        ? ""
        : ", until " + live.wakeAt() + (live.why().isEmpty() ? "" : ": " + live.why());
  }
}
