package io.millrace.activities.extract.rest;

import io.github.resilience4j.core.IntervalFunction;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.secret.Secrets;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Paginator;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import okhttp3.HttpUrl;

/**
 * Gets one answer after the other for one fetch: paces, tries again, and says when the wait is too
 * long to be held. Not thread-safe.
 */
final class Caller {
  private static final long ALIVE_MILLIS = 1_000;

  /** How often a server may say "later", for each try of a request that fails. */
  private static final int LATER = 4;

  /** How long {@code action: wait} waits when neither it nor the server says. */
  private static final long USUAL_WAIT = 60_000;

  /** The first wait when the server says that there is none. */
  private static final long AT_ONCE = 50;

  private static final int MOST_DOUBLINGS = 30;

  private final RequestPlan plan;
  private final Shared shared;
  private final Runnable alive;
  private final Exchange exchange;
  private final Host host;
  private final Circuit circuit;
  private final Turns turns;
  private final Actions actions;

  /** What all fetches of the process share. */
  record Shared(Http http, Tls tls, Tokens tokens, Secrets secrets, Clock clock, Pause pause) {}

  /**
   * What all fetches from one host share, and what this one has to tell.
   *
   * @param crowd all who read from it
   * @param others the paces of this and other hosts, by their addresses
   * @param notes what a person should know of this fetch, by kind
   */
  record Host(Crowd crowd, Function<HttpUrl, Pace> others, Map<String, Long> notes) {
    Pace pace(HttpUrl url) {
      return others.apply(url);
    }
  }

  Caller(RequestPlan plan, Shared shared, Host host, Progress progress, Runnable alive) {
    this.plan = plan;
    this.shared = shared;
    this.host = host;
    this.circuit = host.crowd().circuit;
    this.alive = alive;
    this.turns = new Turns(plan, host, shared.pause(), progress, alive);
    this.exchange = new Exchange(plan, shared, turns, alive);
    this.actions = new Actions(plan, exchange.refusal(), host.notes());
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
    return exchange.requests();
  }

  /** The next page is asked for behind those in front of it. */
  void behind(Line line) {
    turns.behind(line);
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
      long asked = Asked.NOTHING;
      if (answer != null) {
        if (answer.status() == 401 && !renewed && exchange.renew(answer)) {
          renewed = true;
          circuit.neither();
          continue;
        }
        action = actions.of(answer);
        if (action == null && plan.ends(active, position.pages(), answer.status())) {
          well();
          return Got.end(answer);
        }
        asked = asked(answer, action);
        if (action == null && answer.status() < 300 && answer.status() != 204) {
          try {
            Http.Answer utf8 = Body.utf8(answer, where(answer, position), exchange.refusal());
            PageScan read = read(utf8, position, scan.get());
            well();
            return Got.page(utf8, read);
          } catch (MillraceException e) {
            failed = e;
          }
        } else if (actions.ends(action, answer)) {
          well();
          return Got.end(answer);
        } else {
          failed =
              action == null
                  ? exchange.refusal().refused(answer, position, resumed, again(answer))
                  : actions.failure(action, answer);
          later = failed.failure() == Failure.RATE_LIMITED;
        }
      }
      tell(failed, answer);
      if (!again(failed, answer, action) || ++tries >= tries(later)) {
        throw failed;
      }
      long wait = asked > 0 ? asked : backoff(asked, tries);
      String reason = reason(failed, answer);
      if (wait <= Turns.LONGEST_WAIT && !host.crowd().retries.spend()) {
        wait = Turns.LONGEST_WAIT + 1;
        reason = "so many requests fail that repeating them must wait: " + reason;
      }
      if (wait > Turns.LONGEST_WAIT || !turns.pause(wait)) {
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

  /**
   * Waits for its turn and sends. The place among those at the same time is held only meanwhile.
   */
  private Turn turn(Position position, Paginator active) {
    turns.first();
    take();
    try {
      long open = circuit.take();
      if (open > 0) {
        return new Turn(null, null, new Pace.Wait(open, null));
      }
      return new Turn(exchange.send(position, active), null, null);
    } catch (Turns.Far e) {
      circuit.neither();
      return new Turn(null, null, e.wait);
    } catch (MillraceException e) {
      return new Turn(null, e, null);
    } catch (RuntimeException e) {
      circuit.neither();
      throw e; // we are to stop
    } finally {
      host.crowd().places.release();
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
              + circuit.why()
              + " (try again later)");
    }
    return Got.later(wait.millis(), circuit.why(), tries + 1);
  }

  private void well() {
    circuit.well();
    host.crowd().retries.earn();
  }

  /** An answer that was not wanted is a sign of life all the same, unless the server fails. */
  private void tell(MillraceException failed, Http.Answer answer) {
    boolean broken =
        failed.failure() == Failure.RESPONSE_TRUNCATED
            || failed.failure() == Failure.SOURCE_UNREACHABLE
                && (answer == null || answer.status() >= 500);
    if (broken) {
      circuit.badly(reason(failed, answer));
    } else if (answer == null || failed.failure() == Failure.RATE_LIMITED) {
      circuit.neither();
    } else {
      circuit.well();
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
   * How long the configuration or the server wants us to wait before the next try. What concerns
   * the host is told to all who read from it before anything else is done: they are about to send.
   */
  private long asked(Http.Answer answer, Endpoint.ResponseAction action) {
    long asked = Asked.millis(answer, shared.clock());
    boolean waits = action != null && action.action().equals("wait");
    if (action != null && action.pause() != null) {
      asked = Math.max(1, action.pause().toMillis());
    } else if (waits && asked <= 0) {
      asked = USUAL_WAIT;
    }
    if (asked > 0 && (waits || action == null && again(answer))) {
      turns.hold(answer.url(), asked);
    }
    return asked;
  }

  /** Longer each time; shorter when the server says that there is no need. */
  private long backoff(long asked, int tries) {
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

  private void take() {
    try {
      while (!host.crowd().places.tryAcquire(ALIVE_MILLIS, TimeUnit.MILLISECONDS)) {
        alive.run();
      }
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
  }

  private PageScan read(Http.Answer answer, Position position, PageScan scan) {
    String type = answer.header("Content-Type");
    Refusal refusal = exchange.refusal();
    try {
      return scan.read(answer);
    } catch (PageScan.Damaged e) {
      String start = "Cannot read " + where(answer, position) + ": " + refusal.said(e.getMessage());
      throw e.early
          ? new MillraceException(
              Failure.RESPONSE_TRUNCATED,
              start + " (run again; when it stays so, ask for smaller pages)")
          : new MillraceException(
              Failure.RESPONSE_INVALID,
              start
                  + ": content type "
                  + (type == null ? "unknown" : refusal.said(type))
                  + ", it begins: "
                  + refusal.beginning(answer)
                  + " ("
                  + format(type)
                  + "check `path`, `headers` and `auth`)");
    }
  }

  /** What to say of a body whose type tells another format than the configuration. */
  private static String format(String type) {
    String small = type == null ? "" : type.toLowerCase(Locale.ROOT);
    String format =
        small.matches(".*(ndjson|jsonl|json-lines|json-seq|stream\\+json).*")
            ? "jsonl"
            : small.contains("csv") ? "csv" : small.contains("xml") ? "xml" : null;
    return format == null ? "" : "say `response_format: " + format + "`, or ";
  }

  MillraceException errorObject(Http.Answer answer, Position position) {
    return exchange.refusal().errorObject(answer, where(answer, position));
  }

  private String where(Http.Answer answer, Position position) {
    return "page " + (position.pages() + 1) + " of " + plan.shown(answer.url());
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
}
