package io.millrace.activities.extract.rest;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that moves only when somebody pauses. */
final class FakeTime extends Clock implements Pause {
  private Instant now;
  long paused;

  FakeTime(Instant now) {
    this.now = now;
  }

  @Override
  public synchronized void millis(long millis) {
    now = now.plusMillis(millis);
    paused += millis;
  }

  @Override
  public synchronized long millis() {
    return now.toEpochMilli();
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
