package io.millrace.worker.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.MillraceException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WorkerChildTest {
  @TempDir Path folder;

  @Test
  void aWorkerThatEndsByItselfIsReportedWithItsLog() {
    Path log = folder.resolve("worker-1.log");
    Path nowhere = folder.resolve("no such folder");
    try (WorkerChild child = WorkerChild.start("127.0.0.1:1", nowhere, Map.of(), log)) {
      assertThatThrownBy(() -> child.death().get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(MillraceException.class)
          .hasMessage(
              "Cannot finish the demo: its worker ended by itself with exit code 2"
                  + " (it said why in "
                  + log
                  + ")");
    }
    assertThat(log).content().contains("no such file: " + nowhere);
  }

  @Test
  void aKilledWorkerIsGoneWhenKillReturnsAndIsNoSurprise() {
    try (WorkerChild child =
        WorkerChild.start("127.0.0.1:1", folder, Map.of(), folder.resolve("worker-1.log"))) {
      var death = child.death();
      child.kill();
      assertThat(ProcessHandle.of(child.pid()).filter(ProcessHandle::isAlive)).isEmpty();
      assertThat(death).isNotDone();
    }
  }
}
