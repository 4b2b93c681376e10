package io.millrace.activities.extract.rest;

import io.millrace.activities.Progress;
import java.util.List;
import okhttp3.HttpUrl;

/**
 * When one fetch may send: every request waits for its turn at the host that it goes to, whether it
 * asks for a page, follows a redirect or gets a token.
 */
final class Turns {
  /** A longer wait is handed back, to be waited out where it holds nothing. */
  static final long LONGEST_WAIT = 30_000;

  private static final long SLICE = 1_000;

  private final RequestPlan plan;
  private final Caller.Host host;
  private final Pause pause;
  private final Progress progress;
  private final Runnable alive;
  private Line line = new Line(null);

  Turns(RequestPlan plan, Caller.Host host, Pause pause, Progress progress, Runnable alive) {
    this.plan = plan;
    this.host = host;
    this.pause = pause;
    this.progress = progress;
    this.alive = alive;
  }

  /** The turn is too far away to be waited for here; nothing was sent. */
  static final class Far extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final transient Pace.Wait wait;

    Far(Pace.Wait wait) {
      super(wait.why(), null, false, false);
      this.wait = wait;
    }
  }

  /** The next request is sent behind those in front of it. */
  void behind(Line place) {
    line = place;
  }

  /** Returns when nobody is in front, who could take a turn before us. */
  void first() {
    line.await();
  }

  /** Returns when a request to the address is to be sent, at once. */
  void await(HttpUrl url) {
    try {
      Pace pace = host.pace(url);
      boolean home = plan.origin.same(url);
      while (true) {
        Pace.Wait place = pace.take(home ? plan.client.rateLimit() : List.of());
        if (place.millis() == 0) {
          return;
        }
        if (place.millis() > LONGEST_WAIT || !pause(place.millis())) {
          throw new Far(place);
        }
      }
    } finally {
      line.go();
    }
  }

  /** Nobody sends to the host of the address for so long. */
  void hold(HttpUrl url, long millis) {
    host.pace(url).hold(millis);
  }

  void learn(HttpUrl url, Asked.Limit told) {
    host.pace(url).learn(told);
  }

  /** Sleeps in slices, telling that we are alive; {@code false} when we are to stop instead. */
  boolean pause(long millis) {
    long left = millis;
    try {
      while (left > 0) {
        alive.run();
        if (progress.draining()) {
          return false;
        }
        long slice = Math.min(left, SLICE);
        pause.millis(slice);
        left -= slice;
      }
      return true;
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
  }
}
