package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.resilience4j.core.IntervalFunction;
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
import java.util.Map;
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

  /** How often a server may say "later", for each try of a request that fails. */
  private static final int LATER = 4;

  /** How long {@code action: wait} waits when neither it nor the server says. */
  private static final long USUAL_WAIT = 60_000;

  /** The first wait when the server says that there is none. */
  private static final long AT_ONCE = 50;

  private static final int MOST_DOUBLINGS = 30;
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

  /**
   * What all fetches from one host share, and what this one has to tell.
   *
   * @param notes what a person should know of this fetch, by kind
   */
  record Host(
      Pace pace, Semaphore places, Retries retries, Circuit circuit, Map<String, Long> notes) {}

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
    int tries = position.tries();
    boolean renewed = false;
    while (true) {
      Turn turn = turn(position, active);
      MillraceException failed = turn.failed();
      boolean later = false;
      if (turn.far() != null) {
        return far(position, turn.far(), tries);
      }
      Http.Answer answer = turn.answer();
      Endpoint.ResponseAction action = null;
      if (answer != null) {
        host.pace().learn(Asked.limit(answer, shared.clock()));
        if (answer.status() == 401 && plan.credentials instanceof Credentials.OAuth && !renewed) {
          renewed = true;
          host.circuit().neither();
          token = renew(token);
          continue;
        }
        action = action(answer);
        if (action == null && answer.status() < 300 && answer.status() != 204) {
          try {
            Http.Answer utf8 = decoded(answer);
            PageScan read = read(utf8, position, scan.get());
            well();
            return Got.page(utf8, read);
          } catch (MillraceException e) {
            failed = e;
          }
        } else if (ends(action, answer)) {
          well();
          return Got.end(answer);
        } else {
          failed = action == null ? refused(answer, position, resumed) : chosen(action, answer);
          later = failed.failure() == Failure.RATE_LIMITED;
        }
      }
      tell(failed, answer);
      if (!again(failed, answer, action) || ++tries >= tries(later)) {
        throw failed;
      }
      long wait = wait(answer, action, tries);
      String reason = reason(failed, answer);
      if (wait <= LONGEST_WAIT && !host.retries().spend()) {
        wait = LONGEST_WAIT + 1;
        reason = "so many requests fail that repeating them must wait: " + reason;
      }
      if (wait > LONGEST_WAIT || !pause(wait)) {
        return Got.later(wait, plan.origin.host() + ": " + reason, tries);
      }
    }
  }

  /**
   * What came of a turn. Exactly one of the three is there.
   *
   * @param far the turn is too far away to be waited for here; nothing was sent
   */
  private record Turn(Http.Answer answer, MillraceException failed, Pace.Wait far) {}

  /** Waits for a turn and sends. The place among those at the same time is held only meanwhile. */
  private Turn turn(Position position, Paginator active) {
    take();
    try {
      long open = host.circuit().take();
      if (open > 0) {
        return new Turn(null, null, new Pace.Wait(open, null));
      }
      while (true) {
        Pace.Wait place = host.pace().take(plan.client.rateLimit());
        if (place.millis() == 0) {
          break;
        }
        if (place.millis() > LONGEST_WAIT || !pause(place.millis())) {
          host.circuit().neither();
          return new Turn(null, null, place);
        }
      }
      return new Turn(send(position, active), null, null);
    } catch (MillraceException e) {
      return new Turn(null, e, null);
    } catch (RuntimeException e) {
      host.circuit().neither();
      throw e; // we are to stop
    } finally {
      host.places().release();
    }
  }

  /** An open circuit counts as a try, so that a host that stays away is told of in the end. */
  private Got far(Position position, Pace.Wait wait, int tries) {
    if (wait.why() != null) {
      return Got.later(wait.millis(), wait.why(), tries);
    }
    if (tries + 1 >= tries(false)) {
      throw new MillraceException(
          Failure.SOURCE_UNREACHABLE,
          "Cannot read page "
              + (position.pages() + 1)
              + " of "
              + plan.asset
              + ": "
              + host.circuit().why()
              + " (try again later)");
    }
    return Got.later(wait.millis(), host.circuit().why(), tries + 1);
  }

  private void well() {
    host.circuit().well();
    host.retries().earn();
  }

  /** An answer that was not wanted is a sign of life all the same, unless the server fails. */
  private void tell(MillraceException failed, Http.Answer answer) {
    boolean broken =
        failed.failure() == Failure.RESPONSE_TRUNCATED
            || failed.failure() == Failure.SOURCE_UNREACHABLE
                && (answer == null || answer.status() >= 500);
    if (broken) {
      host.circuit().badly(reason(failed, answer));
    } else if (answer == null || failed.failure() == Failure.RATE_LIMITED) {
      host.circuit().neither();
    } else {
      host.circuit().well();
    }
  }

  /** To be asked to come later is no failure: it may happen more often in a row. */
  private int tries(boolean later) {
    return Math.max(1, plan.client.retry().maxAttempts()) * (later ? LATER : 1);
  }

  private boolean again(
      MillraceException failed, Http.Answer answer, Endpoint.ResponseAction action) {
    if (failed.failure() == Failure.RESPONSE_TRUNCATED || answer == null) {
      return failed.failure() == Failure.RESPONSE_TRUNCATED
          || failed.failure() == Failure.SOURCE_UNREACHABLE;
    }
    return action != null ? !action.action().equals("fail") : again(answer);
  }

  /**
   * How long until the next try: as the configuration says, as the server asks, or longer each
   * time.
   */
  private long wait(Http.Answer answer, Endpoint.ResponseAction action, int tries) {
    long asked = answer == null ? Asked.NOTHING : Asked.millis(answer, shared.clock());
    boolean waits = action != null && action.action().equals("wait");
    if (action != null && action.pause() != null) {
      asked = Math.max(1, action.pause().toMillis());
    } else if (waits && asked <= 0) {
      asked = USUAL_WAIT;
    }
    if (asked > 0) {
      if (asked <= LONGEST_WAIT && (action == null || waits)) {
        host.pace().hold(asked);
      }
      return asked;
    }
    Client.Backoff backoff = plan.client.retry().backoff();
    long first = asked == 0 ? AT_ONCE : backoff.initial().toMillis();
    return IntervalFunction.ofExponentialRandomBackoff(
            Math.max(1, Math.min(first, backoff.max().toMillis())),
            2.0,
            0.25,
            Math.max(1, backoff.max().toMillis()))
        .apply(Math.min(tries, MOST_DOUBLINGS));
  }

  private String reason(MillraceException failed, Http.Answer answer) {
    if (answer == null) {
      return failed.getMessage();
    }
    return Asked.cut(answer, shared.clock())
        ? "status " + answer.status() + ", and it asks for more than a day: asked again after one"
        : "status " + answer.status();
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
    if (answer.body().length == 0) {
      throw new MillraceException(
          Failure.RESPONSE_TRUNCATED,
          "Cannot read "
              + where
              + ": the body is empty: status "
              + answer.status()
              + " (an API that has nothing to say answers 204)");
    }
    try {
      return scan.read(answer.body());
    } catch (JsonEOFException e) {
      throw new MillraceException(
          Failure.RESPONSE_TRUNCATED,
          "Cannot read "
              + where
              + ": the JSON ends too early: after "
              + answer.body().length
              + " bytes (run again; when it stays so, ask for smaller pages)");
    } catch (JacksonException e) {
      throw new MillraceException(
          Failure.RESPONSE_INVALID,
          "Cannot read "
              + where
              + ": the body is not JSON: content type "
              + (type == null ? "unknown" : shared.secrets().mask(RequestPlan.cut(type)))
              + ", it begins: "
              + beginning(answer)
              + " (check `path`, `headers` and `auth`)");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
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
        : new Http.Answer(answer.url(), answer.status(), answer.headers(), body);
  }

  /** The first that fits; {@code null} for none. */
  private Endpoint.ResponseAction action(Http.Answer answer) {
    for (Endpoint.ResponseAction action : plan.endpoint.responseActions()) {
      boolean status = action.statusCode() == null || action.statusCode() == answer.status();
      boolean content =
          action.content() == null
              || new String(answer.body(), StandardCharsets.UTF_8).contains(action.content());
      boolean says = action.statusCode() != null || action.content() != null;
      if (says && status && content) {
        return action;
      }
    }
    return null;
  }

  private boolean ends(Endpoint.ResponseAction action, Http.Answer answer) {
    if (action == null) {
      return answer.status() == 204 || answer.status() == 304;
    }
    if (action.action().equals("skip_parent")) {
      host.notes().merge("skipped_parents", 1L, Long::sum);
      return true;
    }
    return action.action().equals("ignore");
  }

  /** What an action makes of an answer that does not end the pages. */
  private MillraceException chosen(Endpoint.ResponseAction action, Http.Answer answer) {
    String start = "Cannot read " + plan.shown(answer.url()) + ": ";
    String end = "status " + answer.status() + ": " + beginning(answer);
    return switch (action.action()) {
      case "fail" ->
          new MillraceException(
              Failure.SOURCE_REFUSED,
              start
                  + (action.message() == null
                      ? "a response action says that this is an error"
                      : action.message())
                  + ": "
                  + end);
      case "wait" ->
          new MillraceException(
              Failure.RATE_LIMITED,
              start + "a response action made it wait again and again: " + end);
      case "retry" ->
          new MillraceException(
              Failure.SOURCE_UNREACHABLE,
              start + "a response action made it try again and again: " + end);
      default ->
          new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot do the response action of "
                  + plan.asset
                  + ": it is unknown: "
                  + action.action()
                  + " (known: ignore, skip_parent, retry, wait, fail)");
    };
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
