package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Queues;
import io.millrace.run.Refresh;
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
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code run}: lands the selected assets, here or on a Temporal server, and watches until they have
 * ended.
 */
@CommandLine.Command(
    name = "run",
    description = "Land the selected assets and watch them.",
    footer = {
      "",
      "Ctrl-C stops at the next page (with --address: leaves the run alone), twice stops now."
    })
final class RunCommand extends Command {
  private static final int INTERRUPTED = 130;

  private static final int TERMINATED = 143;
  private static final int SHORTEST_PARALLEL = 1;

  @Parameters(
      arity = "0..*",
      paramLabel = "SELECTION",
      description =
          "assets, for example shop.orders, 'shop.*', +x (with upstream), tag:t (default: all)")
  private List<String> selection = List.of();

  @Option(names = "--exclude", paramLabel = "SELECTION", description = "assets to leave out")
  private String exclude;

  @Option(
      names = "--refresh",
      paramLabel = "MODE",
      converter = RefreshConverter.class,
      description = "forget first: drop_sources, drop_resources or drop_data")
  private Refresh refresh;

  @Option(names = "--full-refresh", description = "the same as --refresh drop_resources")
  private boolean fullRefresh;

  @Option(names = "--limit", paramLabel = "PAGES", description = "pages per asset at the most")
  private Integer limit;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description =
          "assets that work at the same time, those that wait for time or people aside (default: 8)")
  private Integer parallel;

  @Option(
      names = "--on-running",
      paramLabel = "attach|fail",
      description =
          "when it is running already: attach joins that run (without --address: waits for it, then"
              + " shows its result if it did the same to its end, or runs); fail ends with exit code"
              + " 4 (default: attach)")
  private OnRunning onRunning = OnRunning.attach;

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "task queue of the workers (default: millrace)")
  private String queue = Queues.DEFAULT;

  /** The names are what the user types. */
  enum OnRunning {
    attach,
    fail
  }

  RunCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Opened opened = millrace.open(out);
    Project project = opened.project();
    GraphRun.Input input = input(opened);
    List<AssetKey> assets = opened.select(input.select(), exclude);
    if (assets.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot run: the selection holds no asset: "
              + (input.select() == null ? "all" : input.select())
              + (exclude == null ? "" : " without " + exclude)
              + " (`millrace assets` lists them)");
    }
    millrace.logging(Logging.Volume.QUIET);
    String id = "run:" + project.name() + ":" + Ulid.next();
    return millrace.address() == null
        ? runHere(out, opened, assets, id, input)
        : runThere(out, opened, assets, id, input);
  }

  private GraphRun.Input input(Opened opened) {
    if (refresh != null && fullRefresh && refresh != Refresh.DROP_RESOURCES) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot run: --full-refresh and --refresh "
              + refresh.key()
              + " contradict each other (leave one out)");
    }
    requireAtLeastOne("--limit", limit);
    requireAtLeastOne("--parallel", parallel);
    return new GraphRun.Input(
        opened.project().name(),
        Wanted.of(selection),
        exclude,
        fullRefresh ? Refresh.DROP_RESOURCES : refresh,
        limit,
        parallel,
        opened.manifest(),
        "manual");
  }

  private static void requireAtLeastOne(String option, Integer value) {
    if (value != null && value < SHORTEST_PARALLEL) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot run: "
              + option
              + " must be at least 1: "
              + value
              + " (leave it out for the default)");
    }
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
      boolean waited = onRunning == OnRunning.attach && !meanwhile.equals(before);
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
    return onRunning == OnRunning.fail
        ? RunLock.take(RunLock.of(folder), holder)
        : RunLock.await(RunLock.of(folder), holder, out::say, interrupted::get);
  }

  /** Only the client here; the workers are elsewhere. */
  private int runThere(
      Output out, Opened opened, List<AssetKey> assets, String id, GraphRun.Input input) {
    try (Backend backend = millrace.connect("run")) {
      if (onRunning == OnRunning.fail) {
        assets.forEach(asset -> refuseWhenRunning(backend.client(), opened.project(), asset));
      }
      return follow(out, backend, opened, id, input, null);
    }
  }

  private static void refuseWhenRunning(WorkflowClient client, Project project, AssetKey asset) {
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
                + " (wait for it, or leave out --on-running fail to join it)");
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
      if (engine != null && end.failure() == null) {
        LastRun.of(id, input, end, took).leave(opened.folder(), engine::mask);
      }
      int ended = new RunReport(id, end, took).tell(out);
      return ended == INTERRUPTED ? code.get() : ended;
    }
  }

  /** Says which modes there are. */
  static final class RefreshConverter implements ITypeConverter<Refresh> {
    @Override
    public Refresh convert(String value) {
      try {
        return Refresh.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "no such mode: " + value + " (drop_sources, drop_resources or drop_data)");
      }
    }
  }
}
