package io.millrace.activities.extract.rest;

import io.millrace.source.Client;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The requests of the last {@code per}. Those that were sent within a thousandth of it are kept
 * together under the time of the last one, so that a window of a day stays small. Not thread-safe.
 */
final class SlidingWindow {
  private static final int GRAINS = 1_000;

  /** A request may take so much longer to reach the host than one after it (a new connection). */
  private static final long LONGEST_SLACK = 250;

  private final long per;
  private final long requests;
  private final Deque<Bucket> sent = new ArrayDeque<>();
  private long count;

  private static final class Bucket {
    final long first;
    long last;
    long requests;

    Bucket(long first) {
      this.first = first;
    }
  }

  SlidingWindow(Client.RateLimit limit) {
    this.requests = Math.max(1, limit.requests());
    long millis = Math.max(1, limit.per().toMillis());
    this.per = millis + Math.min(LONGEST_SLACK, millis / 20);
  }

  /** Milliseconds until there is a place. */
  long until(long now) {
    while (!sent.isEmpty() && sent.peekFirst().last + per <= now) {
      count -= sent.removeFirst().requests;
    }
    return count < requests ? 0 : sent.peekFirst().last + per - now;
  }

  void count(long now) {
    Bucket bucket = sent.peekLast();
    if (bucket == null || now - bucket.first > per / GRAINS) {
      bucket = new Bucket(now);
      sent.addLast(bucket);
    }
    bucket.last = Math.max(bucket.last, now);
    bucket.requests++;
    count++;
  }

  int buckets() {
    return sent.size();
  }
}
