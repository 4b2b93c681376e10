package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Queues;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import io.millrace.worker.RunLock;
import io.millrace.worker.Signals;
import io.millrace.worker.Ulid;
import io.millrace.worker.WorkerProcess;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Option;

/** A command that starts a run, here or on a Temporal server, and watches it until it has ended. */
abstract class StartingCommand extends Command {
  private static final int INTERRUPTED = 130;

  private static final int TERMINATED = 143;

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "task queue of the workers (default: millrace)")
  private String queue = Queues.DEFAULT;

  StartingCommand(Millrace millrace) {
    super(millrace);
  }

  /** What is to be run. */
  abstract GraphRun.Input input(Opened opened);

  /** Whether a run that goes on already will do. */
  abstract boolean joins();

  /** What to do besides waiting when it will not; {@code null} for nothing. */
  abstract String insteadOfWaiting();

  @Override
  final int run(Output out) {
    Opened opened = millrace.open(out);
    Project project = opened.project();
    GraphRun.Input input = input(opened);
    List<AssetKey> assets = opened.select(input.select(), input.exclude());
    if (assets.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot run: the selection holds no asset: "
              + (input.select() == null ? "all" : input.select())
              + (input.exclude() == null ? "" : " without " + input.exclude())
              + " (`millrace assets` lists them)");
    }
    millrace.logging(Logging.Volume.QUIET);
    String id = "run:" + project.name() + ":" + Ulid.next();
    return millrace.address() == null
        ? runHere(out, opened, assets, id, input)
        : runThere(out, opened, assets, id, input);
  }

  /** Server, worker and client in this process. */
  @SuppressWarnings("try") // held, not used
  private int runHere(
      Output out, Opened opened, List<AssetKey> assets, String id, GraphRun.Input input) {
    LastRun before = LastRun.read(opened.folder());
    AtomicBoolean interrupted = new AtomicBoolean();
    Signals.Handle waitingForLock = env().signals().on(Signals.INT, () -> interrupted.set(true));
    try (RunLock lock = lock(out, opened.folder(), id, interrupted)) {
      waitingForLock.close();
      LastRun meanwhile = LastRun.read(opened.folder());
      boolean waited = joins() && !meanwhile.equals(before);
      if (waited && meanwhile.did(input, assets)) {
        out.say("Joined " + meanwhile.id() + ", which did the same");
        return meanwhile.report(assets).tell(out);
      }
      try (Rooms.Engine engine = rooms().engine(opened, env().variables())) {
        out.maskWith(engine::mask);
        Logging.maskWith(engine::mask);
        try (Backend backend = Backend.embedded();
            WorkerProcess worker =
                new WorkerProcess(
                    backend,
                    queue,
                    WorkerProcess.DEFAULT_SLOTS,
                    engine.activities(),
                    engine::drain)) {
          return follow(out, backend, opened, id, input, engine);
        }
      }
    } finally {
      waitingForLock.close();
    }
  }

  private RunLock lock(Output out, Path folder, String id, AtomicBoolean interrupted) {
    String holder = "process " + ProcessHandle.current().pid() + ", " + id;
    return joins()
        ? RunLock.await(RunLock.of(folder), holder, out::say, interrupted::get)
        : RunLock.take(RunLock.of(folder), holder);
  }

  /** Only the client here; the workers are elsewhere. */
  private int runThere(
      Output out, Opened opened, List<AssetKey> assets, String id, GraphRun.Input input) {
    try (Backend backend = millrace.connect("run")) {
      if (!joins()) {
        assets.forEach(asset -> refuseWhenRunning(backend.client(), opened.project(), asset));
      }
      return follow(out, backend, opened, id, input, null);
    }
  }

  private void refuseWhenRunning(WorkflowClient client, Project project, AssetKey asset) {
    String instead = insteadOfWaiting();
    String id = Materialize.id(project.name(), asset.toString(), null);
    try {
      var status = client.newUntypedWorkflowStub(id).describe().getStatus();
      if (status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
        throw new MillraceException(
            Failure.ALREADY_RUNNING,
            "Cannot run the project: "
                + asset
                + " is already running: "
                + id
                + (instead == null ? " (wait for it)" : " (wait for it, or " + instead + ")"));
      }
    } catch (WorkflowNotFoundException e) {
      // never ran, or long ago
    }
  }

  /**
   * Starts the run and watches it.
   *
   * @param engine that works here, and ends with us; {@code null} when the run goes on without us
   */
  @SuppressWarnings("try") // held, not used
  private int follow(
      Output out,
      Backend backend,
      Opened opened,
      String id,
      GraphRun.Input input,
      Rooms.Engine engine) {
    Project project = opened.project();
    WorkflowStub run =
        backend
            .client()
            .newUntypedWorkflowStub(
                "GraphRun",
                WorkflowOptions.newBuilder()
                    .setWorkflowId(id)
                    .setTaskQueue(queue)
                    .setStaticSummary(
                        project.name() + " " + (input.select() == null ? "(all)" : input.select()))
                    .build());
    Watch watch =
        new Watch(
            backend, project.name(), run, out, millrace.animated(), env(), millrace.verbose());
    long begun = System.nanoTime();
    AtomicBoolean once = new AtomicBoolean();
    AtomicInteger code = new AtomicInteger(INTERRUPTED);
    Runnable interrupt =
        () -> {
          if (engine == null || !once.compareAndSet(false, true)) {
            if (engine == null) {
              out.say("\nLeft " + id + " alone: it goes on at " + backend.name());
            }
            env().halt().accept(code.get());
            return;
          }
          out.say("\nStopping at the next page (Ctrl-C again stops now)");
          // first no more assets and segments, then no more pages: what is fetched by then is
          // committed
          run.update("stop", Void.class);
          engine.drain();
        };
    Runnable terminate =
        () -> {
          code.set(TERMINATED);
          interrupt.run();
        };
    try (Signals.Handle onInt = env().signals().on(Signals.INT, interrupt);
        Signals.Handle onTerm = env().signals().on(Signals.TERM, terminate)) {
      run.start(input);
      if (!backend.inProcess()) {
        out.say("Started " + id + " at " + backend.name() + " on the queue " + queue);
      }
      Watch.End end = watch.untilItEnds();
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      if (engine != null && end.failure() == null && input.renormalize() == null) {
        LastRun.of(id, input, end, took).leave(opened.folder(), engine::mask);
      }
      int ended = new RunReport(id, end, took).tell(out);
      return ended == INTERRUPTED ? code.get() : ended;
    }
  }
}
