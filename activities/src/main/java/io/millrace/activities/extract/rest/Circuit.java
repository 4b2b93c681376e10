package io.millrace.activities.extract.rest;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Leaves a host alone that does not answer or only fails: closed as long as it answers, open for a
 * while when it does not, then a few requests try it. Every request that was let through must be
 * told about. Thread-safe.
 */
final class Circuit {
  private static final int ANSWERS = 20;
  private static final int FEWEST = 10;
  private static final float FAILING_PERCENT = 80;
  private static final int PROBES = 2;
  private static final long FIRST_WAIT = 31_000; // longer than a wait that an activity holds
  private static final long LONGEST_WAIT = 300_000;

  private final String host;
  private final Clock clock;
  private final CircuitBreaker breaker;
  private volatile long openUntil;
  private volatile String last = "";

  Circuit(String host, Clock clock) {
    this.host = host;
    this.clock = clock;
    IntervalFunction backoff = IntervalFunction.ofExponentialBackoff(FIRST_WAIT, 2.0, LONGEST_WAIT);
    this.breaker =
        CircuitBreaker.of(
            host,
            CircuitBreakerConfig.custom()
                .clock(clock)
                .currentTimestampFunction(Clock::millis, TimeUnit.MILLISECONDS)
                .slidingWindow(ANSWERS, FEWEST, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(FAILING_PERCENT)
                .permittedNumberOfCallsInHalfOpenState(PROBES)
                // whoever tried it may have died
                .maxWaitDurationInHalfOpenState(Duration.ofMillis(LONGEST_WAIT))
                .waitIntervalFunctionInOpenState(
                    attempt -> {
                      long wait = backoff.apply(attempt);
                      openUntil = clock.millis() + wait;
                      return wait;
                    })
                .recordResult(Boolean.FALSE::equals)
                .build());
  }

  /** Milliseconds until it is worth asking again; 0 when a request may be sent. */
  long take() {
    if (breaker.tryAcquirePermission()) {
      return 0;
    }
    // open, or others are trying it right now
    return Math.max(FIRST_WAIT, openUntil - clock.millis() + 1);
  }

  /** Lets a few requests try the host before the time. */
  void wake() {
    if (breaker.getState() == CircuitBreaker.State.OPEN) {
      breaker.transitionToHalfOpenState();
    }
  }

  void well() {
    breaker.onResult(0, TimeUnit.MILLISECONDS, Boolean.TRUE);
  }

  /**
   * @param what went wrong, for a person
   */
  void badly(String what) {
    last = what;
    breaker.onResult(0, TimeUnit.MILLISECONDS, Boolean.FALSE);
  }

  /** The request was not sent, or its answer says nothing about the host's health. */
  void neither() {
    breaker.releasePermission();
  }

  String why() {
    return "the circuit of " + host + " is open, because nearly all of its answers fail: " + last;
  }
}
