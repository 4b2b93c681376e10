package io.millrace.workflows;

import io.millrace.run.Quota;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which places of a host's windows are lent. Pure.
 *
 * <p>The requests of a lease fall between the moment it was lent and its end, so it counts as a
 * whole from then until a window after its end. No window can then hold more than its requests: of
 * all leases that reach into it, the one that was lent last was counted together with all others.
 */
final class LentPlaces {
  /**
   * A lease whose holder dies blocks its places for so long and a window. It lasts from before it
   * was asked for, so a busy server must have answered long before it ends.
   */
  private static final long SHORTEST = 10_000;

  private static final long LONGEST = 30_000;

  /** More leases are put together, as if each had ended with the last of them. */
  private static final int MOST_LEASES = 200;

  private static final long LONGEST_HOLD = 86_400_000;
  private static final long SHORTEST_RETRY = 20;

  private final List<Quota.Lease> leases = new ArrayList<>();
  private long next;
  private long longest;
  private long notBefore;

  /**
   * @param state {@code null} for none
   */
  LentPlaces(Quota.State state) {
    if (state != null) {
      leases.addAll(state.leases());
      next = state.next();
      longest = state.longest();
      notBefore = state.notBefore();
    }
  }

  Quota.State state() {
    return new Quota.State(List.copyOf(leases), next, longest, notBefore);
  }

  /** Unix milliseconds after which nothing is lent any more; 0 when nothing is. */
  long lastUntil() {
    long last = notBefore;
    for (Quota.Lease lease : leases) {
      last = Math.max(last, lease.until() + longest);
    }
    return last;
  }

  Quota.Grant lease(Quota.Request request, long now) {
    for (Quota.Limit limit : request.limits()) {
      longest = Math.max(longest, counts(limit));
    }
    if (request.back() != null) {
      back(request.back());
    }
    notBefore =
        request.holdMillis() < 0
            ? now
            : Math.max(notBefore, now + Math.min(LONGEST_HOLD, request.holdMillis()));
    leases.removeIf(lease -> lease.until() + longest <= now);
    if (request.wanted() <= 0 || request.limits().isEmpty()) {
      return new Quota.Grant(0, 0, 0, 0);
    }
    if (notBefore > now) {
      return new Quota.Grant(0, 0, 0, notBefore - now);
    }
    long free = request.wanted();
    long retryAt = now;
    long shortest = Long.MAX_VALUE;
    for (Quota.Limit limit : request.limits()) {
      long left = Math.max(1, limit.requests()) - lent(limit, now);
      free = Math.min(free, left);
      retryAt = left > 0 ? retryAt : Math.max(retryAt, firstBack(limit, now));
      shortest = Math.min(shortest, limit.perMillis());
    }
    if (free <= 0) {
      return new Quota.Grant(0, 0, 0, Math.max(SHORTEST_RETRY, retryAt - now));
    }
    long valid = Math.max(SHORTEST, Math.min(LONGEST, shortest / 4));
    // never the id of an execution before this one, whose holder may give it back to us
    next = Math.max(next + 1, now);
    leases.add(new Quota.Lease(next, (int) free, now, now + valid));
    putTogether(now);
    return new Quota.Grant(next, (int) free, valid, 0);
  }

  /** How long a lease counts in a window after its end. */
  private static long counts(Quota.Limit limit) {
    long per = Math.max(1, limit.perMillis());
    return per + Quota.slackMillis(per);
  }

  private long lent(Quota.Limit limit, long now) {
    return leases.stream()
        .filter(lease -> lease.until() + counts(limit) > now)
        .mapToLong(Quota.Lease::places)
        .sum();
  }

  private long firstBack(Quota.Limit limit, long now) {
    return leases.stream()
        .mapToLong(lease -> lease.until() + counts(limit))
        .filter(at -> at > now)
        .min()
        .orElse(now);
  }

  /** What was not used is free at once, what was used counts from its last use on. */
  private void back(Quota.Back back) {
    for (int i = 0; i < leases.size(); i++) {
      Quota.Lease lease = leases.get(i);
      if (lease.id() == back.id() && back.id() != 0) {
        leases.remove(i);
        if (back.used() > 0) {
          long until = Math.min(lease.until(), lease.from() + Math.max(0, back.lastMillis()));
          int used = Math.min(lease.places(), back.used());
          leases.add(i, new Quota.Lease(0, used, lease.from(), until));
        }
        return;
      }
    }
  }

  private void putTogether(long now) {
    if (leases.size() <= MOST_LEASES) {
      return;
    }
    List<Quota.Lease> over = new ArrayList<>(leases);
    over.removeIf(lease -> lease.id() != 0 && lease.until() + LONGEST > now);
    over.sort(Comparator.comparingLong(Quota.Lease::until));
    leases.removeAll(over);
    for (int i = 0; i + 1 < over.size(); i += 2) {
      Quota.Lease one = over.get(i);
      Quota.Lease other = over.get(i + 1);
      leases.add(
          new Quota.Lease(
              0,
              one.places() + other.places(),
              Math.min(one.from(), other.from()),
              Math.max(one.until(), other.until())));
    }
    if (over.size() % 2 == 1) {
      leases.add(over.get(over.size() - 1));
    }
  }
}
