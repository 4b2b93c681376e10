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
    Pace pace = new Pace("x", time);
    List<Client.RateLimit> limits =
        List.of(
            new Client.RateLimit(10, Duration.ofSeconds(1)),
            new Client.RateLimit(100, Duration.ofMinutes(1)));
    List<Long> sent = new ArrayList<>();
    for (int i = 0; i < 350; i++) {
      time.millis(i % 7 == 0 ? 137 : 0);
      send(pace, limits);
      sent.add(time.millis());
    }
    assertSpaced(sent, 10, 1_000);
    assertSpaced(sent, 100, 60_000);
    assertThat(sent.get(9) - sent.get(0)).as("a burst is allowed").isLessThan(1_000);
    assertThat(sent.get(349) - sent.get(0))
        .as("and no more time than it takes")
        .isLessThan(190_000);
  }

  private void send(Pace pace, List<Client.RateLimit> limits) {
    for (long wait = pace.take(limits).millis(); wait > 0; wait = pace.take(limits).millis()) {
      time.millis(wait);
    }
  }

  private static void assertSpaced(List<Long> sent, int requests, long per) {
    for (int i = 0; i + requests < sent.size(); i++) {
      assertThat(sent.get(i + requests) - sent.get(i)).isGreaterThanOrEqualTo(per);
    }
  }

  @Test
  void limitThatOneSourceNamesHoldsForAllThatReadFromTheHost() {
    Pace pace = new Pace("x", time);
    List<Client.RateLimit> strict = List.of(new Client.RateLimit(2, Duration.ofSeconds(10)));
    List<Client.RateLimit> loose = List.of(new Client.RateLimit(100, Duration.ofSeconds(10)));
    send(pace, strict);
    send(pace, loose);
    assertThat(pace.take(loose).millis()).isGreaterThanOrEqualTo(10_000);
  }

  @Test
  void takesNoPlaceThatIsNotThereNow() {
    Pace pace = new Pace("x", time);
    List<Client.RateLimit> limits = List.of(new Client.RateLimit(1, Duration.ofHours(1)));
    assertThat(pace.take(limits).millis()).isZero();
    Pace.Wait wait = pace.take(limits);
    assertThat(wait.millis()).isBetween(3_600_000L, 3_600_250L);
    assertThat(wait.why()).isEqualTo("the rate limit of x");
    time.millis(wait.millis());
    assertThat(pace.take(limits).millis()).isZero();
  }

  @Test
  void holdsForEverybodyWhenTheServerSaidSo() {
    Pace pace = new Pace("x", time);
    pace.hold(500);
    assertThat(pace.take(List.of()).millis()).isEqualTo(500);
    time.millis(500);
    assertThat(pace.take(List.of()).millis()).isZero();
  }

  @Test
  void waitsForTheResetWhenNothingIsLeft() {
    Pace pace = new Pace("x", time);
    pace.learn(new Asked.Limit(100, 0, 40_000));
    assertThat(pace.take(List.of()))
        .isEqualTo(new Pace.Wait(40_000, "x has nothing left until it resets"));
    time.millis(40_000);
    assertThat(pace.take(List.of()).millis()).isZero();
  }

  @Test
  void spreadsWhatIsLeftWhenItIsLittleAndNeverByMoreThanASecond() {
    Pace pace = new Pace("x", time);
    send(pace, List.of());
    pace.learn(new Asked.Limit(100, 5, 2_000));
    assertThat(pace.take(List.of()).millis()).isEqualTo(400);
    pace.learn(new Asked.Limit(100, 5, 3_000_000));
    assertThat(pace.take(List.of()).millis()).isEqualTo(1_000);
    pace.learn(new Asked.Limit(100, 90, 3_000_000));
    assertThat(pace.take(List.of()).millis()).as("there is plenty again").isZero();
  }

  @Test
  void windowOfADayStaysSmall() {
    SlidingWindow window = new SlidingWindow(new Client.RateLimit(1_000_000, Duration.ofDays(1)));
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(window.until(i)).isZero();
      window.count(i);
    }
    assertThat(window.until(1_000_000)).isGreaterThan(85_000_000);
    assertThat(window.buckets()).isLessThan(50);
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
    assertThat(reset(429, "0", "1.5")).isEqualTo(1_500);
    assertThat(reset(429, "0", "30000")).as("no hours: milliseconds").isEqualTo(30_000);
    assertThat(reset(429, "0", "2026-01-01T00:00:45Z")).isEqualTo(45_000);
    assertThat(reset(429, "0", "Thu, 01 Jan 2026 00:00:45 GMT")).isEqualTo(45_000);
    assertThat(reset(429, "0", "Thursday, 01-Jan-26 00:00:45 GMT")).isEqualTo(45_000);
    assertThat(reset(429, "0", "Thu Jan  1 00:00:45 2026")).isEqualTo(45_000);
    for (String nonsense :
        List.of(
            "" + (now - 30), "" + (now + 30 * 86400), "tomorrow", "-5", "0", "", "1e9", "NaN")) {
      assertThat(reset(429, "0", nonsense)).as(nonsense).isEqualTo(Asked.NOTHING);
    }
    assertThat(reset(429, "3", "45")).as("something is left").isEqualTo(Asked.NOTHING);
    assertThat(reset(500, "0", "45")).as("not a limit").isEqualTo(Asked.NOTHING);
  }

  @Test
  void readsWhatIsLeftOfALimitHoweverItIsWritten() {
    Asked.Limit expected = new Asked.Limit(100, 7, 30_000);
    assertThat(
            limit(
                "X-RateLimit-Limit",
                "100",
                "x-ratelimit-remaining",
                "7",
                "X-RateLimit-Reset",
                "30"))
        .isEqualTo(expected);
    assertThat(
            limit(
                "RateLimit-Limit",
                "100, 100;w=60",
                "RateLimit-Remaining",
                "7",
                "RateLimit-Reset",
                "30"))
        .isEqualTo(expected);
    assertThat(limit("X-Rate-Limit-Remaining", "7", "X-Rate-Limit-Reset-After", "0.25"))
        .isEqualTo(new Asked.Limit(0, 7, 250));
    assertThat(limit("RateLimit", "limit=100, remaining=7, reset=30")).isEqualTo(expected);
    assertThat(limit("RateLimit", "\"day\";r=900;t=3000, \"min\";r=7;t=30"))
        .as("the tightest of several")
        .isEqualTo(new Asked.Limit(0, 7, 30_000));
    assertThat(limit("RateLimit-Policy", "\"min\";q=100;w=60")).as("only a policy").isNull();
    assertThat(limit("X-RateLimit-Remaining", "many")).isNull();
    assertThat(limit("X-RateLimit-Remaining", "-1")).isNull();
    assertThat(limit("X-RateLimit-Remaining", "0")).isEqualTo(new Asked.Limit(0, 0, 0));
  }

  @Test
  void cutsWhatIsTooLongAndSaysSo() {
    assertThat(Asked.cut(answer(429, "Retry-After", "1000000000"), time)).isTrue();
    assertThat(Asked.cut(answer(429, "Retry-After", "Fri, 01 Jan 2038 00:00:00 GMT"), time))
        .isTrue();
    assertThat(Asked.cut(answer(429, "Retry-After", "86400"), time)).isFalse();
    long soon = time.instant().getEpochSecond() + 60;
    assertThat(asked(429, "Retry-After", "" + soon)).as("a point in time").isEqualTo(60_000);
    assertThat(asked(429, "retry-after-ms", "250", "Retry-After", "1")).isEqualTo(250);
  }

  private Asked.Limit limit(String... headers) {
    return Asked.limit(answer(200, headers), time);
  }

  private long reset(int status, String remaining, String reset) {
    return asked(status, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset);
  }

  private long asked(int status, String... headers) {
    return Asked.millis(answer(status, headers), time);
  }

  private static Http.Answer answer(int status, String... headers) {
    return new Http.Answer(HttpUrl.get("http://x/"), status, Headers.of(headers), new byte[0]);
  }
}
