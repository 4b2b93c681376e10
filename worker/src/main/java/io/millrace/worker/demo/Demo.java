package io.millrace.worker.demo;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.Loader.TableInfo;
import io.millrace.project.Project;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Queues;
import io.millrace.worker.Backend;
import io.millrace.worker.EmbeddedTemporal;
import io.millrace.worker.Ending;
import io.millrace.worker.Env;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import io.millrace.worker.RunLock;
import io.millrace.worker.SearchAttributes;
import io.millrace.worker.Ulid;
import io.millrace.worker.demo.DemoApi.Surprise;
import io.millrace.worker.demo.DemoData.Kind;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Loads the shop of {@link DemoApi} with a worker in a process of its own, and kills that process
 * in the middle. Each demo in a folder meets the shop one day later, as long as the one before it
 * was complete; otherwise it finishes that day.
 *
 * <p>Which day it is, is not written down anywhere: the database is asked. So deleting the database
 * begins again, and nothing can disagree with it.
 */
public final class Demo {
  private static final long PATIENCE_SECONDS = 180;
  private static final long MOMENT_MILLIS = 300;

  private final Env env;
  private final Rooms rooms;
  private final DemoFolder folder;
  private final Consumer<String> say;

  /**
   * @param say hears, line by line, what happens
   */
  public Demo(Env env, Rooms rooms, Consumer<String> say) {
    this.env = env;
    this.rooms = rooms;
    this.folder = new DemoFolder(env.folder());
    this.say = say;
  }

  /**
   * What happened.
   *
   * @param day of the shop, from 1
   * @param crash {@code null} when there was not enough to load for one
   * @param surprises of the API, in words
   * @param requests how often each page of the API was asked for
   * @param answer to {@link #question}; empty when a table is missing
   */
  public record Result(
      int day,
      Crash crash,
      List<String> surprises,
      Map<String, Integer> requests,
      String runId,
      GraphRun.Result run,
      Duration took,
      List<TableInfo> tables,
      Loader.Rows answer,
      List<DemoDatabase.Check> checks) {
    /** What {@code answer} answers. */
    public String question() {
      return DemoDatabase.QUESTION;
    }

    /** Whether the database holds exactly what the shop has. */
    public boolean right() {
      return Demo.right(checks);
    }
  }

  /**
   * The worker's death.
   *
   * @param killed its process id
   * @param replacement the next worker's
   * @param rows what was committed at that moment, by table
   */
  public record Crash(long killed, long replacement, Map<String, Long> rows) {}

  /** Runs it from the first line to the last check. Blocks; ends its processes in any case. */
  @SuppressWarnings("try") // the lock is held, not used
  public Result run() {
    long began = System.nanoTime();
    folder.write();
    String secret = freshSecret();
    Map<String, String> variables = new HashMap<>(Map.of("MILLRACE_DEMO_SECRET", secret));
    Opened opened = Opened.read(folder.file());
    Project project = opened.project();
    CountDownLatch dead = new CountDownLatch(1);
    CompletableFuture<Object> halfway = new CompletableFuture<>();
    try (RunLock lock =
            RunLock.take(RunLock.of(folder.project()), "process " + ProcessHandle.current().pid());
        Rooms.Engine engine = rooms.engine(opened, with(variables))) {
      DemoDatabase database = new DemoDatabase(engine.loader(project.destinations().get(0)));
      int newest = Files.exists(folder.database()) ? database.newestDay() : 0;
      boolean interrupted = newest > 0 && !right(database.compare(new DemoData(newest)));
      DemoData data = new DemoData(interrupted ? newest : newest + 1);
      if (interrupted) {
        say.accept("An earlier demo was interrupted: this one goes on where it stopped.");
      }
      try (DemoApi api = openShop(data, interrupted, secret, () -> pause(halfway, dead));
          EmbeddedTemporal temporal = EmbeddedTemporal.listening();
          Backend backend = Backend.connect(temporal.address(), null, Map.of())) {
        SearchAttributes.add(backend, SearchAttributes.ALL);
        variables.put("MILLRACE_DEMO_API", api.url());
        say.accept("Temporal   runs inside this process and listens on " + temporal.address());
        WorkflowStub run = start(backend, project);
        CompletableFuture<GraphRun.Result> result = Ending.of(run);
        Crew crew = new Crew(backend, steps(project), variables, database);
        Crash crash = load(crew, result, halfway, dead);
        return result(began, data, crash, api, run, await(result), database);
      } finally {
        dead.countDown();
      }
    }
  }

  /** What a worker needs to go to work, and who is asked what it has done. */
  private record Crew(
      Backend temporal,
      List<String> workflows,
      Map<String, String> variables,
      DemoDatabase database) {}

  /** The story: a worker works, dies halfway, another one goes on. */
  private Crash load(
      Crew crew,
      CompletableFuture<GraphRun.Result> result,
      CompletableFuture<Object> halfway,
      CountDownLatch dead) {
    Crash crash = null;
    try (WorkerChild first = worker(crew, 1)) {
      say.accept("Worker     is process " + first.pid() + ", loading into " + folder.database());
      await(CompletableFuture.anyOf(halfway, result, first.death()));
      if (halfway.isDone()) {
        first.kill();
        dead.countDown();
        Map<String, Long> then = crew.database().rows();
        say.accept("");
        say.accept(
            "Killed     worker "
                + first.pid()
                + " with kill -9, while it waited for page 7 of 12 of the orders.");
        say.accept("           In the database at that moment: " + words(then) + ".");
        try (WorkerChild second = worker(crew, 2)) {
          say.accept(
              "Started    worker "
                  + second.pid()
                  + ". Temporal hands it what the dead one held; the database knows what is committed.");
          say.accept("");
          crash = new Crash(first.pid(), second.pid(), then);
          Obituary obituary = new Obituary(crew.temporal(), first.pid(), crew.workflows());
          CompletableFuture<Object> end = CompletableFuture.anyOf(result, second.death());
          for (long looks = PATIENCE_SECONDS * 1000 / MOMENT_MILLIS;
              looks > 0 && !done(end);
              looks--) {
            obituary.tell();
          }
          await(end);
        }
      }
    }
    return crash;
  }

  private WorkerChild worker(Crew crew, int number) {
    return WorkerChild.start(
        crew.temporal().name(), folder.file(), crew.variables(), folder.log(number));
  }

  private static Result result(
      long began,
      DemoData data,
      Crash crash,
      DemoApi api,
      WorkflowStub run,
      GraphRun.Result ended,
      DemoDatabase database) {
    List<TableInfo> tables = database.tables();
    boolean askable =
        tables.stream()
            .map(TableInfo::table)
            .toList()
            .containsAll(List.of("customers", "orders", "orders__lines"));
    return new Result(
        data.day(),
        crash,
        api.surprises().stream().map(Surprise::toString).toList(),
        api.requests(),
        run.getExecution().getWorkflowId(),
        ended,
        Duration.ofNanos(System.nanoTime() - began),
        tables,
        askable ? database.answer() : new Loader.Rows(List.of(), List.of()),
        database.compare(data));
  }

  private static boolean right(List<DemoDatabase.Check> checks) {
    return checks.stream().allMatch(DemoDatabase.Check::right);
  }

  /**
   * At the port of the demo before this one when that is free. One that was interrupted needs it:
   * its checkpoint holds a link.
   */
  private DemoApi openShop(DemoData data, boolean interrupted, String secret, Runnable halfway) {
    DemoApi api;
    try {
      api = DemoApi.start(data, folder.port(), secret, halfway);
    } catch (MillraceException taken) {
      if (interrupted) {
        throw taken;
      }
      api = DemoApi.start(data, 0, secret, halfway);
    }
    folder.keepPort(api.port());
    say.accept(
        String.format(
            Locale.ROOT,
            "The shop   opens its day %d at %s: %,d customers, %,d orders, %,d events",
            data.day(),
            api.url(),
            data.count(Kind.CUSTOMERS),
            data.count(Kind.ORDERS),
            data.count(Kind.EVENTS)));
    return api;
  }

  /** Ids of the workflows that do the work of a run. */
  private static List<String> steps(Project project) {
    return project.sources().stream()
        .flatMap(
            source ->
                source.resources().stream()
                    .map(
                        resource ->
                            Materialize.id(
                                project.name(), source.name() + "." + resource.name(), null)))
        .toList();
  }

  private static WorkflowStub start(Backend backend, Project project) {
    WorkflowStub run =
        backend
            .client()
            .newUntypedWorkflowStub(
                "GraphRun",
                WorkflowOptions.newBuilder()
                    .setTaskQueue(Queues.DEFAULT)
                    .setWorkflowId("run:" + project.name() + ":" + Ulid.next())
                    .build());
    run.start(new GraphRun.Input(project.name(), null, null, null, null, null, null, "manual"));
    return run;
  }

  /** In the API's thread: keeps the client waiting until it is dead. */
  private static void pause(CompletableFuture<Object> halfway, CountDownLatch dead) {
    halfway.complete(true);
    try {
      if (!dead.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody killed the worker");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it has happened; looks for a moment. */
  private static boolean done(CompletableFuture<?> event) {
    try {
      event.get(MOMENT_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static <T> T await(CompletableFuture<T> event) {
    try {
      return event.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new MillraceException(
          Failure.INTERNAL,
          "Cannot finish the demo: nothing happened for "
              + PATIENCE_SECONDS
              + " s (the logs of its workers are in millrace-demo)",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MillraceException failure) {
        throw failure;
      }
      throw new MillraceException(
          Failure.INTERNAL,
          "Cannot finish the demo: the run failed: " + e.getCause().getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(Failure.INTERNAL, "Cannot finish the demo: interrupted", e);
    }
  }

  private static String words(Map<String, Long> rows) {
    return rows.isEmpty()
        ? "nothing yet"
        : rows.entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%s %,d", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", "));
  }

  private Map<String, String> with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(env.variables());
    all.putAll(more);
    return all;
  }

  private static String freshSecret() {
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }
}
