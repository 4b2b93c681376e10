package io.millrace.project;

import java.time.Duration;

/**
 * When a selection runs by itself.
 *
 * @param overlap {@code skip} (default), {@code buffer_one}, {@code buffer_all}, {@code
 *     cancel_other}, {@code terminate_other}, {@code allow_all}
 * @param catchup {@code latest} (default), {@code all} or {@code none}: what happens to times that
 *     passed while no server ran
 * @param timezone IANA name; default UTC
 * @param jitter {@code null} for none
 */
public record Schedule(
    String name,
    String select,
    String cron,
    String timezone,
    String overlap,
    String catchup,
    Duration jitter) {
  public Schedule {
    timezone = timezone == null ? "UTC" : timezone;
    overlap = overlap == null ? "skip" : overlap;
    catchup = catchup == null ? "latest" : catchup;
  }
}
