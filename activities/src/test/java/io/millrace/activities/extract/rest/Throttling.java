package io.millrace.activities.extract.rest;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * What a host does that refuses three of ten requests, by dice; it remembers what it saw. It may be
 * a real server, or one in virtual time.
 */
final class Throttling {
  private static final String SENT = "X-Sent";
  private static final String NUMBER = "X-Number";

  private final int pages;
  private final long latency;
  private final Form[] forms;
  private final Random random = new Random(7);
  private final List<Seen> seen = new ArrayList<>();
  private final Map<Integer, Long> received = new HashMap<>();

  /** How it says when to come again. */
  enum Form {
    SECONDS(1_000, now -> Headers.of("Retry-After", "1")),
    MILLIS(200, now -> Headers.of("Retry-After-Ms", "200", "Retry-After", "1")),
    DATE(2_000, now -> Headers.of("Date", date(now), "Retry-After", date(now.plusSeconds(2)))),
    SLOW_CLOCK(1_000, now -> dates(now.minus(Duration.ofDays(3)))),
    FAST_CLOCK(1_000, now -> dates(now.plus(Duration.ofDays(400)))),
    RESET_SECONDS(1_000, now -> reset("1")),
    RESET_EPOCH(1_000, now -> reset(String.valueOf(now.plusMillis(1_999).getEpochSecond()))),
    RESET_MILLIS(900, now -> reset(String.valueOf(now.plusMillis(900).toEpochMilli()))),
    RESET_PAST(0, now -> reset(String.valueOf(now.minusSeconds(30).getEpochSecond()))),
    MISSING(0, now -> Headers.of()),
    ZERO(0, now -> Headers.of("Retry-After", "0")),
    NEGATIVE(0, now -> Headers.of("Retry-After", "-5")),
    NONSENSE(0, now -> Headers.of("Retry-After", "soon")),
    /** Cut to a day. */
    DECADES(86_400_000, now -> Headers.of("Retry-After", "1000000000"));

    private final long asked;
    private final Function<Instant, Headers> headers;

    Form(long asked, Function<Instant, Headers> headers) {
      this.asked = asked;
      this.headers = headers;
    }

    private static Headers dates(Instant now) {
      return Headers.of("Date", date(now), "Retry-After", date(now.plusSeconds(1)));
    }

    private static String date(Instant at) {
      return DateTimeFormatter.RFC_1123_DATE_TIME.format(at.atOffset(ZoneOffset.UTC));
    }

    private static Headers reset(String at) {
      return Headers.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", at);
    }
  }

  /**
   * A request.
   *
   * @param number counted from 0
   * @param sent when the client let it go
   * @param answered when its answer was sent, at the earliest
   * @param form of the refusal; {@code null} when the page was given
   * @param asked milliseconds for which nothing may be sent from the answer on
   */
  record Seen(int number, int page, long sent, long came, long answered, Form form, long asked) {}

  Throttling(int pages, long latency, Form... forms) {
    this.pages = pages;
    this.latency = latency;
    this.forms = forms;
  }

  /** The same from the beginning, with the same dice. */
  Throttling again() {
    return new Throttling(pages, latency, forms);
  }

  int pages() {
    return pages;
  }

  synchronized List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** What becomes of the next request. */
  synchronized Seen request(int page, long sent, long now) {
    long answered = now + random.nextLong(latency / 2, latency * 3 / 2);
    Form form = forms[random.nextInt(forms.length)];
    boolean refused = random.nextInt(10) < 3;
    int number = seen.size();
    long asked = refused ? form.asked : 0;
    seen.add(new Seen(number, page, sent, now, answered, refused ? form : null, asked));
    return seen.get(number);
  }

  /** When the client had the answer to a request; never when it hung up before. */
  synchronized long received(Seen request) {
    return received.getOrDefault(request.number(), Long.MAX_VALUE / 2);
  }

  private synchronized void received(int number, long now) {
    received.put(number, now);
  }

  private static int page(HttpUrl url) {
    return Integer.parseInt(url.queryParameter("page"));
  }

  private String body(int page) {
    return "{\"data\":[{\"id\":%d}],\"pages\":%d}".formatted(page, pages);
  }

  /** The host without sockets: nothing takes time but what it says takes time. */
  Http in(VirtualTime time) {
    return new Http() {
      @Override
      Answer exchange(OkHttpClient client, Request asked, Decoding.Limit limit, Runnable alive) {
        Seen request = request(page(asked.url()), time.millis(), time.millis());
        try {
          time.millis(request.answered() - request.came());
        } catch (InterruptedException e) {
          throw Http.interrupted(e);
        }
        received(request.number(), time.millis());
        if (request.form() != null) {
          Headers headers = request.form().headers.apply(time.instant());
          return new Answer(asked.url(), 429, headers, new byte[0]);
        }
        byte[] body = body(request.page()).getBytes(StandardCharsets.UTF_8);
        Headers headers = Headers.of("Content-Type", "application/json");
        return new Answer(asked.url(), 200, headers, body);
      }
    };
  }

  /** The client of a real server, which tells when it sends and when it has received. */
  Http telling() {
    return new Http() {
      @Override
      Answer exchange(OkHttpClient client, Request asked, Decoding.Limit limit, Runnable alive)
          throws Broken {
        String now = String.valueOf(System.currentTimeMillis());
        Request request = asked.newBuilder().header(SENT, now).build();
        Answer answer = super.exchange(client, request, limit, alive);
        if (answer.header(NUMBER) != null) {
          received(Integer.parseInt(answer.header(NUMBER)), System.currentTimeMillis());
        }
        return answer;
      }
    };
  }

  /** The host as a real server. */
  Dispatcher dispatcher() {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest asked) {
        Clock clock = Clock.systemUTC();
        long sent = Long.parseLong(asked.getHeaders().get(SENT));
        Seen request = request(page(asked.getUrl()), sent, clock.millis());
        MockResponse.Builder answer = new MockResponse.Builder();
        if (request.form() == null) {
          answer.body(body(request.page()));
        } else {
          answer.code(429).addHeader(NUMBER, request.number());
          Headers headers = request.form().headers.apply(clock.instant());
          headers.forEach(h -> answer.addHeader(h.getFirst(), h.getSecond()));
        }
        return answer
            .headersDelay(request.answered() - request.came(), TimeUnit.MILLISECONDS)
            .build();
      }
    };
  }
}
