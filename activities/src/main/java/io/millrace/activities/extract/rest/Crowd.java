package io.millrace.activities.extract.rest;

import java.time.Clock;

/** All fetches of the process from one host, and what they share. Thread-safe. */
final class Crowd {
  final Pace pace;
  final Places places = new Places();
  final Retries retries;
  final Circuit circuit;
  private int fetches;

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

  /**
   * A fetch begins; {@link #left} when it has ended, whatever came of it.
   *
   * @param concurrency of its client
   */
  void joined(int concurrency) {
    places.join(concurrency);
    synchronized (this) {
      fetches++;
    }
  }

  /** The last one gives back what it borrowed. */
  void left(int concurrency) {
    places.leave(concurrency);
    synchronized (this) {
      fetches--;
      if (fetches > 0) {
        return;
      }
    }
    pace.rest();
  }
}
