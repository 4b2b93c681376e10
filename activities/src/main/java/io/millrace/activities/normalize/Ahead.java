package io.millrace.activities.normalize;

import io.millrace.activities.staging.RawPage;
import io.millrace.schema.Schema;
import java.util.List;
import java.util.concurrent.Future;

/**
 * Reads a part of a page in another thread while the part before it is still being read, as if the
 * schema stayed as it was before both. What comes of it counts only when that proves true, nothing
 * in either part being new or odd; else the part is read once more in its turn. So this class never
 * decides anything: a part's batches are the same whoever made them.
 */
final class Ahead implements AutoCloseable {
  /** So often in a row in vain, and it is not tried any more. */
  private static final int TRIES = 4;

  private final Order order;
  private final Beside beside = new Beside("millrace-ahead");
  private Batches batches;

  /** Knows the schema as it was when this was made; {@code null} for none that is of use. */
  private Normalizer other;

  private Schema schema;
  private int failures;
  private Future<?> reading;
  private boolean plain;

  Ahead(Order order) {
    this.order = order;
  }

  /** Whether it is worth a try, the last part having left that schema and the one before too. */
  boolean ready(Schema before, Schema now) {
    return failures < TRIES && now != null && now.equals(before);
  }

  /** Begins to read; the page's parts before this one left that schema or will. */
  void read(RawPage page, Window part, Schema now) {
    if (other == null || !now.equals(schema)) {
      batches = new Batches();
      other = new Normalizer(order.with(now), batches);
      schema = now;
    }
    reading = beside.run(() -> plain = plain(page, part));
  }

  private boolean plain(RawPage page, Window part) {
    try {
      return other.plain(page, part, schema);
    } catch (RuntimeException | StackOverflowError e) {
      return false; // whoever reads it in its turn says what is wrong
    }
  }

  /**
   * Waits for the part that was begun.
   *
   * @param now the schema that the part before it left
   * @return what read it, to be taken over; {@code null} when it has to be read in its turn
   */
  Normalizer done(Schema now) {
    Beside.await(reading);
    if (plain && now.equals(schema)) {
      failures = 0;
      return other;
    }
    failures++;
    other = null;
    return null;
  }

  /** The batches of the part. */
  List<Batches.Full> batches() {
    return batches.taken();
  }

  @Override
  public void close() {
    beside.close();
  }
}
