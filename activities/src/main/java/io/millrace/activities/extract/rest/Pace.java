package io.millrace.activities.extract.rest;

import io.millrace.source.Client;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * When requests to one host may be sent: in no window of {@code per} more than {@code requests},
 * wherever the window begins; not while the host asks us to wait; and only with a place of the
 * quota that the workers share, where there is one. A window that one source names holds for all
 * that read from the host. Thread-safe.
 */
final class Pace {
  /** Requests are spread over the rest of a window when no more than a tenth of it is left. */
  private static final int SMALL_SHARE = 10;

  /** The same where the host does not say how much there is in all. */
  private static final int SMALL = 5;

  /** Spreading is a courtesy to others who share the limit; it may not cost a small run an hour. */
  private static final long LONGEST_SPREAD = 1_000;

  private final String host;
  private final Clock clock;
  private final Borrowed borrowed;
  private final Map<Client.RateLimit, SlidingWindow> windows = new LinkedHashMap<>();
  private long notBefore = Long.MIN_VALUE;
  private boolean spent;
  private long spacing;
  private long spreadUntil = Long.MIN_VALUE;
  private long last = Long.MIN_VALUE / 2;

  /** One that this process has for itself. */
  Pace(String host, Clock clock) {
    this(host, clock, null);
  }

  /**
   * @param borrowed {@code null} when no other process reads from the host
   */
  Pace(String host, Clock clock, Borrowed borrowed) {
    this.host = host;
    this.clock = clock;
    this.borrowed = borrowed;
  }

  /**
   * @param millis until a place may be had; 0 when one was taken
   * @param why for a person; {@code null} when one was taken
   */
  record Wait(long millis, String why) {
    static final Wait NONE = new Wait(0, null);
  }

  /** Nobody sends to the host for so long, because it said so to one of us. */
  synchronized void hold(long millis) {
    if (clock.millis() + millis > notBefore) {
      notBefore = clock.millis() + millis;
      spent = false;
      if (borrowed != null) {
        borrowed.hold(millis);
      }
    }
  }

  /** The host is to be asked again, whatever it said; our own windows hold all the same. */
  synchronized void wake() {
    notBefore = Long.MIN_VALUE;
    spreadUntil = Long.MIN_VALUE;
    if (borrowed != null) {
      borrowed.wake();
    }
  }

  /** Takes what an answer says about the limit to heart. */
  synchronized void learn(Asked.Limit told) {
    if (told == null || told.resetMillis() <= 0) {
      return;
    }
    long now = clock.millis();
    if (told.remaining() <= 0) {
      hold(told.resetMillis());
      spent = now < notBefore;
    } else if (told.remaining()
        <= (told.limit() > 0 ? Math.max(1, told.limit() / SMALL_SHARE) : SMALL)) {
      spacing = Math.min(LONGEST_SPREAD, told.resetMillis() / told.remaining());
      spreadUntil = now + told.resetMillis();
    } else {
      spreadUntil = Long.MIN_VALUE;
    }
  }

  /**
   * Takes a place in all windows if there is one now. Who got it sends at once; who did not waits
   * and asks again, because another may be faster.
   */
  synchronized Wait take(List<Client.RateLimit> limits) {
    limits.forEach(limit -> windows.computeIfAbsent(limit, SlidingWindow::new));
    long now = clock.millis();
    if (notBefore > now) {
      return new Wait(
          notBefore - now,
          spent ? host + " has nothing left until it resets" : host + " asks us to wait");
    }
    if (spreadUntil > now && last + spacing > now) {
      return new Wait(last + spacing - now, "what " + host + " has left is spread");
    }
    long wait = 0;
    for (SlidingWindow window : windows.values()) {
      wait = Math.max(wait, window.until(now));
    }
    if (wait > 0) {
      return new Wait(wait, "the rate limit of " + host);
    }
    if (borrowed != null && !windows.isEmpty()) {
      Wait lease = borrowed.take(windows.keySet());
      if (lease.millis() > 0) {
        return lease;
      }
      now = clock.millis(); // asking took time
    }
    for (SlidingWindow window : windows.values()) {
      window.count(now);
    }
    last = now;
    return Wait.NONE;
  }

  /** Nobody here reads from the host for now: what is borrowed and not used goes back. */
  synchronized void rest() {
    if (borrowed != null) {
      borrowed.giveBack();
    }
  }
}
