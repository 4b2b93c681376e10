package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.worker.Backend;
import io.millrace.worker.Ending;
import io.millrace.worker.Env;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Watches a run: asks it for its progress now and then, and shows that as lines that are drawn
 * again on a terminal, or as one line per asset that ended.
 */
final class Watch {
  private static final long FIRST_LOOK_MILLIS = 200;
  private static final long SHORTEST_PAUSE_MILLIS = 400;

  /**
   * An embedded server answers a question by running the workflow again from its beginning: ask
   * less when that takes long.
   */
  private static final int PAUSE_PER_ANSWER = 4;

  private static final long LONGEST_PAUSE_MILLIS = 2000;

  private static final int ASKED_AT_ONCE = 8;

  private static final long NOBODY_NANOS = TimeUnit.SECONDS.toNanos(8);

  private final Backend backend;
  private final String project;
  private final WorkflowStub run;
  private final Output out;
  private final Screen screen;
  private final boolean verbose;
  private final Map<String, Outcome> latest = new LinkedHashMap<>();
  private final Map<String, String> told = new LinkedHashMap<>();
  private final long began = System.nanoTime();
  private boolean nobodyTold;
  private int parkedLooks;
  private int turn;

  Watch(
      Backend backend,
      String project,
      WorkflowStub run,
      Output out,
      boolean animated,
      Env env,
      boolean verbose) {
    this.backend = backend;
    this.project = project;
    this.run = run;
    this.out = out;
    this.verbose = verbose;
    this.screen = animated ? new Screen(env) : null;
  }

  /**
   * How a run ended.
   *
   * @param outcomes of all assets, as far as they are known
   * @param failure of the run itself, not of an asset; {@code null} for none
   * @param message of that failure
   */
  record End(List<Outcome> outcomes, List<String> notes, Failure failure, String message) {}

  /** Blocks until the run has ended. */
  End untilItEnds() {
    CompletableFuture<GraphRun.Result> result = Ending.of(run);
    long pause = FIRST_LOOK_MILLIS;
    try {
      while (true) {
        try {
          return ended(result.get(pause, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
          long asked = System.nanoTime();
          look();
          show();
          sayThatNobodyWorks(asked);
          if (parked()) {
            return new End(List.copyOf(latest.values()), List.of(), null, null);
          }
          long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
          pause =
              Math.min(
                  LONGEST_PAUSE_MILLIS, Math.max(SHORTEST_PAUSE_MILLIS, took * PAUSE_PER_ANSWER));
        }
      }
    } catch (ExecutionException e) {
      GraphRun.Result failed = GraphRun.Result.of(e.getCause());
      if (failed != null) {
        return ended(failed);
      }
      look();
      return ended(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new End(
          List.copyOf(latest.values()), List.of(), Failure.CANCELLED, "Stopped watching the run");
    } finally {
      if (screen != null) {
        screen.clear();
      }
    }
  }

  /**
   * Whether nothing goes on before a person decides; as long as it takes to ask everybody twice,
   * because assets start late.
   */
  private boolean parked() {
    boolean some = latest.values().stream().anyMatch(o -> o.status() == Outcome.Status.PARKED);
    boolean all = latest.values().stream().noneMatch(Watch::working);
    parkedLooks = some && all ? parkedLooks + 1 : 0;
    return parkedLooks > 1 + latest.size() / ASKED_AT_ONCE;
  }

  /** Once, when nobody has planned the run after some seconds. */
  private void sayThatNobodyWorks(long now) {
    if (!nobodyTold && latest.isEmpty() && now - began > NOBODY_NANOS) {
      nobodyTold = true;
      out.say(
          "Waiting for a worker of project %s to take the run (`millrace worker -c FOLDER --address %s` starts one)"
              .formatted(project, backend.name()));
    }
  }

  private End ended(GraphRun.Result end) {
    end.assets().forEach(o -> latest.put(o.asset(), o));
    show();
    return new End(end.assets(), end.notes() == null ? List.of() : end.notes(), null, null);
  }

  private End ended(Throwable thrown) {
    List<Outcome> outcomes = new ArrayList<>();
    boolean cancelled = false;
    Failure failure = Failure.INTERNAL;
    String message = "Cannot finish the run: " + thrown.getMessage();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof ApplicationFailure named) {
        failure = failureOf(named.getType());
        message = named.getOriginalMessage();
        break;
      } else if (t instanceof CanceledFailure) {
        cancelled = true;
        failure = Failure.CANCELLED;
        message = "Stopped";
        break;
      } else if (t instanceof TerminatedFailure) {
        message =
            "Cannot finish the run: it was terminated from outside: "
                + run.getExecution().getWorkflowId();
      } else if (t instanceof TimeoutFailure) {
        message = "Cannot finish the run: Temporal gave it up: " + t.getMessage();
      }
    }
    for (Outcome o : latest.values()) {
      outcomes.add(
          o.status() == Outcome.Status.RUNNING
              ? o.ended(cancelled ? Outcome.Status.CANCELLED : Outcome.Status.FAILED, null)
              : o);
    }
    return new End(outcomes, List.of(), failure, message);
  }

  private static Failure failureOf(String type) {
    for (Failure f : Failure.values()) {
      if (f.name().equals(type)) {
        return f;
      }
    }
    return Failure.INTERNAL;
  }

  // Asks the run for all assets, then those that run for themselves: the run hears of them only
  // when they end. What cannot
  // be asked now (no worker, just ended) is asked next time.
  private void look() {
    try {
      GraphRun.Result progress = run.query("progress", GraphRun.Result.class);
      if (progress == null || progress.assets() == null) {
        return;
      }
      int working = 0;
      for (Outcome o : progress.assets()) {
        if (!working(o)) {
          latest.put(o.asset(), o);
        } else {
          // more may run than can be asked each time: those that rest lend their places
          boolean now = working++ / ASKED_AT_ONCE == turn;
          Outcome own = now ? ask(o.asset()) : latest.get(o.asset());
          latest.put(o.asset(), own == null ? o : own);
        }
      }
      turn = (turn + 1) * ASKED_AT_ONCE < working ? turn + 1 : 0;
    } catch (WorkflowException | io.grpc.StatusRuntimeException e) {
      // nobody answers now
    }
  }

  private static boolean working(Outcome o) {
    return o.status() == Outcome.Status.RUNNING && !"queued".equals(o.phase());
  }

  private Outcome ask(String asset) {
    try {
      return backend
          .client()
          .newUntypedWorkflowStub(Materialize.id(project, asset, null))
          .query("progress", Outcome.class);
    } catch (WorkflowException | io.grpc.StatusRuntimeException e) {
      return null;
    }
  }

  private void show() {
    if (screen != null) {
      screen.draw(latest.values());
      return;
    }
    for (Outcome o : latest.values()) {
      String state = o.status() == Outcome.Status.RUNNING ? o.phase() : o.status().key();
      boolean news = state != null && !state.equals(told.put(o.asset(), state));
      if (news && (o.status() != Outcome.Status.RUNNING || verbose && !"queued".equals(state))) {
        out.say(RunReport.line(o));
      }
    }
  }
}
