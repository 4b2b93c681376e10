package io.millrace.activities.extract.rest;

import io.millrace.source.Client;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When requests to one host may be sent: in no window of {@code per} more than {@code requests},
 * wherever the window begins. (A limiter with fixed periods lets twice as many through around the
 * end of a period.) Thread-safe.
 */
final class Pace {
  private final Clock clock;
  private final Map<Client.RateLimit, Deque<Long>> sent = new HashMap<>();
  private long notBefore = Long.MIN_VALUE;

  Pace(Clock clock) {
    this.clock = clock;
  }

  /** Nobody sends to the host for so long, because it said so to one of us. */
  synchronized void hold(long millis) {
    notBefore = Math.max(notBefore, clock.millis() + millis);
  }

  /**
   * Takes the next place in all windows.
   *
   * @param longest wait; beyond it no place is taken
   * @return milliseconds until the request may be sent
   */
  synchronized long take(List<Client.RateLimit> limits, long longest) {
    long now = clock.millis();
    long at = Math.max(now, notBefore);
    for (Client.RateLimit limit : limits) {
      Deque<Long> times = sent.computeIfAbsent(limit, k -> new ArrayDeque<>());
      if (times.size() >= Math.max(1, limit.requests())) {
        at = Math.max(at, times.peekFirst() + limit.per().toMillis());
      }
    }
    if (at - now > longest) {
      return at - now;
    }
    for (Client.RateLimit limit : limits) {
      Deque<Long> times = sent.get(limit);
      if (times.size() >= Math.max(1, limit.requests())) {
        times.removeFirst();
      }
      times.addLast(at);
    }
    return at - now;
  }
}
