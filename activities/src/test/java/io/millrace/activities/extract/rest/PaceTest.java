package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.source.Client;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void noWindowHoldsMoreThanItsRequestsWhereverItBegins() {
    Pace pace = new Pace(time);
    List<Client.RateLimit> limits =
        List.of(
            new Client.RateLimit(10, Duration.ofSeconds(1)),
            new Client.RateLimit(100, Duration.ofMinutes(1)));
    List<Long> sent = new ArrayList<>();
    for (int i = 0; i < 350; i++) {
      time.millis(i % 7 == 0 ? 137 : 0);
      time.millis(pace.take(limits, Long.MAX_VALUE));
      sent.add(time.millis());
    }
    for (int i = 0; i + 10 < sent.size(); i++) {
      assertThat(sent.get(i + 10) - sent.get(i)).isGreaterThanOrEqualTo(1_000);
    }
    for (int i = 0; i + 100 < sent.size(); i++) {
      assertThat(sent.get(i + 100) - sent.get(i)).isGreaterThanOrEqualTo(60_000);
    }
    assertThat(sent.get(9) - sent.get(0)).as("a burst is allowed").isLessThan(1_000);
  }

  @Test
  void takesNoPlaceWhenTheWaitIsTooLong() {
    Pace pace = new Pace(time);
    List<Client.RateLimit> limits = List.of(new Client.RateLimit(1, Duration.ofHours(1)));
    assertThat(pace.take(limits, 1000)).isZero();
    assertThat(pace.take(limits, 1000)).isEqualTo(3_600_000);
    time.millis(3_600_000);
    assertThat(pace.take(limits, 1000)).isZero();
  }

  @Test
  void holdsForEverybodyWhenTheServerSaidSo() {
    Pace pace = new Pace(time);
    pace.hold(500);
    assertThat(pace.take(List.of(), 1000)).isEqualTo(500);
    time.millis(500);
    assertThat(pace.take(List.of(), 1000)).isZero();
  }

  @Test
  void judgesRetryAfter() {
    assertThat(asked(429, "Retry-After", "5")).isEqualTo(5_000);
    assertThat(asked(429, "Retry-After", "1.5")).isEqualTo(1_500);
    assertThat(asked(503, "Retry-After", "Thu, 01 Jan 2026 00:01:00 GMT")).isEqualTo(60_000);
    assertThat(asked(429, "Retry-After", "1000000000")).as("cut to a day").isEqualTo(86_400_000);
    for (String nonsense : List.of("0", "-5", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT")) {
      assertThat(asked(429, "Retry-After", nonsense)).as(nonsense).isLessThanOrEqualTo(0);
    }
    assertThat(
            asked(
                429,
                "Retry-After",
                "Fri, 02 Jan 2026 00:00:10 GMT",
                "Date",
                "Fri, 02 Jan 2026 00:00:00 GMT"))
        .as("by the server's own clock")
        .isEqualTo(10_000);
  }

  @Test
  void believesAResetOnlyWhenItIsPlausible() {
    long now = time.instant().getEpochSecond();
    assertThat(reset(429, "0", "" + (now + 30))).isEqualTo(30_000);
    assertThat(reset(403, "0", "" + (now + 30) * 1000)).isEqualTo(30_000);
    assertThat(reset(429, "0", "45")).isEqualTo(45_000);
    assertThat(reset(429, "3", "45")).as("something is left").isZero();
    assertThat(reset(500, "0", "45")).as("not a limit").isZero();
    assertThat(reset(429, "0", "" + (now - 30))).as("in the past").isZero();
    assertThat(reset(429, "0", "" + (now + 30 * 86400))).as("in a month").isZero();
    assertThat(reset(429, "0", "tomorrow")).isZero();
  }

  private long reset(int status, String remaining, String reset) {
    return asked(status, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset);
  }

  private long asked(int status, String... headers) {
    Http.Answer answer =
        new Http.Answer(HttpUrl.get("http://x/"), status, Headers.of(headers), new byte[0]);
    return Asked.millis(answer, time);
  }
}
