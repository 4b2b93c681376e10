package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The {@code response_actions} of a fetch: what an answer means to its configuration. */
final class Actions {
  private final RequestPlan plan;
  private final Refusal refusal;
  private final Map<String, Long> notes;

  /**
   * @param notes takes how often a parent was skipped
   */
  Actions(RequestPlan plan, Refusal refusal, Map<String, Long> notes) {
    this.plan = plan;
    this.refusal = refusal;
    this.notes = notes;
  }

  /** The first that fits; {@code null} for none. */
  Endpoint.ResponseAction of(Http.Answer answer) {
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

  /** Whether the pages end here, by an action or without one. */
  boolean ends(Endpoint.ResponseAction action, Http.Answer answer) {
    if (action == null) {
      return answer.status() == 204 || answer.status() == 304;
    }
    if (action.action().equals("skip_parent")) {
      notes.merge("skipped_parents", 1L, Long::sum);
      return true;
    }
    return action.action().equals("ignore");
  }

  /** What an action makes of an answer that does not end the pages. */
  MillraceException failure(Endpoint.ResponseAction action, Http.Answer answer) {
    String start = "Cannot read " + plan.shown(answer.url()) + ": ";
    String end = "status " + answer.status() + ": " + refusal.beginning(answer);
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
}
