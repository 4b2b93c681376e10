package io.millrace;

/**
 * Every failure that has a name. The name decides three things at once: whether trying again can
 * help, the exit code of the command line, and whether Temporal may retry the activity. It travels
 * as the type of Temporal's application failure.
 */
public enum Failure {
  /** The configuration or the command line is wrong. */
  CONFIG_INVALID(2, false),
  /** A {@code ${env:…}} or {@code ${file:…}} reference has no value. */
  SECRET_MISSING(2, false),
  /** No answer from the source, or an answer that says "later" (5xx). */
  SOURCE_UNREACHABLE(3, true),
  /** The source answers that we may not or cannot (401, 403, 404, …). */
  SOURCE_REFUSED(3, false),
  /** The source asks us to slow down and the wait is longer than an activity may hold. */
  RATE_LIMITED(3, true),
  /** The body ended before its end. */
  RESPONSE_TRUNCATED(3, true),
  /** The body is not what it says, or not what the configuration expects. */
  RESPONSE_INVALID(3, false),
  /** A file of the source changed while it was read; the workflow begins the window again. */
  SOURCE_CHANGED(1, false),
  /**
   * The open window cannot be resumed where it was left: the position is not known any more to the
   * source or to the configuration. The workflow begins the window again.
   */
  WINDOW_LOST(1, false),
  /** The data cannot be loaded as it is and no rule says what to do instead. */
  DATA_INVALID(1, false),
  /** The schema contract refuses the change. */
  CONTRACT_FROZEN(4, false),
  /**
   * A limit or a rule of the configuration refuses it: foreign origin, too many pages, record too
   * large.
   */
  POLICY_REFUSED(4, false),
  /** Staged files are gone or damaged; the workflow fetches the segment again. */
  STAGING_LOST(1, false),
  /** The staging folder cannot be written: disk full, permissions. */
  STAGING_FAILED(3, true),
  /** The destination does not answer. */
  DESTINATION_UNREACHABLE(3, true),
  /** Another process holds the destination's lock. */
  DESTINATION_LOCKED(3, true),
  /** The destination answers that it will not: permissions, a type it cannot change. */
  DESTINATION_REFUSED(3, false),
  /** The destination has no room left. */
  DESTINATION_FULL(3, true),
  /** The load does not follow what the destination has; the workflow reads the state again. */
  LOAD_REFUSED(1, false),
  /**
   * A sibling changed the schema meanwhile; the segment is normalized again on the newer schema.
   */
  SCHEMA_MOVED(1, false),
  /** The task belongs to another project than this worker's; another worker will take it. */
  NOT_MY_PROJECT(1, true),
  /** The Temporal server does not answer or refuses us. */
  TEMPORAL_UNREACHABLE(3, true),
  /** The same work is already running. */
  ALREADY_RUNNING(4, false),
  /** Stopped because somebody asked for it. */
  CANCELLED(130, false),
  /** A mistake of ours. */
  INTERNAL(1, true);

  private final int exitCode;
  private final boolean retryable;

  Failure(int exitCode, boolean retryable) {
    this.exitCode = exitCode;
    this.retryable = retryable;
  }

  /** The exit code of a run in which all failed assets failed this way. */
  public int exitCode() {
    return exitCode;
  }

  /** Whether the same step may succeed when it is tried again unchanged. */
  public boolean retryable() {
    return retryable;
  }
}
