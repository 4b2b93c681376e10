package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UlidTest {
  @Test
  void spellsTimeAndChance() {
    assertThat(Ulid.of(0, 0, 0)).isEqualTo("00000000000000000000000000");
    assertThat(Ulid.of(0, 0, 31)).isEqualTo("0000000000000000000000000Z");
    assertThat(Ulid.of((1L << 48) - 1, -1, -1)).isEqualTo("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    assertThat(Ulid.of(1469918176385L, 0, 0)).startsWith("01ARYZ6S41");
  }

  @Test
  void sortsByTime() {
    assertThat(Ulid.of(1, -1, -1)).isLessThan(Ulid.of(2, 0, 0));
    assertThat(Ulid.next()).hasSize(26).isNotEqualTo(Ulid.next());
  }
}
