package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;

/**
 * What one answer may take of the memory of this process, whatever the configuration allows: what
 * does not fit would take everything else with it. Fractions leave room for copies that are made on
 * the way, and for other answers.
 */
final class Memory {
  private static final long ALL = Runtime.getRuntime().maxMemory();

  /** Bytes of a body, which is there twice when it has come. */
  static final long BODY = ALL / 4;

  /** Bytes that are written anew for a page, which are there three times while they grow. */
  static final long WRITTEN = ALL / 8;

  /** Parts of a tree: a bracket, a name or a value, which take up to 64 bytes each. */
  static final long PARTS = ALL / 128;

  private Memory() {}

  /** What to do about a page that is larger than {@code limit} bytes. */
  static String advice(long limit) {
    return limit == BODY || limit == WRITTEN
        ? "ask for smaller pages, or give the process more memory: MILLRACE_JAVA_OPTS=-Xmx2g"
        : "ask for smaller pages or raise `limits.response_bytes`";
  }

  static MillraceException tooManyParts() {
    return new MillraceException(
        Failure.POLICY_REFUSED,
        "Cannot read a page as a tree, as its format or data_selector needs it: it has more parts than fit into memory: "
            + PARTS
            + " ("
            + advice(BODY)
            + ")");
  }
}
