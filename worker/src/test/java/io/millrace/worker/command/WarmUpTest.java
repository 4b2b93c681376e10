package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.worker.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code warm-up}, whose classes the launcher archives. */
@Timeout(120)
class WarmUpTest {
  @TempDir Path folder;

  @Test
  void landsTwoRecordsWhateverTheEnvironmentSaysAndLeavesNothing() {
    Cli.Result result =
        Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", "127.0.0.1:1").run("warm-up");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("files.events")
        .contains("succeeded")
        .contains("events__list");
    assertThat(folder).isEmptyDirectory();
  }
}
