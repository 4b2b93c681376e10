package io.millrace.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.run.Queues;
import io.millrace.run.Quota;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.UpdateOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateStage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class QuotaTest {
  private static final List<Quota.Limit> LIMITS = List.of(new Quota.Limit(100, 60_000));

  private static Quota.Request want(int places) {
    return new Quota.Request(LIMITS, places, null, 0);
  }

  @Test
  void lendsNoMoreThanThereIsAndSaysWhenToAskAgain() {
    LentPlaces lent = new LentPlaces(null);
    Quota.Grant first = lent.lease(want(60), 1_000);
    assertThat(first.places()).isEqualTo(60);
    assertThat(lent.lease(want(60), 1_500).places()).as("what is left").isEqualTo(40);
    Quota.Grant none = lent.lease(want(60), 2_000);
    assertThat(none.places()).isZero();
    long whenBack = 1_000 + first.validMillis() + 61_000;
    assertThat(none.retryMillis()).isEqualTo(whenBack - 2_000);
    assertThat(lent.lease(want(60), whenBack).places()).as("a window later").isEqualTo(60);
  }

  @Test
  void takesBackWhatWasNotUsedAndCountsTheRestFromItsLastUse() {
    LentPlaces lent = new LentPlaces(null);
    Quota.Grant first = lent.lease(want(100), 1_000);
    Quota.Back back = new Quota.Back(first.id(), 30, 200);
    assertThat(lent.lease(new Quota.Request(LIMITS, 100, back, 0), 5_000).places()).isEqualTo(70);
    assertThat(lent.lease(new Quota.Request(LIMITS, 100, back, 0), 5_000).places())
        .as("the same twice takes nothing from the new holder")
        .isZero();
    assertThat(lent.lease(want(100), 1_200 + 61_000).places()).isEqualTo(30);
  }

  @Test
  void allWindowsOfAHostHold() {
    LentPlaces lent = new LentPlaces(null);
    List<Quota.Limit> both = List.of(new Quota.Limit(5, 1_000), new Quota.Limit(8, 3_600_000));
    assertThat(lent.lease(new Quota.Request(both, 50, null, 0), 0).places()).isEqualTo(5);
    assertThat(lent.lease(new Quota.Request(both, 50, null, 0), 12_000).places()).isEqualTo(3);
    assertThat(lent.lease(new Quota.Request(both, 50, null, 0), 30_000).retryMillis())
        .isGreaterThan(3_500_000);
  }

  @Test
  void nobodyGetsAPlaceWhileTheHostWantsRest() {
    LentPlaces lent = new LentPlaces(null);
    lent.lease(new Quota.Request(LIMITS, 1, null, 10_000), 1_000);
    assertThat(lent.lease(want(1), 2_000)).isEqualTo(new Quota.Grant(0, 0, 0, 9_000));
    assertThat(lent.lease(want(1), 11_000).places()).isEqualTo(1);
    assertThat(lent.lease(new Quota.Request(LIMITS, 0, null, Long.MAX_VALUE), 12_000).places())
        .isZero();
    assertThat(lent.lease(want(1), 12_000 + 86_400_000).places()).as("at most a day").isEqualTo(1);
  }

  /** Holders that use their places at random, give them back or die; the host counts. */
  @Test
  void noWindowOfTheHostSeesMoreWhoeverDies() {
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      LentPlaces lent = new LentPlaces(null);
      List<Quota.Limit> limits =
          List.of(
              new Quota.Limit(1 + random.nextInt(30), 500 + random.nextInt(3_000)),
              new Quota.Limit(20 + random.nextInt(100), 5_000 + random.nextInt(20_000)));
      List<Long> sent = new ArrayList<>();
      Quota.Back[] backs = new Quota.Back[3];
      long[] lastUses = new long[backs.length];
      long now = 0;
      int most = 0;
      for (int i = 0; i < 1_500; i++) {
        now += random.nextInt(120);
        int holder = random.nextInt(backs.length);
        // it gives back only what it does not use any more; otherwise it has died meanwhile
        Quota.Back back = now < lastUses[holder] ? null : backs[holder];
        Quota.Grant grant =
            lent.lease(new Quota.Request(limits, 1 + random.nextInt(20), back, 0), now);
        int used = random.nextInt(grant.places() + 1);
        long last = 0;
        for (int u = 0; u < used; u++) {
          last = Math.max(last, random.nextInt((int) grant.validMillis()));
          sent.add(now + last);
        }
        backs[holder] = grant.places() > 0 ? new Quota.Back(grant.id(), used, last) : null;
        lastUses[holder] = now + last;
        if (i % 500 == 499) {
          lent = new LentPlaces(lent.state()); // continue-as-new
        }
        most = Math.max(most, lent.state().leases().size());
      }
      sent.sort(Comparator.naturalOrder());
      for (Quota.Limit limit : limits) {
        for (int i = 0; i + limit.requests() < sent.size(); i++) {
          assertThat(sent.get(i + limit.requests()) - sent.get(i))
              .as("round %d, limit %s, request %d", round, limit, i)
              .isGreaterThanOrEqualTo(limit.perMillis());
        }
      }
      assertThat(sent).hasSizeGreaterThan(10);
      assertThat(most).as("what it remembers is bounded").isLessThanOrEqualTo(300);
    }
  }

  @Test
  void manyLeasesArePutTogetherOnTheSafeSide() {
    LentPlaces lent = new LentPlaces(null);
    List<Quota.Limit> day = List.of(new Quota.Limit(1_000, 86_400_000));
    long now = 0;
    int places = 0;
    for (int i = 0; i < 5_000; i++) {
      now += 1_000;
      Quota.Grant grant = lent.lease(new Quota.Request(day, 1, null, 0), now);
      places += grant.places();
    }
    assertThat(places).isEqualTo(1_000);
    assertThat(lent.state().leases().size()).isLessThan(300);
  }

  @Test
  void workflowLivesAsLongAsPlacesAreLent() {
    try (TestBed bed = new TestBed(new FakeWorld(), QuotaWorkflow.class)) {
      Quota.Grant first = lease(bed, want(100));
      assertThat(first.places()).isEqualTo(100);
      Quota.Grant second = lease(bed, want(100));
      assertThat(second.places()).isZero();
      assertThat(second.retryMillis()).isBetween(60_000L, 90_000L);
      bed.client.newUntypedWorkflowStub(Quota.id("shop", "x:1")).getResult(Void.class);
      assertThat(lease(bed, want(100)).places()).as("another one began").isEqualTo(100);
      assertThat(bed.history(Quota.id("shop", "x:1")).getEvents()).hasSizeLessThan(20);
    }
  }

  @Test
  void workflowGoesOnInANewExecutionAndForgetsNothing() {
    try (TestBed bed = new TestBed(new FakeWorld(), QuotaWorkflow.class)) {
      Quota.Request nothing = new Quota.Request(LIMITS, 0, null, 0);
      assertThat(lease(bed, want(100)).places()).isEqualTo(100);
      String first = runId(bed);
      for (int asked = 0; runId(bed).equals(first); asked++) {
        assertThat(asked).as("updates of one execution").isLessThan(1_600);
        lease(bed, nothing);
      }
      assertThat(lease(bed, want(1)).places()).as("all are lent").isZero();
    }
  }

  private static String runId(TestBed bed) {
    return bed.client
        .newUntypedWorkflowStub(Quota.id("shop", "x:1"))
        .describe()
        .getExecution()
        .getRunId();
  }

  static Quota.Grant lease(TestBed bed, Quota.Request request) {
    WorkflowStub stub =
        bed.client.newUntypedWorkflowStub(
            "Quota",
            WorkflowOptions.newBuilder()
                .setWorkflowId(Quota.id("shop", "x:1"))
                .setTaskQueue(Queues.DEFAULT)
                .setWorkflowIdConflictPolicy(
                    WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
                .setWorkflowTaskTimeout(Duration.ofSeconds(10))
                .build());
    return stub.executeUpdateWithStart(
        UpdateOptions.newBuilder(Quota.Grant.class)
            .setUpdateName("lease")
            .setWaitForStage(WorkflowUpdateStage.COMPLETED)
            .build(),
        new Object[] {request},
        new Object[] {null});
  }
}
