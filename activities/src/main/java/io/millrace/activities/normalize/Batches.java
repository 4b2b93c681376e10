package io.millrace.activities.normalize;

import io.millrace.activities.staging.NumberedIds;
import io.millrace.activities.staging.PackageWriter;
import io.millrace.schema.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/**
 * Puts full batches into the package while the records go on being read: packing, checksums and the
 * file are a fifth of the work. One thread, in the order in which they come, so that the bytes are
 * the same as without it. It begins with the first full batch; small segments need none.
 */
final class Batches implements AutoCloseable {
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

  /** {@code null} when each batch is written at once. */
  private final Beside beside;

  /** Those that nobody wrote yet; {@code null} when all are written. */
  private List<Full> held;

  private Future<?> last;

  Batches(PackageWriter out) {
    this.out = out;
    this.beside = Beside.pays() ? new Beside("millrace-batches") : null;
  }

  /** Holds what it gets, for {@link #taken}. */
  Batches() {
    out = null;
    beside = null;
    held = new ArrayList<>();
  }

  /** Whether the memory of a batch is not to be used again. */
  boolean holds() {
    return held != null;
  }

  /** What it holds, in order, and nothing from then on. */
  List<Full> taken() {
    List<Full> all = held;
    held = new ArrayList<>();
    return all;
  }

  /**
   * Writes it, now or soon.
   *
   * @return to be awaited before its memory is used again; {@code null} when that may be now
   */
  Future<?> put(Full batch) {
    if (held != null) {
      held.add(batch);
      return null;
    }
    if (beside == null) {
      batch.write(out);
      return null;
    }
    last = beside.run(() -> batch.write(out));
    return last;
  }

  /** Writes it, after all that came before. */
  void write(Full batch) {
    finish();
    batch.write(out);
  }

  /** Waits until all is written. */
  void finish() {
    Beside.await(last);
    last = null;
  }

  /** When this returns nobody writes any more. */
  @Override
  public void close() {
    if (beside != null) {
      beside.close();
    }
  }
}
