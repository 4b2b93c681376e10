package io.millrace.activities.normalize;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One thread beside that of the records. It begins with the first work for it. */
final class Beside implements AutoCloseable {
  /** For measuring: 1 does all in one thread. The package is the same. */
  static final String THREADS = "millrace.normalize.threads";

  private final String name;

  /** {@code null} until there is something for it to do. */
  private ExecutorService thread;

  Beside(String name) {
    this.name = name;
  }

  /** Whether a processor may be free for it. */
  static boolean pays() {
    int processors = Runtime.getRuntime().availableProcessors();
    return Integer.getInteger(THREADS, processors) > 1;
  }

  Future<?> run(Runnable work) {
    if (thread == null) {
      thread = Executors.newSingleThreadExecutor(this::named);
    }
    return thread.submit(work);
  }

  private Thread named(Runnable task) {
    Thread made = new Thread(task, name);
    made.setDaemon(true);
    return made;
  }

  /** Waits until that is done, {@code null} for nothing; what went wrong there goes wrong here. */
  static void await(Future<?> work) {
    if (work == null) {
      return;
    }
    try {
      work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(
          Failure.CANCELLED, "Cannot write load package: it was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MillraceException failed) {
        throw failed;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Ends the thread; when this returns it does nothing any more. */
  @Override
  public void close() {
    if (thread == null) {
      return;
    }
    thread.shutdownNow();
    boolean interrupted = false;
    for (boolean ended = false; !ended; ) {
      try {
        // one batch or one part of a bounded size at most
        ended = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
