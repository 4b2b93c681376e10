package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The access tokens of this process: one per grant, fetched by one thread while the others wait for
 * it; they share its failure as well. Thread-safe.
 */
final class Tokens {
  /** A server that promises more is not believed. */
  private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

  private final Clock clock;
  private final Map<List<Object>, Slot> slots = new ConcurrentHashMap<>();

  Tokens(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param value never printed
   * @param seconds that it is good for
   * @param refresh the refresh token to use next; {@code null} when the server gave none
   */
  record Token(String value, long seconds, String refresh) {
    @Override
    public String toString() {
      return "Token";
    }
  }

  /**
   * A token that is good for some time still.
   *
   * @param refused a token that the server did not take; {@code null} for none
   * @param fetch gets the refresh token that the server gave last, or {@code null}
   * @param alive called each second while another thread fetches
   */
  String token(Grant grant, String refused, Function<String, Token> fetch, Runnable alive) {
    Slot slot = slots.computeIfAbsent(grant.key, k -> new Slot());
    long round = slot.round;
    slot.lock(alive);
    try {
      if (slot.usable(refused, clock.instant())) {
        return slot.token;
      }
      if (slot.round != round && slot.failure != null) {
        throw new MillraceException(slot.failure.failure(), slot.failure.getMessage());
      }
      return slot.fetch(fetch, clock.instant());
    } finally {
      slot.lock.unlock();
    }
  }

  /** How many threads wait for a token of this grant; an estimate. */
  int waiting(Grant grant) {
    Slot slot = slots.get(grant.key);
    return slot == null ? 0 : slot.lock.getQueueLength();
  }

  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();
    volatile long round;
    String token;
    String refresh;
    Instant renewAt = Instant.MIN;
    MillraceException failure;

    boolean usable(String refused, Instant now) {
      return token != null && !token.equals(refused) && now.isBefore(renewAt);
    }

    String fetch(Function<String, Token> fetch, Instant asked) {
      failure = null;
      try {
        Token fetched = fetch.apply(refresh);
        long seconds = Math.min(fetched.seconds(), LONGEST_SECONDS);
        token = fetched.value();
        refresh = fetched.refresh() == null ? refresh : fetched.refresh();
        // renewed a little early: the server's clock and the way there take their time
        renewAt = asked.plusSeconds(seconds).minusMillis(Math.min(30_000, seconds * 200));
        return token;
      } catch (MillraceException e) {
        // that one fetch was stopped says nothing to the others
        failure = e.failure() == Failure.CANCELLED ? null : e;
        throw e;
      } finally {
        round = round + 1;
      }
    }

    void lock(Runnable alive) {
      try {
        while (!lock.tryLock(1, TimeUnit.SECONDS)) {
          alive.run();
        }
      } catch (InterruptedException e) {
        throw Http.interrupted(e);
      }
    }
  }
}
