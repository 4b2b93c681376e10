package io.millrace.activities.extract.rest;

/** Lets time pass. A seam so that tests do not sleep. */
@FunctionalInterface
public interface Pause {
  Pause SLEEP = Thread::sleep;

  void millis(long millis) throws InterruptedException;
}
