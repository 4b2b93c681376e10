package io.millrace.activities.normalize;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.NumberedIds;
import io.millrace.activities.staging.PackageWriter;
import io.millrace.schema.Column;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Puts full batches into the package while the records go on being read: packing, checksums and the
 * file are a fifth of the work. One thread, in the order in which they come, so that the bytes are
 * the same as without it. It begins with the first full batch; small segments need none.
 */
final class Batches implements AutoCloseable {
  /** For measuring: 1 never writes beside the reading. The package is the same. */
  static final String THREADS = "millrace.normalize.threads";

  /**
   * The cells of a column of a batch.
   *
   * @param rows {@code null} when each row has a cell
   * @param ids where the values are numbers of rows and these make the ids; {@code null} elsewhere
   */
  record Cells(Column column, int count, int[] rows, long[] values, NumberedIds ids) {}

  /** A batch whose memory nobody changes until it is written. */
  record Full(String table, int rows, byte[] arena, int used, List<Cells> columns) {
    void write(PackageWriter out) {
      PackageWriter.Batch batch = out.batch(table, rows, arena, used);
      for (Cells c : columns) {
        if (c.ids != null) {
          batch.ids(c.column, c.count, c.rows, c.values, c.ids);
        } else {
          batch.column(c.column, c.count, c.rows, c.values);
        }
      }
      batch.end();
    }
  }

  private final PackageWriter out;
  private final boolean beside;

  /** {@code null} until there is something for it to do. */
  private ExecutorService thread;

  private Future<?> last;

  Batches(PackageWriter out) {
    this.out = out;
    int processors = Runtime.getRuntime().availableProcessors();
    this.beside = Integer.getInteger(THREADS, processors) > 1;
  }

  /**
   * Writes it, now or soon.
   *
   * @return to {@link #await} before its memory is used again; {@code null} when that may be now
   */
  Future<?> put(Full batch) {
    if (!beside) {
      batch.write(out);
      return null;
    }
    if (thread == null) {
      thread = Executors.newSingleThreadExecutor(Batches::named);
    }
    last = thread.submit(() -> batch.write(out));
    return last;
  }

  /** Writes it, after all that came before. */
  void write(Full batch) {
    await(last);
    batch.write(out);
  }

  /** Waits until that is written; what went wrong there goes wrong here. */
  void await(Future<?> batch) {
    if (batch == null) {
      return;
    }
    try {
      batch.get();
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

  /** Waits until all is written. */
  void finish() {
    await(last);
    last = null;
  }

  /** Ends the thread; when this returns nobody writes any more. */
  @Override
  public void close() {
    if (thread == null) {
      return;
    }
    thread.shutdownNow();
    boolean interrupted = false;
    for (boolean ended = false; !ended; ) {
      try {
        // one batch of a bounded size at most
        ended = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread named(Runnable task) {
    Thread thread = new Thread(task, "millrace-batches");
    thread.setDaemon(true);
    return thread;
  }
}
