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
  void afterAClosedWindowTheNextOneBeginsAtTheRunningMaximum() {
    assertThat(new Checkpoint(CURSOR, POSITION, true).opened(false))
        .isEqualTo(
            new Checkpoint(
                json("{'window_start':5,'running_max':5,'start_keys':['e','f'],'keys':['e','f']}"),
                null,
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

  @Test
  void parentsThatAWindowPassedAreWhereTheNextOneBegins() {
    Carried done = json("{'passed':{'epoch':1,'seq':2},'to':{'epoch':3,'seq':4}}");
    Checkpoint next = new Checkpoint(null, done, true).opened(false);
    assertThat(next.position()).isEqualTo(json("{'passed':{'epoch':3,'seq':4}}"));
    assertThat(next.begun()).as("nothing to resume").isFalse();

    Carried open =
        json(
            "{'passed':{'epoch':1,'seq':2},'to':{'epoch':3,'seq':4},'at':{'load':{'epoch':2,'seq':1},'row':9}}");
    assertThat(new Checkpoint(null, open, false).begun()).isTrue();
    assertThat(new Checkpoint(null, open, false).opened(true).position())
        .as("again from where the window began")
        .isEqualTo(json("{'passed':{'epoch':1,'seq':2}}"));
    assertThat(Visits.moved(next.position(), open)).isTrue();
    assertThat(Visits.moved(open, open)).isFalse();
    assertThat(Visits.moved(POSITION, POSITION)).isFalse();
  }
}
