package io.millrace.activities;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Says "still alive" for a step while it waits for a socket or a commit and cannot say so itself.
 * Stops saying so when the step has made no progress for {@link #PATIENCE}, so that a step that
 * hangs is given to somebody else.
 */
final class Heartbeats implements AutoCloseable {
  /** Longer than any single request or statement may take by the default timeouts. */
  static final Duration PATIENCE = Duration.ofMinutes(15);

  private static final Duration INTERVAL = Duration.ofSeconds(3);

  private final Duration interval;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService timer;

  Heartbeats() {
    this(INTERVAL, System::nanoTime);
  }

  Heartbeats(Duration interval, LongSupplier nanoTime) {
    this.interval = interval;
    this.nanoTime = nanoTime;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "millrace-heartbeats");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * A step's own progress: {@code beat} is called with the newest figures, at once and then now and
   * then, from a timer's thread that all steps share.
   *
   * @param draining whether the process is shutting down
   */
  Beating start(Beat beat, BooleanSupplier draining) {
    return new Beating(beat, draining);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** Tells Temporal; throws when the step was cancelled or lost. */
  @FunctionalInterface
  interface Beat {
    void send(Figures figures);
  }

  /** Totals of the step so far. */
  record Figures(long pages, long rows, long bytes) {}

  /** The progress of one running step. Close it before the step returns. */
  final class Beating implements Progress, AutoCloseable {
    private final Beat beat;
    private final BooleanSupplier draining;
    private final AtomicReference<Figures> figures = new AtomicReference<>(new Figures(0, 0, 0));
    private final AtomicReference<RuntimeException> lost = new AtomicReference<>();
    private final AtomicLong progressed = new AtomicLong(nanoTime.getAsLong());
    private final ScheduledFuture<?> ticking;

    private Beating(Beat beat, BooleanSupplier draining) {
      this.beat = beat;
      this.draining = draining;
      this.ticking =
          timer.scheduleWithFixedDelay(this::tick, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void report(long pages, long rows, long bytes) {
      progressed.set(nanoTime.getAsLong());
      figures.set(new Figures(pages, rows, bytes));
      RuntimeException why = lost.get();
      if (why != null) {
        throw why;
      }
    }

    @Override
    public boolean draining() {
      return draining.getAsBoolean();
    }

    @Override
    public void close() {
      ticking.cancel(false);
    }

    void tick() {
      if (nanoTime.getAsLong() - progressed.get() > PATIENCE.toNanos()) {
        return;
      }
      try {
        beat.send(figures.get());
      } catch (RuntimeException e) {
        // thrown to the step at its next report: it was cancelled, or the server gave it to
        // somebody else
        lost.set(e);
        ticking.cancel(false);
      }
    }
  }
}
