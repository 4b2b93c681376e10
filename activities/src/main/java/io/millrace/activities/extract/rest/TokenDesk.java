package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.run.Wire;
import java.io.IOException;
import java.time.Instant;
import okhttp3.Request;

/** Asks for access tokens. What comes is masked from then on. */
final class TokenDesk {
  private final RequestPlan plan;
  private final Secrets secrets;
  private final Refusal refusal;
  private final Asking asking;

  /** Sends a request as it is. */
  interface Asking {
    Http.Answer answer(Request request);
  }

  TokenDesk(RequestPlan plan, Secrets secrets, Refusal refusal, Asking asking) {
    this.plan = plan;
    this.secrets = secrets;
    this.refusal = refusal;
    this.asking = asking;
  }

  /**
   * @param newer the refresh token that the server gave last; {@code null} for none
   * @param alive called while another process asks with the same refresh token
   */
  Tokens.Token fetch(Grant grant, String newer, Instant now, Runnable alive) {
    if (grant.kept == null) {
      return ask(grant, newer, now);
    }
    try (KeptToken.Turn turn = grant.kept.turn(alive)) {
      String kept = turn.newest();
      if (kept != null) {
        secrets.remember(kept);
      }
      Tokens.Token token = ask(grant, kept, now);
      if (token.refresh() != null && !token.refresh().equals(kept)) {
        turn.keep(token.refresh());
      }
      return token;
    }
  }

  private Tokens.Token ask(Grant grant, String newer, Instant now) {
    String start = "Cannot get a token from " + plan.shown(grant.url) + ": ";
    Http.Answer answer = asking.answer(request(grant, newer, now));
    int status = answer.status();
    if (status == 429 || status >= 500) {
      throw new MillraceException(
          Failure.SOURCE_UNREACHABLE,
          start + "the server fails: status " + status + " (try again later)");
    }
    if (status >= 300) {
      throw new MillraceException(
          Failure.SOURCE_REFUSED,
          start
              + "the server refuses: status "
              + status
              + ": "
              + refusal.beginning(answer)
              + " ("
              + grant.remedy
              + ")");
    }
    return token(answer, grant, start);
  }

  private Request request(Grant grant, String newer, Instant now) {
    try {
      return grant.request(newer, now);
    } catch (IllegalArgumentException e) {
      throw RequestPlan.unsendable(plan.asset);
    }
  }

  private Tokens.Token token(Http.Answer answer, Grant grant, String start) {
    String why = "the answer is not JSON";
    try {
      JsonNode json = Wire.mapper().readTree(answer.body());
      String value = json.path("access_token").asText("");
      String refresh = json.path("refresh_token").asText("");
      for (String secret : new String[] {value, refresh, json.path("id_token").asText("")}) {
        if (!secret.isEmpty()) {
          secrets.remember(secret);
        }
      }
      if (!value.isEmpty()) {
        long seconds = json.path("expires_in").asLong(grant.defaultSeconds);
        return new Tokens.Token(
            value,
            seconds > 0 ? seconds : grant.defaultSeconds,
            refresh.isEmpty() ? null : refresh);
      }
      String error = json.path("error").asText("");
      why = "the answer has no access_token" + (error.isEmpty() ? "" : ", it says: " + error);
    } catch (IOException e) {
      // said below, without the body: it may hold a token
    }
    throw new MillraceException(
        Failure.RESPONSE_INVALID,
        start + RequestPlan.cut(secrets.mask(why)) + " (" + grant.remedy + ")");
  }
}
