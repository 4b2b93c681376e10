package io.millrace.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.activities.Heartbeats.Figures;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The timer ticks once by itself, at the beginning; then the test is the timer and the clock. */
@Timeout(60)
class HeartbeatsTest {
  private final AtomicLong nanos = new AtomicLong(-7);
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Heartbeats heartbeats = new Heartbeats(Duration.ofDays(1), nanos::get);
  private final BlockingQueue<Figures> sent = new LinkedBlockingQueue<>();
  private RuntimeException lost;

  @AfterEach
  void close() {
    heartbeats.close();
  }

  private void send(Figures figures) {
    sent.add(figures);
    if (lost != null) {
      throw lost;
    }
  }

  private Figures next() throws InterruptedException {
    return sent.poll(30, TimeUnit.SECONDS);
  }

  private Heartbeats.Beating begun() throws InterruptedException {
    Heartbeats.Beating beating = heartbeats.start(this::send, draining::get);
    assertThat(next()).as("a step says at once that it lives").isEqualTo(new Figures(0, 0, 0));
    return beating;
  }

  @Test
  void saysTheNewestFigures() throws Exception {
    try (Heartbeats.Beating beating = begun()) {
      beating.report(1, 10, 100);
      beating.report(2, 20, 200);
      beating.tick();
      beating.tick();
    }
    assertThat(sent).containsExactly(new Figures(2, 20, 200), new Figures(2, 20, 200));
  }

  @Test
  void goesOnByItselfUntilTheStepHasEnded() throws Exception {
    try (Heartbeats often = new Heartbeats(Duration.ofMillis(1), nanos::get)) {
      try (Heartbeats.Beating one = often.start(this::send, draining::get);
          Heartbeats.Beating two = often.start(this::send, draining::get)) {
        one.report(1, 0, 0);
        two.report(2, 0, 0);
        await(1);
        await(2);
      }
      // there is one timer: when it has come to a later step, it has left the earlier ones
      beatsOfAnother(often);
      sent.clear();
      beatsOfAnother(often);
      assertThat(sent).as("nobody is left to speak for").isEmpty();
    }
  }

  private void beatsOfAnother(Heartbeats often) throws InterruptedException {
    CountDownLatch beats = new CountDownLatch(3);
    try (Heartbeats.Beating another = often.start(f -> beats.countDown(), draining::get)) {
      assertThat(beats.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(another.draining()).isFalse();
    }
  }

  private void await(long pages) throws InterruptedException {
    Figures figures = next();
    while (figures != null && figures.pages() != pages) {
      figures = next();
    }
    assertThat(figures).as("the step of " + pages + " pages is heard of").isNotNull();
  }

  @Test
  void fallsSilentWhenTheStepHangsAndSpeaksWhenItMovesAgain() throws Exception {
    try (Heartbeats.Beating beating = begun()) {
      nanos.addAndGet(Heartbeats.PATIENCE.toNanos());
      beating.tick();
      assertThat(sent).as("slow is not stuck").hasSize(1);
      nanos.incrementAndGet();
      beating.tick();
      assertThat(sent).as("stuck: somebody else shall have it").hasSize(1);
      beating.report(1, 0, 0);
      beating.tick();
      assertThat(sent).hasSize(2);
    }
  }

  @Test
  void tellsTheStepAtItsNextReportThatItWasLost() throws Exception {
    try (Heartbeats.Beating beating = begun()) {
      lost = new IllegalStateException("cancelled");
      assertThatCode(beating::tick).as("the timer survives it").doesNotThrowAnyException();
      assertThatThrownBy(() -> beating.report(1, 0, 0)).isSameAs(lost);
      assertThatThrownBy(() -> beating.report(2, 0, 0))
          .as("also when the step swallowed it")
          .isSameAs(lost);
    }
    lost = null;
    begun().close();
  }

  @Test
  void handsOnThatTheProcessDrains() throws Exception {
    try (Heartbeats.Beating beating = begun()) {
      assertThat(beating.draining()).isFalse();
      draining.set(true);
      assertThat(beating.draining()).isTrue();
    }
  }
}
