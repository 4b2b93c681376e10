package io.millrace.activities.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.MillraceException;
import org.junit.jupiter.api.Test;

class BoundaryKeysTest {
  @Test
  void fewAreAListAndManyAreOneText() {
    assertThat(keys(3).json()).hasToString("[\"key000000000\",\"key000000001\",\"key000000002\"]");
    assertThat(keys(BoundaryKeys.LISTED).json().isArray()).isTrue();
    assertThat(keys(BoundaryKeys.LISTED + 1).json().isTextual()).isTrue();
  }

  @Test
  void comeBackInTheirOrderEachOnce() {
    BoundaryKeys keys = keys(5_000);
    keys.addAll(keys(6_000));
    BoundaryKeys back = BoundaryKeys.read(keys.json());
    assertThat(back.size()).isEqualTo(6_000);
    assertThat(back.json()).isEqualTo(keys.json());
    assertThat(back.contains("key000005999")).isTrue();
    assertThat(back.contains("key000006000")).isFalse();
    assertThat(BoundaryKeys.read(null).size()).isZero();
  }

  @Test
  void moreThanCanBeRememberedAreRefusedByName() {
    BoundaryKeys keys = keys(BoundaryKeys.MAX);
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> keys.add("one too many"))
        .withMessageContaining("more than 1500000 have the same cursor value");
  }

  private static BoundaryKeys keys(int count) {
    BoundaryKeys keys = new BoundaryKeys();
    for (int i = 0; i < count; i++) {
      keys.add("key" + Integer.toString(1_000_000_000 + i).substring(1));
    }
    return keys;
  }
}
