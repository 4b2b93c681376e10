package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.run.GraphRun;
import io.millrace.run.Outcome;
import io.millrace.run.Queues;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Ulid;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code wake}, {@code pause}, {@code resume}, {@code retry}, {@code cancel}: what runs, handled.
 */
final class LiveCommand extends Command {
  private static final Set<Outcome.Status> AGAIN =
      Set.of(
          Outcome.Status.FAILED,
          Outcome.Status.SKIPPED,
          Outcome.Status.CANCELLED,
          Outcome.Status.PARKED);

  /** The names are what the user types. */
  enum Deed {
    wake(
        "Ask the source now instead of at the end of the wait.",
        "woken",
        "it does not wait for its source"),
    pause("Fetch nothing more from the next segment on; commit what is there.", "paused", ""),
    resume("Go on after a pause.", "resumed", "it was not paused"),
    retry("Try again what parked or failed.", "retried", "it is running and not parked"),
    cancel("Stop; what commits now is committed.", "cancelled", "");

    private final String description;
    private final String done;
    private final String not;

    Deed(String description, String done, String not) {
      this.description = description;
      this.done = done;
      this.not = not;
    }
  }

  @Parameters(
      paramLabel = "ID|ASSET",
      description = "a run (run:…), or assets as `run` takes them, for example shop.orders")
  private String what;

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "task queue of a run that retry starts (default: " + Queues.DEFAULT + ")")
  private String queue = Queues.DEFAULT;

  private final Deed deed;
  private final List<String> again = new ArrayList<>();

  private LiveCommand(Millrace millrace, Deed deed) {
    super(millrace);
    this.deed = deed;
  }

  static CommandLine of(Millrace millrace, Deed deed) {
    CommandLine line = new CommandLine(new LiveCommand(millrace, deed));
    line.getCommandSpec().name(deed.name()).usageMessage().description(deed.description);
    return line;
  }

  @Override
  int run(Output out) {
    Opened opened = millrace.open();
    millrace.logging(Logging.Volume.QUIET);
    try (Backend backend = millrace.connect(deed.name() + " what runs")) {
      if (deed == Deed.cancel && what.startsWith("run:")) {
        return cancelRun(out, backend);
      }
      ArrayNode array = out.document().putArray("assets");
      int done = 0;
      for (String asset : assets(backend, opened)) {
        String not = act(backend, opened, asset);
        array.addObject().put("asset", asset).put("done", not == null).put("why", not);
        out.print(asset + ": " + (not == null ? deed.done : "not " + deed.done + ", " + not));
        done += not == null ? 1 : 0;
      }
      if (!again.isEmpty()) {
        start(out, backend, opened);
      }
      return done > 0 ? 0 : 1;
    }
  }

  /**
   * The assets that are meant; of a run those that it has not ended, or for a retry those that it
   * has.
   */
  private List<String> assets(Backend backend, Opened opened) {
    Project project = opened.project();
    String prefix = "mat:" + project.name() + ":";
    if (what.startsWith(prefix)) {
      return List.of(what.substring(prefix.length()));
    }
    if (!what.startsWith("run:")) {
      return opened.select(what, null).stream().map(AssetKey::toString).toList();
    }
    return progress(backend).assets().stream()
        .filter(
            o ->
                o.status() == Outcome.Status.RUNNING && !"queued".equals(o.phase())
                    || deed == Deed.retry && AGAIN.contains(o.status()))
        .map(Outcome::asset)
        .collect(Collectors.toList());
  }

  private GraphRun.Result progress(Backend backend) {
    WorkflowStub run = backend.client().newUntypedWorkflowStub(what);
    try {
      boolean open =
          run.describe().getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
      return open
          ? run.query("progress", GraphRun.Result.class)
          : run.getResult(GraphRun.Result.class);
    } catch (WorkflowNotFoundException e) {
      throw noRun(e);
    } catch (WorkflowException e) {
      GraphRun.Result failed = GraphRun.Result.of(e);
      return failed == null ? asked(run, e) : failed;
    }
  }

  /** One that was cancelled leaves nothing, but still knows what became of its assets. */
  private GraphRun.Result asked(WorkflowStub run, WorkflowException ended) {
    try {
      return run.query("progress", GraphRun.Result.class);
    } catch (WorkflowException e) {
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE,
          "Cannot " + deed + " " + what + ": nobody answers for it: " + ended.getMessage(),
          ended);
    }
  }

  private int cancelRun(Output out, Backend backend) {
    try {
      backend.client().newUntypedWorkflowStub(what).cancel();
    } catch (WorkflowNotFoundException e) {
      throw noRun(e);
    }
    out.document().put("run", what);
    out.print(what + ": " + deed.done);
    return 0;
  }

  private MillraceException noRun(WorkflowNotFoundException e) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot " + deed + " the run: it is not running, and the server knows none: " + what,
        e);
  }

  /** Does it; why not, or {@code null} when it is done. */
  private String act(Backend backend, Opened opened, String asset) {
    WorkflowStub work = Live.work(backend, opened.project().name(), asset);
    try {
      return switch (deed) {
        case wake, resume -> work.update(deed.name(), Boolean.class) ? null : deed.not;
        case pause -> {
          work.update("pause", Void.class);
          yield null;
        }
        case retry -> work.update("retry", Boolean.class) ? null : deed.not;
        case cancel -> {
          work.cancel();
          yield null;
        }
      };
    } catch (WorkflowNotFoundException e) {
      return deed == Deed.retry ? again(backend, opened, asset) : "it is not running";
    }
  }

  private String again(Backend backend, Opened opened, String asset) {
    Outcome last = Live.of(backend, opened.project().name(), asset).outcome();
    boolean skipped = last == null && what.startsWith("run:"); // it never began
    if (!skipped && (last == null || !AGAIN.contains(last.status()))) {
      return "it did not fail";
    }
    again.add(asset);
    return null;
  }

  /** What has ended needs a new run. */
  private void start(Output out, Backend backend, Opened opened) {
    String project = opened.project().name();
    String id = "run:" + project + ":" + Ulid.next();
    backend
        .client()
        .newUntypedWorkflowStub(
            "GraphRun",
            WorkflowOptions.newBuilder()
                .setWorkflowId(id)
                .setTaskQueue(queue)
                .setStaticSummary(project + " (again)")
                .build())
        .start(
            new GraphRun.Input(
                project,
                String.join(", ", again),
                null,
                null,
                null,
                null,
                opened.manifest(),
                "retry"));
    out.document().put("run", id);
    out.say("Started " + id + " (`millrace watch " + id + "` shows it)");
  }
}
