package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Quota;
import io.millrace.source.Client;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class BorrowedTest {
  private static final List<Client.RateLimit> LIMITS =
      List.of(new Client.RateLimit(100, Duration.ofMinutes(1)));

  private final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));
  private final Deque<Quota.Grant> grants = new ArrayDeque<>();
  private final List<Quota.Request> asked = new ArrayList<>();
  private long answersAfter;
  private final Pace pace = new Pace("x", time, new Borrowed(this::lease, "shop", "x:443", time));

  private Quota.Grant lease(String project, String host, Quota.Request request) {
    assertThat(project + " " + host).isEqualTo("shop x:443");
    asked.add(request);
    time.millis(answersAfter);
    if (grants.isEmpty()) {
      throw new MillraceException(Failure.TEMPORAL_UNREACHABLE, "Cannot reach Temporal: down");
    }
    return grants.remove();
  }

  @Test
  void asksInBulkAndTellsWhatBecameOfTheLeaseBefore() {
    grants.add(new Quota.Grant(7, 3, 10_000, 0));
    grants.add(new Quota.Grant(0, 0, 0, 5_000));
    for (int i = 0; i < 3; i++) {
      assertThat(pace.take(LIMITS).millis()).isZero();
      time.millis(100);
    }
    Pace.Wait wait = pace.take(LIMITS);
    assertThat(wait)
        .isEqualTo(new Pace.Wait(5_000, "the rate limit of x:443, which all workers share"));
    assertThat(asked)
        .containsExactly(
            new Quota.Request(List.of(new Quota.Limit(100, 60_000)), 20, null, 0),
            new Quota.Request(
                List.of(new Quota.Limit(100, 60_000)), 20, new Quota.Back(7, 3, 200), 0));
    assertThat(pace.take(LIMITS).millis()).as("it does not ask before its time").isEqualTo(5_000);
    assertThat(asked).hasSize(2);
  }

  @Test
  void usesNoPlaceAfterItsTimeWhichBeganBeforeItWasAskedFor() {
    answersAfter = 9_000;
    grants.add(new Quota.Grant(1, 3, 10_000, 0));
    grants.add(new Quota.Grant(2, 3, 5_000, 0));
    assertThat(pace.take(LIMITS).millis()).isZero();
    time.millis(2_000);
    assertThat(pace.take(LIMITS).millis()).as("the second came too late").isPositive();
    assertThat(asked.get(1).back()).isEqualTo(new Quota.Back(1, 1, 9_000));
  }

  @Test
  void givesBackWhatItDoesNotNeedAndSaysWhenTheHostWantsRest() {
    grants.add(new Quota.Grant(1, 20, 10_000, 0));
    grants.add(new Quota.Grant(0, 0, 0, 0));
    pace.take(LIMITS);
    pace.hold(3_000);
    pace.rest();
    assertThat(asked.get(1))
        .isEqualTo(
            new Quota.Request(
                List.of(new Quota.Limit(100, 60_000)), 0, new Quota.Back(1, 1, 0), 3_000));
    pace.rest();
    assertThat(asked).as("nothing is left to give back").hasSize(2);
  }

  @Test
  void wokenItTellsTheOthersToo() {
    grants.add(new Quota.Grant(0, 0, 0, 3_600_000));
    grants.add(new Quota.Grant(1, 20, 10_000, 0));
    assertThat(pace.take(LIMITS).millis()).isEqualTo(3_600_000);
    pace.wake();
    assertThat(pace.take(LIMITS).millis()).isZero();
    assertThat(asked.get(1).holdMillis()).isNegative();
  }

  @Test
  void sendsNothingWhileNobodyAnswersAndFailsInTheEnd() {
    long began = time.millis();
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                Pace.Wait wait = pace.take(LIMITS);
                assertThat(wait.millis()).isBetween(1L, 10_000L);
                time.millis(wait.millis());
              }
            })
        .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.TEMPORAL_UNREACHABLE))
        .withMessageContaining("Cannot ask for a place in the rate limit of x:443");
    assertThat(time.millis() - began).isBetween(120_000L, 140_000L);
    assertThat(asked).hasSizeLessThan(20);
    grants.add(new Quota.Grant(1, 20, 10_000, 0));
    time.millis(10_000);
    assertThat(pace.take(LIMITS).millis()).as("and goes on when somebody does").isZero();
  }
}
