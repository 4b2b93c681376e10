package io.millrace.activities.extract.rest;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The access tokens of this process: one per set of client credentials, fetched by one thread while
 * the others wait for it. Thread-safe.
 */
final class Tokens {
  private final Clock clock;
  private final Map<Map<String, String>, Slot> slots = new ConcurrentHashMap<>();

  Tokens(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param value never printed
   * @param seconds that it is good for
   */
  record Token(String value, long seconds) {
    @Override
    public String toString() {
      return "Token";
    }
  }

  /**
   * A token that is good for some time still.
   *
   * @param refused a token that the server did not take; {@code null} for none
   * @param alive called each second while another thread fetches
   */
  String token(
      Credentials.OAuth credentials, String refused, Supplier<Token> fetch, Runnable alive) {
    Slot slot = slots.computeIfAbsent(Map.copyOf(key(credentials)), k -> new Slot());
    slot.lock(alive);
    try {
      boolean usable =
          slot.token != null
              && !slot.token.equals(refused)
              && clock.instant().isBefore(slot.renewAt);
      if (!usable) {
        Instant asked = clock.instant();
        Token token = fetch.get();
        slot.token = token.value();
        // renewed a little early: the server's clock and the way there take their time
        long early = Math.min(30_000, token.seconds() * 200);
        slot.renewAt = asked.plus(Duration.ofSeconds(token.seconds())).minusMillis(early);
      }
      return slot.token;
    } finally {
      slot.lock.unlock();
    }
  }

  private static Map<String, String> key(Credentials.OAuth credentials) {
    Map<String, String> key = new java.util.HashMap<>(credentials.form);
    key.put("access_token_url", credentials.url.toString());
    return key;
  }

  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();
    String token;
    Instant renewAt = Instant.MIN;

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
