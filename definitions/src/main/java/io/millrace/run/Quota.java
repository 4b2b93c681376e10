package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/**
 * The places that all workers of a project share in the rate limit of one host. Workflow type
 * {@code Quota}, id {@code quota:{project}:{host}}; started by the first who asks, ends when
 * nothing is lent any more.
 */
@WorkflowInterface
public interface Quota {
  /** How much longer than its time a lease counts: for requests that are on their way. */
  static long slackMillis(long perMillis) {
    return Math.min(1000, perMillis / 20);
  }

  /**
   * @param state what the execution before this one left; {@code null} for the first
   */
  @WorkflowMethod(name = "Quota")
  void run(State state);

  /** Lends places, or says when to ask again. Answers at once. */
  @UpdateMethod
  Grant lease(Request request);

  /** The id for a project's host; {@code host} is a host and its port. */
  static String id(String project, String host) {
    return "quota:" + project + ":" + host;
  }

  /**
   * At most {@code requests} in every window of so many milliseconds, wherever it begins.
   *
   * @param perMillis at least 1
   */
  record Limit(int requests, long perMillis) {}

  /**
   * @param limits all of the host; at least one
   * @param wanted places; 0 only gives back
   * @param back an earlier lease that is not used any more; {@code null} for none
   * @param holdMillis for how long nobody may send, because the host said so; 0 for nothing new,
   *     less when somebody wants the host to be asked all the same
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(List<Limit> limits, int wanted, Back back, long holdMillis) {}

  /**
   * A lease comes back.
   *
   * @param id of the lease
   * @param used how many of its places were used
   * @param lastMillis when the last of them was, counted from before the lease was asked for
   */
  record Back(long id, int used, long lastMillis) {}

  /**
   * @param id of the lease; 0 when nothing was lent
   * @param places that may be used
   * @param validMillis until when, counted from before the lease was asked for: so no clocks need
   *     to agree
   * @param retryMillis when to ask again; 0 when something was lent
   */
  record Grant(long id, int places, long validMillis, long retryMillis) {}

  /**
   * Places that count.
   *
   * @param id 0 for leases that were put together because they ended at nearly the same time
   * @param from unix milliseconds at which it was lent
   * @param until unix milliseconds of the last request that may have been sent for it
   */
  record Lease(long id, int places, long from, long until) {}

  /**
   * What continue-as-new carries.
   *
   * @param next id of the newest lease
   * @param longest window, in milliseconds, that anybody named
   * @param notBefore unix milliseconds
   */
  record State(List<Lease> leases, long next, long longest, long notBefore) {}
}
