package io.millrace.worker;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Random moments of a run, drawn from a seed over its whole life: each is a page that is asked for,
 * or a little later than the last. Every other one comes while the API holds back the answer, the
 * rest up to some seconds after it: while segments are normalized and loaded, while everything is
 * applied at the end, or, where moments lie close together, while the next worker starts.
 */
final class Kills {
  private static final int MILLIS = 4000;

  private final int pages;
  private final List<Integer> at;
  private final List<CountDownLatch> reached;
  private final List<CountDownLatch> over;
  private final Random random;

  Kills(int kills, int pages, long seed) {
    this.pages = pages;
    this.random = new Random(seed);
    this.at = random.ints(kills, 1, pages + pages / 10 + 1).sorted().boxed().toList();
    this.reached = latches(kills);
    this.over = latches(kills);
  }

  int count() {
    return at.size();
  }

  /** The API was asked for a page; returns when it may answer. */
  void asked(int page) {
    for (int i = 0; i < count(); i++) {
      if (page >= Math.min(pages, at.get(i))) {
        reached.get(i).countDown();
        if (page == at.get(i) && held(i)) {
          await(over.get(i));
        }
      }
    }
  }

  /** Waits for a moment; {@code false} when a quarter of an hour went by without it. */
  boolean await(int kill) throws InterruptedException {
    boolean late = reached.get(kill).getCount() == 0;
    if (!reached.get(kill).await(15, TimeUnit.MINUTES)) {
      return false;
    }
    if (late || !held(kill) || at.get(kill) > pages) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(MILLIS));
    }
    return true;
  }

  /** Who is to be killed at that moment was. */
  void done(int kill) {
    over.get(kill).countDown();
  }

  private static boolean held(int kill) {
    return kill % 2 == 0;
  }

  private static List<CountDownLatch> latches(int count) {
    return Stream.generate(() -> new CountDownLatch(1)).limit(count).toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
