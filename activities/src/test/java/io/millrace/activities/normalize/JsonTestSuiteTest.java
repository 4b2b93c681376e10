package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nicolas Seriot's JSONTestSuite: what must be accepted, what must be refused, and nothing hangs.
 */
class JsonTestSuiteTest {
  @TempDir Path dir;

  @TestFactory
  Stream<DynamicTest> acceptsAndRefusesAsRfc8259Says() throws IOException {
    Path suite = GoldenTest.shared("data/json-test-suite/test_parsing");
    if (suite == null) {
      return Stream.of(
          dynamicTest("SKIPPED: there is no folder shared/data above this one", () -> {}));
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(suite)) {
      all.sorted().forEach(files::add);
    }
    return files.stream().map(f -> dynamicTest(f.getFileName().toString(), () -> check(f)));
  }

  private void check(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String name = file.getFileName().toString();
    String why = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> refusal(bytes));
    if (name.startsWith("y_")) {
      assertThat(why).as("must be accepted").isNull();
    } else if (name.startsWith("n_")) {
      assertThat(why)
          .as("must be refused")
          .startsWith("Cannot read records: ")
          .contains(" at byte ");
    }
  }

  private String refusal(byte[] bytes) {
    RawPage page =
        new RawPage(
            RawPage.Format.JSON, List.of(), "file.json", 0, () -> new ByteArrayInputStream(bytes));
    try {
      Normalizer.run(Orders.plain("t", "_mr"), List.of(page), dir.resolve("p"), Progress.NONE);
      return null;
    } catch (MillraceException e) {
      assertThat(e.failure()).isEqualTo(Failure.RESPONSE_INVALID);
      return e.getMessage();
    }
  }
}
