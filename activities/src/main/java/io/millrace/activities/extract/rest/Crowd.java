package io.millrace.activities.extract.rest;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All fetches of the process from one host: they share its pace, and the places of those clients
 * that allow as many requests at the same time as theirs. Thread-safe.
 */
final class Crowd {
  private final Pace pace;
  private final Retries retries;
  private final Circuit circuit;
  private final Map<Integer, Semaphore> places = new ConcurrentHashMap<>();
  private final AtomicInteger fetches = new AtomicInteger();

  /**
   * @param borrowed {@code null} where the limits are not shared with other processes
   */
  Crowd(String host, Clock clock, Borrowed borrowed) {
    this.pace = new Pace(host, clock, borrowed);
    this.retries = new Retries(clock);
    this.circuit = new Circuit(host, clock);
  }

  /** The host has been waited for, so it is asked again. */
  void wake() {
    pace.wake();
    circuit.wake();
  }

  /** A fetch begins; {@link #left} when it has ended, whatever came of it. */
  void joined() {
    fetches.incrementAndGet();
  }

  /** The last one gives back what it borrowed. */
  void left() {
    if (fetches.decrementAndGet() == 0) {
      pace.rest();
    }
  }

  /**
   * The host as one fetch sees it.
   *
   * @param concurrency of its client, which may have changed since the fetch before
   * @param notes takes what the fetch has to tell
   */
  Caller.Host host(int concurrency, Map<String, Long> notes) {
    Semaphore own =
        places.computeIfAbsent(Math.max(1, concurrency), most -> new Semaphore(most, true));
    return new Caller.Host(pace, own, retries, circuit, notes);
  }
}
