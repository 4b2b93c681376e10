package io.millrace.activities.extract.rest;

import java.time.Clock;

/**
 * How often requests to one host may be repeated: as often as it answered well, and a few times
 * more. So a host that refuses every third request is read without a hitch, and one that refuses
 * all of them is left alone. Thread-safe.
 */
final class Retries {
  private static final double FLOOR = 20;
  private static final double CEILING = 100;

  /** The floor grows back within a minute. */
  private static final double PER_MILLI = FLOOR / 60_000;

  private final Clock clock;
  private double left = FLOOR;
  private long since;

  Retries(Clock clock) {
    this.clock = clock;
    this.since = clock.millis();
  }

  synchronized void earn() {
    left = Math.min(CEILING, left + 1);
  }

  /** Whether a request may be repeated soon; otherwise only after a long wait. */
  synchronized boolean spend() {
    long now = clock.millis();
    if (left < FLOOR) {
      left = Math.min(FLOOR, left + Math.max(0, now - since) * PER_MILLI);
    }
    since = now;
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}
