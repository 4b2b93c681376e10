package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.secret.Secrets;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/**
 * Gets one answer after the other for one fetch: paces, tries again, and says when the wait is too
 * long to be held. Not thread-safe.
 */
final class Caller {
  /** A longer wait is handed back, to be waited out where it holds nothing. */
  static final long LONGEST_WAIT = 30_000;

  private static final long SLICE = 1_000;

  private final RequestPlan plan;
  private final Shared shared;
  private final Progress progress;
  private final Runnable alive;
  private final Exchange exchange;
  private final Host host;

  /** What all fetches of the process share. */
  record Shared(Http http, Tls tls, Tokens tokens, Secrets secrets, Clock clock, Pause pause) {}

  /** What all fetches from one host share. */
  record Host(Pace pace, Semaphore places) {}

  Caller(RequestPlan plan, Shared shared, Host host, Progress progress, Runnable alive) {
    this.plan = plan;
    this.shared = shared;
    this.host = host;
    this.progress = progress;
    this.alive = alive;
    this.exchange = new Exchange(plan, shared, host, alive);
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
        answer = exchange.send(position.step(), active);
        if (answer.status() == 401 && !renewed && exchange.renew(answer)) {
          renewed = true;
          continue;
        }
        if (ignored(answer) || answer.status() == 204 || answer.status() == 304) {
          return Got.end(answer);
        }
        if (answer.status() < 300) {
          Http.Answer utf8 = Body.utf8(answer, where(answer, position), exchange.refusal());
          return Got.page(utf8, read(utf8, position, scan.get()));
        }
        failed = exchange.refusal().refused(answer, position.pages() + 1, resumed, again(answer));
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

  private PageScan read(Http.Answer answer, Position position, PageScan scan) {
    String type = answer.header("Content-Type");
    String where = where(answer, position);
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
              + (type == null ? "unknown" : RequestPlan.cut(shared.secrets().mask(type)))
              + ", it begins: "
              + exchange.refusal().beginning(answer)
              + " (check `path`, `headers` and `auth`)");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  MillraceException errorObject(Http.Answer answer, Position position) {
    return exchange.refusal().errorObject(answer, where(answer, position));
  }

  private String where(Http.Answer answer, Position position) {
    return "page " + (position.pages() + 1) + " of " + plan.shown(answer.url());
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
