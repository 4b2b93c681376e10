package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TapeTest {
  @Test
  void refusesARecordOfMoreValuesThanMemoryHolds() {
    Tape tape = new Tape();
    assertThatThrownBy(
            () -> {
              while (true) {
                tape.add(Tape.INT, 0, 1);
              }
            })
        .hasMessageContaining("has more than " + Tape.MAX + " values");
    assertThat(tape.size).isEqualTo(Tape.MAX);
    tape.clear();
    assertThat(tape.add(Tape.NULL, 0, 0)).isZero();
  }
}
