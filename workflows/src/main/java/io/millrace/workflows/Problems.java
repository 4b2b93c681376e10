package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Fetch;
import io.millrace.run.GraphRun;
import io.millrace.run.Outcome;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Failures as workflows throw and read them: the type is the {@link Failure}'s name. */
final class Problems {
  private static final Duration FIRST_WAIT = Duration.ofMinutes(1);
  private static final int MAX_DOUBLINGS = 6;

  private Problems() {}

  static ApplicationFailure of(Failure failure, String message) {
    return ApplicationFailure.newNonRetryableFailure(message, failure.name());
  }

  /** The end of a workflow that failed; {@link Outcome#of} reads it back. */
  static ApplicationFailure of(Outcome outcome) {
    return ApplicationFailure.newNonRetryableFailure(
        outcome.failure().message(), outcome.failure().code(), outcome);
  }

  /** The end of a run with failed assets; {@link GraphRun.Result#of} reads it back. */
  static ApplicationFailure of(GraphRun.Result result) {
    List<Outcome> failed =
        result.assets().stream().filter(o -> o.status() == Outcome.Status.FAILED).toList();
    List<String> codes = failed.stream().map(o -> o.failure().code()).distinct().toList();
    String names = failed.stream().limit(5).map(Outcome::asset).collect(Collectors.joining(", "));
    return ApplicationFailure.newNonRetryableFailure(
        "%d of %d assets failed: %s%s: %s"
            .formatted(
                failed.size(),
                result.assets().size(),
                names,
                failed.size() > 5 ? ", …" : "",
                failed.isEmpty() ? "" : Details.cut(failed.get(0).failure().message(), 500)),
        codes.size() == 1 ? codes.get(0) : GraphRun.MIXED,
        result);
  }

  static boolean named(Throwable failure, Failure name) {
    return Outcome.Problem.of(failure).code().equals(name.name());
  }

  /** Whether the window must begin again, because it cannot be read on where it is. */
  static boolean windowLost(Throwable failure) {
    return named(failure, Failure.WINDOW_LOST) || named(failure, Failure.SOURCE_CHANGED);
  }

  /** Requests that a fetch sent before it failed; 0 when it does not say. */
  static long requests(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ApplicationFailure) {
        ApplicationFailure named = (ApplicationFailure) cause;
        return named.getDetails().getSize() == 0
            ? 0
            : named.getDetails().get(Fetch.Cost.class).requests();
      }
    }
    return 0;
  }

  /** Whether a step was tried as often as it may be, and might still succeed another time. */
  static boolean triesUsedUp(TemporalFailure failure) {
    return failure instanceof ActivityFailure
        && ((ActivityFailure) failure).getRetryState()
            == RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED;
  }

  static ApplicationFailure noProgress(String asset, int answers, long waitMillis) {
    return of(
        waitMillis > 0 ? Failure.RATE_LIMITED : Failure.INTERNAL,
        "Cannot fetch "
            + asset
            + ": no page in so many answers: "
            + answers
            + (waitMillis > 0 ? " (ask the source for a higher limit)" : " (the position stays)"));
  }

  static ApplicationFailure running(String id) {
    return of(
        Failure.ALREADY_RUNNING,
        "Cannot renormalize: it is already running: %s (wait for it, or `millrace cancel`)"
            .formatted(id));
  }

  static ApplicationFailure fewerLoads(String asset, int chosen, int left) {
    return of(
        Failure.LOAD_REFUSED,
        "Cannot renormalize %s: there are fewer loads than when it began: %d instead of %d (it begins again)"
            .formatted(asset, left, chosen));
  }

  /**
   * How long to wait when the source said "later" before it gave a page.
   *
   * @param times in a row
   * @return {@code null} when that is not what failed
   */
  static Duration rateLimit(TemporalFailure failure, int times) {
    if (!named(failure, Failure.RATE_LIMITED)) {
      return null;
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ApplicationFailure) {
        Duration asked = ((ApplicationFailure) cause).getNextRetryDelay();
        if (asked != null && !asked.isZero() && !asked.isNegative()) {
          return asked;
        }
      }
    }
    return FIRST_WAIT.multipliedBy(1L << Math.min(times - 1, MAX_DOUBLINGS));
  }
}
