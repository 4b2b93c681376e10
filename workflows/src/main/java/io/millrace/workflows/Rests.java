package io.millrace.workflows;

import io.millrace.run.Materialize.Waiting;
import io.millrace.run.Outcome;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Promise;
import io.temporal.workflow.TimerOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The rests of one asset: until a time, until a person says so, until its run has a place for it
 * again. None of them holds a thread, a slot, a connection or the asset's {@link Place}.
 */
final class Rests {
  private static final Duration LONGEST = Duration.ofDays(7);

  /** Shows a rest, or with {@code null} that there is work again. */
  interface Sign {
    void show(Waiting waiting);
  }

  private final Sign sign;
  private final Place place;
  private final Lane timer = new Lane();
  private boolean paused;
  private boolean retrying;
  private boolean woken;
  private Waiting now;
  private Outcome.Problem parked;

  Rests(Place place, boolean paused, Sign sign) {
    this.place = place;
    this.paused = paused;
    this.sign = sign;
  }

  // ---- what people say

  void pause() {
    paused = true;
  }

  /** Whether it was paused. */
  boolean resume() {
    boolean was = paused;
    paused = false;
    return was;
  }

  /** The source is asked now; whether it was waited for. */
  boolean wake() {
    boolean waits = timer.busy();
    woken |= waits;
    timer.cancel();
    return waits;
  }

  /** Whether it was parked. */
  boolean retry() {
    retrying = parked != null;
    return retrying;
  }

  // ---- what is asked

  boolean paused() {
    return paused;
  }

  /** {@code null} when it works. */
  Waiting now() {
    return now;
  }

  /** What it parked with; {@code null} when it is not parked. */
  Outcome.Problem parked() {
    return parked;
  }

  /** Whether somebody ended a wait before its time since this was asked last. */
  boolean woken() {
    boolean was = woken;
    woken = false;
    return was;
  }

  // ---- the rests

  /** Nobody waits any more: the step that rests goes on, and sees why by itself. */
  void end() {
    timer.cancel();
  }

  /**
   * Waits for the source by a durable timer.
   *
   * @param halted whether it is to end before its time, for other reasons than {@link #wake}
   */
  void sleep(Duration asked, String reason, BooleanSupplier halted) {
    if (halted.getAsBoolean()) {
      return;
    }
    Duration wait = asked.compareTo(LONGEST) > 0 ? LONGEST : asked;
    TimerOptions options =
        TimerOptions.newBuilder()
            .setSummary(Details.line(reason == null ? "the source asks us to wait" : reason))
            .build();
    Promise<Void> fired = timer.start(() -> Workflow.newTimer(wait, options));
    begin(new Waiting("rate_limited", Workflow.currentTimeMillis() + wait.toMillis(), reason));
    try {
      fired.get();
    } catch (CanceledFailure e) {
      if (halted.getAsBoolean()) {
        now = null;
        return; // stopped: who asked has said so elsewhere
      }
    }
    goOn(halted);
  }

  /** Rests as long as somebody wants it to. */
  void whilePaused(BooleanSupplier halted) {
    if (!paused || halted.getAsBoolean()) {
      return;
    }
    begin(new Waiting("paused", 0, "somebody paused it"));
    Workflow.await(() -> !paused || halted.getAsBoolean());
    goOn(halted);
  }

  /** Waits for a person; whether it is to be tried again. */
  boolean park(Outcome.Problem problem, BooleanSupplier halted) {
    parked = problem;
    retrying = false;
    begin(new Waiting("parked", 0, problem.message()));
    Workflow.await(() -> retrying || halted.getAsBoolean());
    parked = null;
    if (halted.getAsBoolean()) {
      now = null;
      return false;
    }
    goOn(halted);
    return true;
  }

  private void begin(Waiting waiting) {
    now = waiting;
    sign.show(waiting);
    place.lend();
  }

  private void goOn(BooleanSupplier halted) {
    if (place.lent()) {
      now = new Waiting("queued", 0, "as many assets of the run work as may at the same time");
      sign.show(now);
      place.take(halted);
    }
    now = null;
    sign.show(null);
  }
}
