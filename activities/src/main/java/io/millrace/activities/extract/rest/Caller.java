package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.secret.Secrets;
import io.millrace.run.Wire;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * Gets one answer after the other for one fetch: paces, authenticates, follows redirects, tries
 * again, and says when the wait is too long to be held. Not thread-safe.
 */
final class Caller {
  /** A longer wait is handed back, to be waited out where it holds nothing. */
  static final long LONGEST_WAIT = 30_000;

  /** How servers answer a cursor or a link that has expired, or a page that is not there now. */
  private static final Set<Integer> FORGOTTEN = Set.of(400, 404, 410, 416, 422);

  private static final long SLICE = 1_000;
  private static final int REDIRECTS = 5;

  private final RequestPlan plan;
  private final Shared shared;
  private final Progress progress;
  private final Runnable alive;
  private final OkHttpClient http;
  private final Host host;
  private long requests;
  private String token;

  /** What all fetches of the process share. */
  record Shared(Http http, Tokens tokens, Secrets secrets, Clock clock, Pause pause) {}

  /** What all fetches from one host share. */
  record Host(Pace pace, Semaphore places) {}

  Caller(RequestPlan plan, Shared shared, Host host, Progress progress, Runnable alive) {
    this.plan = plan;
    this.shared = shared;
    this.host = host;
    this.progress = progress;
    this.alive = alive;
    this.http = shared.http().client(plan.client.timeout());
  }

  /** What came of asking for a page. Exactly one of the three groups is there. */
  record Got(
      Http.Answer answer, PageScan scan, boolean ended, long waitMillis, String reason, int tries) {
    static Got page(Http.Answer answer, PageScan scan) {
      return new Got(answer, scan, false, 0, null, 0);
    }

    /** The source has nothing more: 204, 304 or an ignored status. */
    static Got end(Http.Answer answer) {
      return new Got(answer, null, true, 0, null, 0);
    }

    static Got later(long millis, String reason, int tries) {
      return new Got(null, null, false, Math.max(1, millis), reason, tries);
    }
  }

  long requests() {
    return requests;
  }

  /**
   * @param resumed whether a run before left the position, so that the server may have forgotten it
   * @param scan made anew for every try
   */
  Got page(
      Position position,
      Paginator active,
      boolean resumed,
      java.util.function.Supplier<PageScan> scan) {
    Retry.AsyncContext<Http.Answer> retry = retry(position.tries());
    int tries = position.tries();
    boolean renewed = false;
    while (true) {
      long place = host.pace().take(plan.client.rateLimit(), LONGEST_WAIT);
      if (place > LONGEST_WAIT || !pause(place)) {
        return Got.later(place, "the rate limit of " + plan.origin.host(), tries);
      }
      Http.Answer answer = null;
      MillraceException failed = null;
      long wait;
      try {
        answer = send(position, active);
        if (answer.status() == 401 && plan.credentials instanceof Credentials.OAuth && !renewed) {
          renewed = true;
          token = renew(token);
          continue;
        }
        if (Paging.ends(active, position.pages(), answer.status())
            || ignored(answer)
            || answer.status() == 204
            || answer.status() == 304) {
          return Got.end(answer);
        }
        if (answer.status() < 300) {
          Http.Answer utf8 = decoded(answer);
          return Got.page(utf8, read(utf8, position, scan.get()));
        }
        failed = refused(answer, position, resumed);
        wait = again(answer) ? retry.onResult(answer) : -1;
      } catch (MillraceException e) {
        failed = e;
        boolean retried =
            e.failure() == Failure.SOURCE_UNREACHABLE || e.failure() == Failure.RESPONSE_TRUNCATED;
        wait = retried ? retry.onError(e) : -1;
      }
      tries++;
      if (wait < 0) {
        throw failed;
      }
      long asked = answer == null ? 0 : Asked.millis(answer, shared.clock());
      if (asked > 0 && asked <= LONGEST_WAIT) {
        host.pace().hold(asked);
      }
      wait = asked > 0 ? asked : wait;
      String reason = answer == null ? failed.getMessage() : "status " + answer.status();
      if (wait > LONGEST_WAIT || !pause(wait)) {
        return Got.later(wait, plan.origin.host() + ": " + reason, tries);
      }
    }
  }

  private Retry.AsyncContext<Http.Answer> retry(int before) {
    Client.Retry config = plan.client.retry();
    IntervalFunction backoff =
        IntervalFunction.ofExponentialRandomBackoff(
            Math.max(1, config.backoff().initial().toMillis()),
            2.0,
            0.25,
            Math.max(1, config.backoff().max().toMillis()));
    return Retry.of(
            plan.asset,
            RetryConfig.<Http.Answer>custom()
                .maxAttempts(Math.max(1, config.maxAttempts() - before))
                .intervalFunction(attempt -> backoff.apply(attempt + before))
                .retryOnResult(this::again)
                .build())
        .asyncContext();
  }

  /** One exchange with its redirects. */
  private Http.Answer send(Position position, Paginator active) {
    HttpUrl url = plan.url(position.step(), active);
    for (int hop = 0; hop <= REDIRECTS; hop++) {
      boolean home = plan.origin.atHome(url, hop == 0 ? "the next link" : "a redirect");
      if (plan.credentials instanceof Credentials.OAuth && token == null && home) {
        token = renew(null);
      }
      Request request = plan.request(url, position.step(), active, home, token);
      request = position.known() == null || !home ? request : position.known().ask(request);
      Http.Answer answer = exchange(request, plan.client.limits().responseBytes());
      if (answer.status() < 301 || answer.status() > 308 || answer.header("Location") == null) {
        return answer;
      }
      if (answer.status() == 304) {
        return answer;
      }
      url = redirect(url, answer.header("Location"));
    }
    throw new MillraceException(
        Failure.POLICY_REFUSED,
        "Cannot read "
            + plan.asset
            + ": more than "
            + REDIRECTS
            + " redirects: "
            + plan.shown(url));
  }

  private HttpUrl redirect(HttpUrl from, String location) {
    HttpUrl to = from.resolve(location);
    if (to == null) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot follow a redirect of "
              + plan.asset
              + ": it is not an http or https address: "
              + shared.secrets().mask(RequestPlan.cut(location)));
    }
    if (!plan.endpoint.method().equals("GET")) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot follow a redirect of a "
              + plan.endpoint.method()
              + " request of "
              + plan.asset
              + ": "
              + plan.shown(to)
              + " (set the address it leads to)");
    }
    return plan.origin.atHome(to, "a redirect") ? plan.withSecrets(to) : to;
  }

  private Http.Answer exchange(Request request, long limit) {
    take();
    requests++;
    try {
      return shared.http().exchange(http, request, limit, alive);
    } catch (Http.Broken e) {
      throw broken(request.url(), e);
    } catch (MillraceException e) {
      if (e.failure() != Failure.POLICY_REFUSED) {
        throw e;
      }
      throw new MillraceException(
          e.failure(),
          "Cannot read the answer of " + plan.shown(request.url()) + ": " + e.getMessage());
    } finally {
      host.places().release();
    }
  }

  private void take() {
    try {
      while (!host.places().tryAcquire(SLICE, TimeUnit.MILLISECONDS)) {
        alive.run();
      }
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
  }

  private MillraceException broken(HttpUrl url, Http.Broken e) {
    String why = shared.secrets().mask(RequestPlan.cut(e.getMessage()));
    // the cause is left out: its message may hold an address with our parameters
    return e.inBody
        ? new MillraceException(
            Failure.RESPONSE_TRUNCATED,
            "Cannot read the answer of "
                + plan.shown(url)
                + ": it ended too early: "
                + why
                + " (run again; when it stays so, ask for smaller pages)")
        : new MillraceException(
            Failure.SOURCE_UNREACHABLE,
            "Cannot reach "
                + plan.shown(url)
                + ": "
                + why
                + " (check `base_url`, the network and that the server is up)");
  }

  private PageScan read(Http.Answer answer, Position position, PageScan scan) {
    String type = answer.header("Content-Type");
    String where = "page " + (position.pages() + 1) + " of " + plan.shown(answer.url());
    try {
      return scan.read(answer);
    } catch (PageScan.Damaged e) {
      throw e.early
          ? new MillraceException(
              Failure.RESPONSE_TRUNCATED,
              "Cannot read "
                  + where
                  + ": "
                  + shared.secrets().mask(e.getMessage())
                  + " (run again; when it stays so, ask for smaller pages)")
          : new MillraceException(
              Failure.RESPONSE_INVALID,
              "Cannot read "
                  + where
                  + ": "
                  + shared.secrets().mask(e.getMessage())
                  + ": content type "
                  + (type == null ? "unknown" : shared.secrets().mask(RequestPlan.cut(type)))
                  + ", it begins: "
                  + beginning(answer)
                  + " (check `path`, `headers` and `auth`)");
    }
  }

  /** JSON is UTF-8 for those who read it after us. */
  private static Http.Answer decoded(Http.Answer answer) {
    String type = answer.header("Content-Type");
    MediaType media = type == null ? null : MediaType.parse(type);
    Charset charset = media == null ? null : media.charset();
    byte[] body = answer.body();
    if (body.length > 1 && (body[0] & 0xFF) == 0xFE && (body[1] & 0xFF) == 0xFF
        || body.length > 1 && (body[0] & 0xFF) == 0xFF && (body[1] & 0xFF) == 0xFE) {
      charset = StandardCharsets.UTF_16;
    }
    if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
      body = new String(body, charset).getBytes(StandardCharsets.UTF_8);
    }
    if (body.length > 2
        && (body[0] & 0xFF) == 0xEF
        && (body[1] & 0xFF) == 0xBB
        && (body[2] & 0xFF) == 0xBF) {
      body = java.util.Arrays.copyOfRange(body, 3, body.length);
    }
    return body == answer.body()
        ? answer
        : new Http.Answer(answer.url(), answer.status(), answer.headers(), body, answer.bounded());
  }

  private boolean ignored(Http.Answer answer) {
    for (Endpoint.ResponseAction action : plan.endpoint.responseActions()) {
      boolean status = action.statusCode() == null || action.statusCode() == answer.status();
      boolean content =
          action.content() == null
              || new String(answer.body(), StandardCharsets.UTF_8).contains(action.content());
      boolean says = action.statusCode() != null || action.content() != null;
      if (says && status && content) {
        if (!"ignore".equals(action.action())) {
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot do the response action of "
                  + plan.asset
                  + ": it is unknown: "
                  + action.action()
                  + " (`ignore` is known)");
        }
        return true;
      }
    }
    return false;
  }

  /** Whether this status is tried again. A 403 only when it means "later". */
  private boolean again(Http.Answer answer) {
    int status = answer.status();
    if (status < 300) {
      return false;
    }
    for (String wanted : plan.client.retry().statuses()) {
      String text = wanted.strip().toLowerCase(Locale.ROOT);
      if (text.equals(String.valueOf(status)) || text.equals(status / 100 + "xx")) {
        return true;
      }
    }
    return status == 403 && Asked.millis(answer, shared.clock()) > 0;
  }

  private MillraceException refused(Http.Answer answer, Position position, boolean resumed) {
    int status = answer.status();
    String start =
        "Cannot read page " + (position.pages() + 1) + " of " + plan.shown(answer.url()) + ": ";
    String body = answer.body().length == 0 ? "" : ": " + beginning(answer);
    if (status == 429 || status == 403 && again(answer)) {
      return new MillraceException(
          Failure.RATE_LIMITED,
          start
              + "it asks us to slow down again and again: status "
              + status
              + body
              + " (set `rate_limit`, or raise `retry.max_attempts`)");
    }
    if (status >= 500 || again(answer)) {
      return new MillraceException(
          Failure.SOURCE_UNREACHABLE,
          start + "the server fails: status " + status + body + " (try again later)");
    }
    if (resumed && FORGOTTEN.contains(status)) {
      // harmless when it means something else: nothing is removed before a first page came
      return new MillraceException(
          Failure.WINDOW_LOST,
          start
              + "the server does not know the place any more where the run before stopped: status "
              + status
              + body);
    }
    boolean counted = position.pages() > 0 && position.step().number() != null;
    if (counted && FORGOTTEN.contains(status)) {
      return new MillraceException(
          Failure.SOURCE_REFUSED,
          start
              + "the server refuses: status "
              + status
              + body
              + " (when this is how it says that there are no more pages, add `end_status: "
              + status
              + "` to the paginator)");
    }
    String remedy =
        switch (status) {
          case 401 -> "check `auth`: the credentials are missing, wrong or expired";
          case 403 -> "the credentials are not allowed to read this; ask for the permission";
          case 404 -> "check `base_url` and `path`";
          case 405 -> "check `method`";
          default -> "check `path`, `params` and `headers`";
        };
    return new MillraceException(
        Failure.SOURCE_REFUSED,
        start + "the server refuses: status " + status + body + " (" + remedy + ")");
  }

  /** The first 120 characters of a body, on one line and masked. */
  private String beginning(Http.Answer answer) {
    String text =
        new String(answer.body(), 0, Math.min(4096, answer.body().length), StandardCharsets.UTF_8);
    String line = shared.secrets().mask(text).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() > 120 ? line.substring(0, 120) + "…" : line;
  }

  private String renew(String refused) {
    Credentials.OAuth oauth = (Credentials.OAuth) plan.credentials;
    return shared.tokens().token(oauth, refused, () -> fetchToken(oauth), alive);
  }

  private Tokens.Token fetchToken(Credentials.OAuth oauth) {
    Request request = oauth.tokenRequest();
    Http.Answer answer = exchange(request, 1 << 20);
    String start = "Cannot get a token from " + plan.shown(oauth.url) + ": ";
    if (again(answer)) {
      throw new MillraceException(
          Failure.SOURCE_UNREACHABLE, start + "the server fails: status " + answer.status());
    }
    if (answer.status() >= 300) {
      throw new MillraceException(
          Failure.SOURCE_REFUSED,
          start
              + "the server refuses: status "
              + answer.status()
              + ": "
              + beginning(answer)
              + " (check `client_id`, `client_secret` and `access_token_url`)");
    }
    try {
      JsonNode json = Wire.mapper().readTree(answer.body());
      String value = json.path("access_token").asText("");
      if (!value.isEmpty()) {
        shared.secrets().remember(value);
        long seconds = json.path("expires_in").asLong(oauth.defaultSeconds);
        return new Tokens.Token(value, seconds > 0 ? seconds : oauth.defaultSeconds);
      }
    } catch (IOException e) {
      // said below, without the body: it may hold a token
    }
    throw new MillraceException(
        Failure.RESPONSE_INVALID, start + "the answer has no access_token (check the address)");
  }

  /** Sleeps in slices, telling that we are alive; {@code false} when we are to stop instead. */
  private boolean pause(long millis) {
    long left = millis;
    try {
      while (left > 0) {
        alive.run();
        if (progress.draining()) {
          return false;
        }
        long slice = Math.min(left, SLICE);
        shared.pause().millis(slice);
        left -= slice;
      }
      return true;
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
  }
}
