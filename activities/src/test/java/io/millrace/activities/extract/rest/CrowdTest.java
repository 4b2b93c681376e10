package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class CrowdTest {
  private final Places places = new Crowd("h", new FakeTime(Instant.EPOCH), null).places;

  @Test
  void theSmallestNumberOfThoseWhoReadNowHoldsForTheHost() {
    places.join(5);
    assertThat(places.availablePermits()).isEqualTo(5);
    places.join(2);
    places.join(2);
    places.join(7);
    assertThat(places.availablePermits()).as("they do not add up").isEqualTo(2);
    places.leave(2);
    assertThat(places.availablePermits()).as("another one says 2").isEqualTo(2);
    places.leave(2);
    assertThat(places.availablePermits()).isEqualTo(5);
    places.leave(5);
    assertThat(places.availablePermits()).isEqualTo(7);
    places.leave(7);
    assertThat(places.availablePermits()).isZero();
  }

  @Test
  void aStricterClientWaitsUntilThoseWhoAreThereHaveFinished() {
    places.join(3);
    assertThat(places.tryAcquire(3)).isTrue();
    places.join(1);
    places.release();
    places.release();
    assertThat(places.tryAcquire()).as("one is still under way").isFalse();
    places.release();
    assertThat(places.tryAcquire()).isTrue();
  }
}
