package io.millrace.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private static Carried json(String json) {
    try {
      return Carried.of(Wire.mapper().readTree(json.replace('\'', '"')));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static final Carried CURSOR =
      json("{'window_start':1,'running_max':5,'start_keys':['a'],'keys':['e','f']}");
  private static final Carried POSITION = json("{'page':3}");

  @Test
  void afterAClosedWindowTheNextOneBeginsAtTheRunningMaximumWithWhatFetchKnew() {
    assertThat(new Checkpoint(CURSOR, POSITION, true).opened(false))
        .isEqualTo(
            new Checkpoint(
                json("{'window_start':5,'running_max':5,'start_keys':['e','f'],'keys':['e','f']}"),
                POSITION,
                false));
  }

  @Test
  void anOpenWindowGoesOnAtItsPosition() {
    Checkpoint open = new Checkpoint(CURSOR, POSITION, false);
    assertThat(open.opened(false)).isEqualTo(open);
  }

  @Test
  void anUnfinishedWholeRunBeginsItsWindowAgain() {
    assertThat(new Checkpoint(CURSOR, POSITION, false).opened(true))
        .isEqualTo(
            new Checkpoint(
                json("{'window_start':1,'running_max':1,'start_keys':['a'],'keys':['a']}"),
                null,
                false));
  }

  @Test
  void aWindowThatSawNothingIsOpenedWhereItBegan() {
    Carried empty = json("{'window_start':1}");
    assertThat(new Checkpoint(empty, null, true).opened(false))
        .isEqualTo(new Checkpoint(empty, null, false));
  }

  @Test
  void theFirstRunBeginsWithNothing() {
    assertThat(Checkpoint.START.opened(false)).isEqualTo(new Checkpoint(null, null, false));
  }

  @Test
  void aStagedCursorCannotBeOpened() {
    Checkpoint staged = new Checkpoint(new Carried(null, new StagedRef("p", "s")), null, true);
    assertThatThrownBy(() -> staged.opened(false))
        .hasMessage("Cannot open a window: its cursor is not inline");
  }
}
