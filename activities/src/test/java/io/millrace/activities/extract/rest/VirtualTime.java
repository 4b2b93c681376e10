package io.millrace.activities.extract.rest;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;

/**
 * Time for several threads: it stands still while any of them works and moves to the next end of a
 * pause when all of them wait. So an hour of waiting passes at once, and a busy machine changes
 * nothing in what is measured. A thread that another one has just woken may be overlooked; then it
 * is late, never early.
 */
final class VirtualTime extends Clock implements Pause {
  private final ThreadGroup everybody = new ThreadGroup("virtual-time");
  private final PriorityQueue<Long> ends = new PriorityQueue<>();
  private long now;
  private long pauses;

  VirtualTime(Instant now) {
    this.now = now.toEpochMilli();
  }

  /** Does a work, with all threads that it starts, and lets time pass meanwhile. */
  <T> T run(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(everybody, task, "virtual-time");
    thread.setDaemon(true);
    thread.start();
    while (!task.isDone()) {
      long before = pauses();
      if (allWait()) {
        LockSupport.parkNanos(100_000);
        move(before);
      } else {
        LockSupport.parkNanos(50_000);
      }
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception failed) {
        throw failed;
      }
      throw new AssertionError(e.getCause());
    }
  }

  @Override
  public synchronized void millis(long millis) throws InterruptedException {
    Long end = now + millis;
    ends.add(end);
    pauses++;
    try {
      while (now < end) {
        wait();
      }
    } finally {
      ends.remove(end);
    }
  }

  private synchronized long pauses() {
    return pauses;
  }

  /** To the next end; not when somebody is about to leave a pause, or came since. */
  private synchronized void move(long before) {
    Long next = ends.peek();
    if (next != null && next > now && pauses == before && allWait()) {
      now = next;
      notifyAll();
    }
  }

  private boolean allWait() {
    Thread[] threads = new Thread[everybody.activeCount() + 16];
    int count = everybody.enumerate(threads);
    for (int i = 0; i < count; i++) {
      Thread.State state = threads[i].getState();
      if (state == Thread.State.RUNNABLE
          || state == Thread.State.BLOCKED
          || state == Thread.State.NEW) {
        return false;
      }
    }
    return count < threads.length;
  }

  @Override
  public synchronized long millis() {
    return now;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
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
