package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.extract.rest.Throttling.Form;
import io.millrace.activities.extract.rest.Throttling.Seen;
import io.millrace.activities.secret.EnvSecrets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * 2,000 requests of which 30 % are answered 429.
 *
 * <p><b>The ideal</b> is a client that knows everything, simulated with the same number of requests
 * at the same time, the same windows of {@code rate_limit}, the same dice for refusals and
 * latencies: it always has a page to ask for, loses no time of its own, and sends nothing before
 * the time that an answer it has received asks for. Where an answer asks for nothing it goes on at
 * once, without any back-off. What a header asks for concerns the host, because that is what 429
 * means.
 *
 * <p><b>Before its time</b> is a request that comes to the host after it answered 429 and before
 * what that answer asked for is over. Requests that were in flight are exempt: those that were sent
 * before the client had received the answer, if it did not hang up. In virtual time answers are
 * received in the moment in which they are sent. With a real server the client tells when it sent
 * and received, and a thread may be {@link #HELD_UP} between having the answer and telling the
 * others. The page that was refused is never exempt.
 */
@Timeout(900)
class ThrottledTest {
  private static final Logger LOG = LoggerFactory.getLogger(ThrottledTest.class);
  private static final int PAGES = 1_400;
  private static final long HELD_UP = 50;
  private static final Form[] SHORT =
      EnumSet.complementOf(EnumSet.of(Form.DECADES)).toArray(Form[]::new);

  @TempDir Path folder;
  private final VirtualTime time = new VirtualTime(Instant.parse("2026-01-01T00:00:00.700Z"));

  @Test
  void secondsOfTheHostCostNoMoreThanTheyMust() throws Exception {
    assertNearTheIdeal(4, 0, 100, Form.SECONDS);
  }

  @Test
  void nothingIsBeforeItsTimeHoweverTheHostSaysIt() throws Exception {
    assertNearTheIdeal(1, 0, 20, SHORT);
    assertNearTheIdeal(4, 0, 100, SHORT);
    assertNearTheIdeal(16, 0, 400, SHORT);
  }

  @Test
  void aRateLimitOfOursHoldsMeanwhile() throws Exception {
    List<Seen> seen = assertNearTheIdeal(8, 20, 100, SHORT);
    for (int i = 0; i + 20 < seen.size(); i++) {
      assertThat(seen.get(i + 20).came() - seen.get(i).came()).isGreaterThanOrEqualTo(1_000);
    }
  }

  @Test
  void aWaitOfDecadesIsCutToADayInWhichNothingIsSent() throws Exception {
    Throttling host = new Throttling(10, 100, Form.DECADES);
    assertThat(inVirtualTime(host, 4, 0)).isEqualTo(10);
    assertThat(host.seen()).anyMatch(seen -> seen.asked() == 86_400_000);
    assertInTime(host, 0);
  }

  /** In full size with {@code -Dtest.argLine=-Dmillrace.storm=full}: some six minutes. */
  @Test
  void aRealServerSeesNothingBeforeItsTime() throws Exception {
    boolean full = "full".equals(System.getProperty("millrace.storm"));
    Throttling host =
        full
            ? new Throttling(PAGES, 20, Form.SECONDS)
            : new Throttling(40, 4, Form.MILLIS, Form.ZERO);
    try (MockWebServer server = new MockWebServer()) {
      server.setDispatcher(host.dispatcher());
      server.start();
      EnvSecrets secrets = new EnvSecrets(Map.of(), folder);
      RestExtractor extractor =
          new RestExtractor(host.telling(), secrets, Clock.systemUTC(), Pause.SLEEP, null);
      YamlSource source = source(extractor, server.url("/").toString(), 4, 0);
      long began = System.nanoTime();
      assertThat(source.bodies(Pause.SLEEP)).hasSize(host.pages());
      long took = (System.nanoTime() - began) / 1_000_000;
      if (full) {
        assertNearTheIdeal(host, took, 4, 0);
      }
    }
    assertInTime(host, HELD_UP);
  }

  private List<Seen> assertNearTheIdeal(int places, int perSecond, long latency, Form... forms)
      throws Exception {
    Throttling host = new Throttling(PAGES, latency, forms);
    long began = time.millis();
    assertThat(inVirtualTime(host, places, perSecond)).isEqualTo(PAGES);
    assertNearTheIdeal(host, time.millis() - began, places, perSecond);
    assertInTime(host, 0);
    return host.seen();
  }

  private static void assertNearTheIdeal(Throttling host, long took, int places, int perSecond) {
    long ideal = ideal(host.again(), places, perSecond);
    LOG.debug("{} ms, ideal {} ms, {} requests", took, ideal, host.seen().size());
    assertThat(host.seen().size()).as("requests").isBetween(1_900, 2_100);
    assertThat(took)
        .as("%d at the same time, at most %d a second, ideal %d", places, perSecond, ideal)
        .isBetween(ideal * 9 / 10, ideal * 12 / 10);
  }

  private int inVirtualTime(Throttling host, int places, int perSecond) throws Exception {
    EnvSecrets secrets = new EnvSecrets(Map.of(), folder);
    RestExtractor extractor = new RestExtractor(host.in(time), secrets, time, time, null);
    YamlSource source = source(extractor, "http://x/", places, perSecond);
    return time.run(() -> source.bodies(time).size());
  }

  private YamlSource source(RestExtractor extractor, String base, int places, int perSecond) {
    String rate = perSecond == 0 ? "[]" : "{requests: " + perSecond + ", per: 1s}";
    String client = "concurrency: %d\nretry: {backoff: {initial: 100ms}}\nrate_limit: %s";
    String paginator = "paginator: {type: page_number, total_path: pages}";
    return YamlSource.of(folder, extractor, base, client.formatted(places, rate), paginator);
  }

  private static void assertInTime(Throttling host, long heldUp) {
    List<Seen> seen = host.seen();
    for (Seen refused : seen) {
      long received = host.received(refused);
      for (Seen later : seen.subList(refused.number() + 1, seen.size())) {
        boolean same = later.page() == refused.page() && later.sent() >= received;
        if (same || later.sent() > received + heldUp) {
          assertThat(later.came())
              .as("%s after %s, received at %d", later, refused, received)
              .isGreaterThanOrEqualTo(refused.answered() + refused.asked());
        }
      }
    }
  }

  /** Milliseconds that the ideal client needs for all pages. */
  private static long ideal(Throttling host, int places, int perSecond) {
    PriorityQueue<Seen> flying = new PriorityQueue<>(Comparator.comparingLong(Seen::answered));
    Deque<Long> window = new ArrayDeque<>();
    long now = 0;
    long hold = 0;
    int pages = 0;
    while (pages < host.pages()) {
      boolean full = perSecond > 0 && window.size() == perSecond;
      long free = Math.max(hold, full ? window.peekFirst() + 1_000 : 0);
      boolean room = flying.size() < places && pages + flying.size() < host.pages();
      if (room && (flying.isEmpty() || free <= flying.peek().answered())) {
        now = Math.max(now, free);
        if (full) {
          window.removeFirst();
        }
        window.addLast(now);
        flying.add(host.request(pages, now, now));
      } else {
        Seen answer = flying.remove();
        now = answer.answered();
        hold = Math.max(hold, now + answer.asked());
        pages += answer.form() == null ? 1 : 0;
      }
    }
    return now;
  }
}
