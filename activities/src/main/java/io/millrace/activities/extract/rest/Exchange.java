package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.Client;
import io.millrace.source.Paginator;
import java.time.Instant;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * One answer for one request: signed when it stays at home, a stranger elsewhere, its redirects
 * followed. Not thread-safe.
 */
final class Exchange implements Credentials.Desk {
  private static final int REDIRECTS = 5;
  private static final Set<Integer> MOVED = Set.of(301, 302, 303, 307, 308);

  private final RequestPlan plan;
  private final Caller.Shared shared;
  private final Turns turns;
  private final Runnable alive;
  private final OkHttpClient ours;
  private final OkHttpClient stranger;
  private final Refusal refusal;
  private final TokenDesk tokens;
  private final Decoding.Limit limit;
  private Request signed;
  private long requests;

  Exchange(RequestPlan plan, Caller.Shared shared, Turns turns, Runnable alive) {
    this.plan = plan;
    this.shared = shared;
    this.turns = turns;
    this.alive = alive;
    this.refusal = new Refusal(plan, shared.secrets());
    Client client = plan.client;
    this.ours = shared.http().client(client, shared.tls().of(client.tls(), shared.secrets(), true));
    this.stranger =
        shared.http().client(client, shared.tls().of(client.tls(), shared.secrets(), false));
    this.limit =
        new Decoding.Limit(
            Math.min(client.limits().responseBytes(), Memory.BODY), client.limits().ratio());
    this.tokens = new TokenDesk(plan, shared.secrets(), refusal, this::tokenAnswer);
  }

  long requests() {
    return requests;
  }

  /** The answer to a position's step, after its redirects; whatever its status. */
  Http.Answer send(Position position, Paginator active) {
    Step step = position.step();
    try {
      HttpUrl url = plan.url(step, active);
      String what = step.url() == null ? "the path of " : "the next link of ";
      boolean home = plan.origin.atHome(url, what + plan.asset);
      Request request = plan.request(url, step, active, home);
      request = position.known() == null || !home ? request : position.known().ask(request);
      for (int hop = 0; hop <= REDIRECTS; hop++) {
        Http.Answer answer = home ? atHome(request) : elsewhere(request);
        String location = answer.header("Location");
        if (!MOVED.contains(answer.status()) || location == null) {
          return answer;
        }
        HttpUrl to = target(request.url(), location);
        boolean stays = plan.origin.atHome(to, "a redirect of " + plan.asset);
        request = redirected(request, answer.status(), to, home, stays);
        home = stays && home;
      }
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot read "
              + plan.asset
              + ": more than "
              + REDIRECTS
              + " redirects: "
              + plan.shown(request.url()));
    } catch (MillraceException e) {
      throw masked(e);
    }
  }

  /** Whether the same once more may help, after a 401. */
  boolean renew(Http.Answer answer) {
    return signed != null && plan.credentials.renew(signed, answer);
  }

  /** What to say of an answer that is no success. */
  Refusal refusal() {
    return refusal;
  }

  @Override
  public String token(Grant grant, String refused) {
    return shared
        .tokens()
        .token(grant, refused, newer -> tokens.fetch(grant, newer, now(), alive), alive);
  }

  @Override
  public Instant now() {
    return shared.clock().instant();
  }

  private Http.Answer atHome(Request request) {
    signed = sign(plan.cookies.on(request));
    Http.Answer answer = exchange(ours, signed, limit);
    plan.cookies.take(request.url(), answer.headers());
    // the address without what the signature added to it
    return answer.at(request.url());
  }

  private Http.Answer elsewhere(Request request) {
    signed = null;
    return exchange(stranger, request, limit);
  }

  private Request sign(Request request) {
    try {
      return plan.credentials.sign(request, this);
    } catch (IllegalArgumentException e) {
      throw RequestPlan.unsendable(plan.asset);
    }
  }

  private HttpUrl target(HttpUrl from, String location) {
    HttpUrl to = from.resolve(location);
    if (to == null) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot follow a redirect of "
              + plan.asset
              + ": it is not an http or https address: "
              + RequestPlan.cut(shared.secrets().mask(location)));
    }
    if (from.isHttps() && !to.isHttps()) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot follow a redirect of "
              + plan.asset
              + ": https may not become http: "
              + plan.shown(to));
    }
    return to;
  }

  /**
   * 303 means "look there", 307 and 308 "send it there". What 301 and 302 mean for a request with a
   * body nobody agrees on.
   *
   * @param home whether the request was at home; nobody comes home from elsewhere as ourselves
   */
  private Request redirected(Request from, int status, HttpUrl to, boolean home, boolean stays) {
    boolean get = from.method().equals("GET");
    if (!get && (status == 301 || status == 302 || status != 303 && !(home && stays))) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot follow a redirect of a "
              + from.method()
              + " request of "
              + plan.asset
              + ": "
              + plan.shown(to)
              + " (set the address it leads to)");
    }
    if (!(home && stays)) {
      return new Request.Builder().url(to).header("User-Agent", "millrace").build();
    }
    Request.Builder request = from.newBuilder().url(plan.withSecrets(to));
    return status == 303 && !get
        ? request.get().removeHeader("Content-Type").build()
        : request.build();
  }

  private Http.Answer tokenAnswer(Request request) {
    Http.Answer answer = exchange(ours, request, new Decoding.Limit(1 << 20, limit.ratio()));
    long asked = Asked.millis(answer, shared.clock());
    if (asked > 0 && (answer.status() == 429 || answer.status() >= 500)) {
      turns.hold(request.url(), asked);
    }
    return answer;
  }

  private Http.Answer exchange(OkHttpClient client, Request request, Decoding.Limit most) {
    try {
      Http.Answer answer = sent(client, request, most);
      turns.learn(request.url(), Asked.limit(answer, shared.clock()));
      return answer;
    } catch (Http.Broken e) {
      throw refusal.broken(request.url(), e);
    } catch (MillraceException e) {
      if (e.failure() != Failure.POLICY_REFUSED && e.failure() != Failure.RESPONSE_INVALID) {
        throw e;
      }
      throw new MillraceException(
          e.failure(),
          "Cannot read the answer of " + plan.shown(request.url()) + ": " + e.getMessage());
    }
  }

  /** A connection that the server had closed meanwhile is no failure of this request. */
  private Http.Answer sent(OkHttpClient client, Request request, Decoding.Limit most)
      throws Http.Broken {
    try {
      return once(client, request, most);
    } catch (Http.Broken e) {
      if (!e.stale) {
        throw e;
      }
      client.connectionPool().evictAll(); // others of its age are as stale
      return once(client, request, most);
    }
  }

  private Http.Answer once(OkHttpClient client, Request request, Decoding.Limit most)
      throws Http.Broken {
    turns.await(request.url());
    requests++;
    return shared.http().exchange(client, request, most, alive);
  }

  private MillraceException masked(MillraceException e) {
    String message = shared.secrets().mask(e.getMessage());
    return message.equals(e.getMessage()) ? e : new MillraceException(e.failure(), message);
  }
}
