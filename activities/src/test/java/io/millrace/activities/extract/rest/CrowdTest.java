package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrowdTest {
  @Test
  void aFetchHasThePlacesThatItsClientSaysNotThoseOfTheFirstOne() {
    Crowd crowd = new Crowd("h", new FakeTime(Instant.EPOCH), null);
    Caller.Host one = crowd.host(2, Map.of());
    Caller.Host more = crowd.host(5, Map.of());
    Caller.Host again = crowd.host(2, Map.of());
    assertThat(one.places().availablePermits()).isEqualTo(2);
    assertThat(more.places().availablePermits()).isEqualTo(5);
    assertThat(again.places()).as("clients that say the same share them").isSameAs(one.places());
    assertThat(more.pace()).as("the pace is the host's").isSameAs(one.pace());
    assertThat(more.circuit()).isSameAs(one.circuit());
  }
}
