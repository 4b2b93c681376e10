package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Quota;
import io.millrace.source.Client;
import java.time.Clock;
import java.util.Collection;
import java.util.List;

/**
 * The places of one host that this process has borrowed from the quota that all workers share, in
 * bulk. A lease lasts from before it was asked for, by our own clock alone. Not thread-safe.
 */
final class Borrowed {
  /** So many leases make up a window: few enough to ask seldom, enough to leave others some. */
  private static final int LEASES = 5;

  private static final int MOST_PLACES = 1_000;
  private static final long SHORTEST_RETRY = 20;
  private static final long FIRST_PATIENCE = 1_000;
  private static final long LONGEST_PATIENCE = 10_000;

  /** After so long without an answer the step fails, to be tried again by whoever runs it. */
  private static final long GIVE_UP = 120_000;

  private final Leases leases;
  private final String project;
  private final String host;
  private final Clock clock;
  private List<Quota.Limit> limits = List.of();
  private long id;
  private int places;
  private int used;
  private long asked;
  private long lastUsed;
  private long validUntil = Long.MIN_VALUE;
  private long retryAt = Long.MIN_VALUE;
  private String why;
  private long holdUntil;
  private boolean woken;
  private long silentSince = -1;
  private long patience = FIRST_PATIENCE;

  Borrowed(Leases leases, String project, String host, Clock clock) {
    this.leases = leases;
    this.project = project;
    this.host = host;
    this.clock = clock;
  }

  void hold(long millis) {
    holdUntil = Math.max(holdUntil, clock.millis() + millis);
    woken = false;
  }

  void wake() {
    holdUntil = 0;
    retryAt = Long.MIN_VALUE;
    woken = true;
  }

  Pace.Wait take(Collection<Client.RateLimit> windows) {
    long now = clock.millis();
    if (used == places || now >= validUntil) {
      if (now < retryAt) {
        return new Pace.Wait(retryAt - now, why);
      }
      limits =
          windows.stream()
              .map(w -> new Quota.Limit(w.requests(), Math.max(1, w.per().toMillis())))
              .toList();
      if (!borrow()) {
        return new Pace.Wait(Math.max(1, retryAt - clock.millis()), why);
      }
    }
    used++;
    lastUsed = clock.millis();
    return Pace.Wait.NONE;
  }

  void giveBack() {
    if (used < places && clock.millis() < validUntil) {
      try {
        ask(0);
      } catch (MillraceException e) {
        // they come back by themselves, later
      }
    }
  }

  private boolean borrow() {
    int smallest = limits.stream().mapToInt(Quota.Limit::requests).min().orElse(1);
    Quota.Grant grant;
    try {
      grant = ask(Math.min(MOST_PLACES, Math.max(1, smallest / LEASES)));
      silentSince = -1;
      patience = FIRST_PATIENCE;
    } catch (MillraceException e) {
      silent(e);
      return false;
    }
    why = "the rate limit of " + host + ", which all workers share";
    if (used < places && clock.millis() < validUntil) {
      return true;
    }
    retryAt = clock.millis() + Math.max(SHORTEST_RETRY, grant.retryMillis());
    return false;
  }

  private Quota.Grant ask(int wanted) {
    Quota.Back back = id == 0 ? null : new Quota.Back(id, used, Math.max(0, lastUsed - asked));
    long now = clock.millis();
    Quota.Request request =
        new Quota.Request(limits, wanted, back, woken ? -1 : Math.max(0, holdUntil - now));
    woken = false;
    // from here on the old lease is not used, whether or not the answer comes
    places = 0;
    used = 0;
    id = 0;
    Quota.Grant grant = leases.lease(project, host, request);
    id = grant.id();
    places = grant.places();
    asked = now;
    lastUsed = now;
    validUntil = now + grant.validMillis();
    return grant;
  }

  /** Without an answer nothing is sent: the limit is the host's, and others go on using it. */
  private void silent(MillraceException e) {
    long now = clock.millis();
    silentSince = silentSince < 0 ? now : silentSince;
    if (now - silentSince > GIVE_UP) {
      silentSince = -1;
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE,
          "Cannot ask for a place in the rate limit of "
              + host
              + ", which all workers share: "
              + e.getMessage(),
          e);
    }
    retryAt = now + patience;
    patience = Math.min(LONGEST_PATIENCE, 2 * patience);
    why = "nobody answers for the rate limit of " + host + ", which all workers share";
  }
}
