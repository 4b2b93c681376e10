package io.millrace.activities.extract.rest;

import io.millrace.run.Quota;

/** Where places of a limit come from that several workers share. Thread-safe. */
@FunctionalInterface
public interface Leases {
  /**
   * Asks the quota of a project's host. Blocks for seconds at the most.
   *
   * @param host with its port
   * @throws io.millrace.MillraceException {@code TEMPORAL_UNREACHABLE} when nobody answers; places
   *     that were lent in spite of it come back by themselves
   */
  Quota.Grant lease(String project, String host, Quota.Request request);
}
