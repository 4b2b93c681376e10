package io.millrace.worker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

/** Somebody in this process who blocks all threads of the JDK's common pool, until it is closed. */
public final class BusyCommonPool implements AutoCloseable {
  private final CountDownLatch held = new CountDownLatch(1);

  public BusyCommonPool() {
    for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
      ForkJoinPool.commonPool()
          .submit(
              () -> {
                held.await();
                return null;
              });
    }
  }

  @Override
  public void close() {
    held.countDown();
  }
}
