package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.MillraceException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;

  @Test
  void namesTheHolderWhenItMayNotWait() {
    Path file = RunLock.of(folder);
    try (RunLock held = RunLock.take(file, "process 1, run:shop:1")) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> RunLock.take(file, "process 2"))
          .isInstanceOf(MillraceException.class)
          .hasMessage(
              "Cannot run the project: it is already running: process 1, run:shop:1 (wait for it, or leave out --on-running fail to do so)");
    }
    RunLock.take(file, "process 3").close();
  }

  @Test
  void goesOnWhenTheOtherHasEnded() throws Exception {
    Path file = RunLock.of(folder);
    CountDownLatch waits = new CountDownLatch(1);
    RunLock first = RunLock.take(file, "process 1");
    CompletableFuture<RunLock> second =
        CompletableFuture.supplyAsync(
            () -> RunLock.await(file, "process 2", said -> waits.countDown(), () -> false));
    assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
    first.close();
    second.get(20, TimeUnit.SECONDS).close();
  }

  @Test
  void stopsWaitingWhenItIsGivenUp() {
    Path file = RunLock.of(folder);
    RunLock first = RunLock.take(file, "process 1");
    assertThatThrownBy(() -> RunLock.await(file, "process 2", said -> {}, () -> true))
        .hasMessage("Stopped while waiting for another run of this project");
    first.close();
  }
}
