package io.millrace.workflows;

import java.util.Locale;

/**
 * The load ids of an execution chain: {@code {first start}-{run}-{epoch}-{seq}}. They sort by time
 * and are the same whenever the workflow is replayed, continued or reset, so two attempts at one
 * segment are one load.
 *
 * @param firstStart unix seconds with six decimals, of the chain's first execution
 * @param run the first eight hex digits of the chain's first run id
 */
record LoadIds(String firstStart, String run) {
  LoadIds {
    run = run.substring(0, Math.min(8, run.length()));
  }

  /** Unix seconds with six decimals. */
  static String seconds(long unixMillis) {
    return String.format(Locale.ROOT, "%d.%03d000", unixMillis / 1000, unixMillis % 1000);
  }

  String of(int epoch, int seq) {
    return String.format(Locale.ROOT, "%s-%s-%04d-%06d", firstStart, run, epoch, seq);
  }
}
