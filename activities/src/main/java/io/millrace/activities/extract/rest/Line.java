package io.millrace.activities.extract.rest;

import java.util.concurrent.CountDownLatch;

/**
 * A place in a line of requests that are sent at the same time: nobody takes a turn of the host
 * before all in front have theirs, or will get none. So when turns run out it is the last pages
 * that go without. Thread-safe.
 */
final class Line {
  private final CountDownLatch gone = new CountDownLatch(1);
  private Line front;

  /**
   * @param front {@code null} for the first
   */
  Line(Line front) {
    this.front = front;
  }

  /** Returns when all in front have gone. */
  void await() {
    try {
      if (front != null) {
        front.gone.await();
      }
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
    front = null; // or each would hold all that went before it
  }

  /** The next one may go. */
  void go() {
    gone.countDown();
  }
}
