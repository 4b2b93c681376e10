package io.millrace.activities.extract.rest;

import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/**
 * Requests to one host at the same time: as many as the smallest number that any client names which
 * reads from it now. First come, first served. Thread-safe.
 */
final class Places extends Semaphore {
  private static final long serialVersionUID = 1L;

  private final TreeMap<Integer, Integer> named = new TreeMap<>(); // guarded by this, with `most`
  private int most;

  Places() {
    super(0, true);
  }

  /** A fetch begins, whose client allows so many. */
  synchronized void join(int concurrency) {
    named.merge(concurrency, 1, Integer::sum);
    adjust();
  }

  synchronized void leave(int concurrency) {
    named.computeIfPresent(concurrency, (number, fetches) -> fetches == 1 ? null : fetches - 1);
    adjust();
  }

  /** Places that are taken stay so: there may be fewer than none for a while. */
  private void adjust() {
    int now = named.isEmpty() ? 0 : named.firstKey();
    if (now > most) {
      release(now - most);
    } else {
      reducePermits(most - now);
    }
    most = now;
  }
}
