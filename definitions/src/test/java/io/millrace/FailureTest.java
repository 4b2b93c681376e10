package io.millrace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void exitCodesAreTheDocumentedOnes() {
    for (Failure failure : Failure.values()) {
      assertThat(failure.exitCode()).as(failure.name()).isIn(1, 2, 3, 4, 130);
    }
  }
}
