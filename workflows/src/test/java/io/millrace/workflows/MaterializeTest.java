package io.millrace.workflows;

import static io.millrace.workflows.FakeWorld.failing;
import static io.millrace.workflows.FakeWorld.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.run.Checkpoint;
import io.millrace.run.Fetch;
import io.millrace.run.Load;
import io.millrace.run.Materialize;
import io.millrace.run.Normalize;
import io.millrace.run.Outcome;
import io.millrace.run.ReadState;
import io.millrace.run.Refresh;
import io.millrace.run.SearchAttributes;
import io.millrace.run.Segment;
import io.temporal.activity.Activity;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MaterializeTest {
  private static final String ASSET = "shop.orders";
  private static final String LOCK = "mat:shop:shop.orders";

  private FakeWorld world = new FakeWorld();
  private TestBed bed;

  @AfterEach
  void close() {
    if (bed != null) {
      bed.close();
    }
  }

  private TestBed bed(int pages) {
    bed = new TestBed(world.asset(ASSET, pages));
    return bed;
  }

  // ---- the way of a segment

  @Test
  void landsEveryPageOnceAndInOrder() {
    Outcome outcome = bed(3).materialize(ASSET);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(outcome.rows()).containsEntry("numbers", 3L);
    assertThat(outcome.segments()).isEqualTo(3);
    assertThat(outcome.pages()).isEqualTo(3);
    assertThat(outcome.cursor()).isEqualTo("3");
    assertThat(outcome.schemaChanges()).containsExactly("new table numbers");
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2, 3);
    assertThat(world.stored(ASSET).checkpoint.done()).isTrue();
    assertThat(world.calls.get(0)).isEqualTo("state " + ASSET);
    assertThat(outcome.loadIds())
        .hasSize(3)
        .allMatch(id -> id.matches("\\d+\\.\\d{6}-[0-9a-f]{8}-0001-00000[123]"), "load id")
        .isSorted();
  }

  @Test
  void fetchesNormalizesAndLoadsThreeSegmentsAtTheSameTime() {
    CyclicBarrier together = new CyclicBarrier(3);
    FakeWorld.Hook meet =
        segment -> {
          try {
            together.await(30, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw FakeWorld.failure(Failure.DATA_INVALID, "Nobody else came");
          }
        };
    world.before("fetch shop.orders 3", meet);
    world.before("normalize shop.orders 2", meet);
    world.before("load shop.orders 1", meet);

    Outcome outcome = bed(6).materialize(ASSET);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    for (int n = 4; n <= 6; n++) {
      assertThat(at("fetch " + ASSET + " " + n))
          .as("never more than three in flight")
          .isGreaterThan(at("end load " + ASSET + " " + (n - 3)));
    }
    for (int n = 2; n <= 6; n++) {
      assertThat(at("normalize " + ASSET + " " + n))
          .isGreaterThan(at("end normalize " + ASSET + " " + (n - 1)));
      assertThat(at("load " + ASSET + " " + n))
          .isGreaterThan(at("end load " + ASSET + " " + (n - 1)));
    }
  }

  @Test
  void closesTheWindowWithAnEmptyLastSegment() {
    world.answer(
        "fetch shop.orders 2",
        r -> new Fetch.Result(r.raw(), r.position(), false, false, r.pages(), 1, 1, 0, null));

    Outcome outcome = bed(2).materialize(ASSET);

    assertThat(outcome.segments()).isEqualTo(3);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
    assertThat(world.stored(ASSET).checkpoint.done()).isTrue();
    assertThat(loads()).last().matches(Load.Request::finish, "finishes");
    assertThat(loads().subList(0, 2)).noneMatch(Load.Request::finish);
  }

  @Test
  void tellsWhatFetchesNotedOfCommittedSegments() {
    world.answer("fetch shop.orders 1", r -> noted(r, Map.of("no_files", 1L)));
    world.answer("fetch shop.orders 2", r -> noted(r, Map.of("no_files", 1L, "other", 2L)));

    assertThat(bed(2).materialize(ASSET).notes()).isEqualTo(Map.of("no_files", 2L, "other", 2L));
  }

  @Test
  void tellsOnceWhatAWholeRunNotedThatBeganAgain() {
    world.wholeRun = true;
    world.answer("fetch shop.orders 1", r -> noted(r, Map.of("other", 1L)));
    world.before("load shop.orders 3", failing(1, Failure.LOAD_REFUSED, "Cannot load: refused"));

    Outcome outcome = bed(4).materialize(ASSET);

    assertThat(outcome.rows()).containsEntry("numbers", 4L);
    assertThat(outcome.notes()).isEqualTo(Map.of("other", 1L));
  }

  private static Fetch.Result noted(Fetch.Result r, Map<String, Long> notes) {
    return new Fetch.Result(
        r.raw(), r.position(), r.done(), false, r.pages(), 1, 1, 0, null, notes);
  }

  @Test
  void replaysTheReceiptWhenOnlyTheAnswerWasLost() {
    world.after(
        "load shop.orders 2", failing(1, Failure.DESTINATION_UNREACHABLE, "Connection reset"));

    Outcome outcome = bed(3).materialize(ASSET);

    assertThat(outcome.rows()).containsEntry("numbers", 3L);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2, 3);
  }

  // ---- windows

  @Test
  void beginsTheNextWindowAtTheRunningMaximum() {
    bed(3).materialize(ASSET);
    world.pages.put(ASSET, 5);

    Outcome second = bed.materialize(ASSET);

    assertThat(second.rows()).containsEntry("numbers", 2L);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(5));
    assertThat(world.stored(ASSET).epoch).isEqualTo(2);
    assertThat(second.loadIds()).first().matches(id -> id.endsWith("-0002-000001"), "new epoch");
  }

  @Test
  void resumesAnOpenWindowWhereItWasCommitted() {
    world.before("fetch shop.orders 3", failing(1, Failure.SOURCE_REFUSED, "Cannot fetch: 403"));
    Outcome failed = failed(bed(4), TestBed.input(ASSET));
    assertThat(failed.failure().code()).isEqualTo("SOURCE_REFUSED");
    assertThat(failed.failure().message()).isEqualTo("Cannot fetch: 403");
    assertThat(failed.rows())
        .as("what was fetched before is committed")
        .containsEntry("numbers", 2L);

    Outcome outcome = bed.materialize(ASSET);

    assertThat(outcome.pages()).isEqualTo(2);
    assertThat(outcome.notes()).isEqualTo(Map.of("resumed", 1L));
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(4));
    assertThat(bed.materialize(ASSET).notes()).as("the window was closed").isNull();
  }

  @Test
  void stopsAtTheLimitAndGoesOnFromThere() {
    Materialize.Input limited =
        new Materialize.Input("shop", ASSET, null, "manifest-1", "r", null, 3, null, null);
    world.pagesPerSegment = 2;

    Outcome first = bed(5).materialize(limited);

    assertThat(first.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(first.pages()).isEqualTo(3);
    assertThat(loads()).last().matches(Load.Request::finish, "finishes");
    assertThat(world.stored(ASSET).checkpoint.done()).isFalse();
    bed.materialize(ASSET);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(5));
  }

  @Test
  void beginsAnUnfinishedWholeRunAgain() {
    world.wholeRun = true;
    world.before("load shop.orders 3", failing(1, Failure.DESTINATION_REFUSED, "Cannot load: no"));

    Outcome failed = failed(bed(4), TestBed.input(ASSET));
    assertThat(failed.rows()).as("nobody sees the shadow tables").isEmpty();
    assertThat(world.stored(ASSET).rows).isEmpty();

    Outcome outcome = bed.materialize(ASSET);
    assertThat(outcome.rows()).containsEntry("numbers", 4L);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(4));
  }

  @Test
  void replacesNothingWhenTheSourceSaysUnchanged() {
    world.wholeRun = true;
    bed(2).materialize(ASSET);
    world.answer("fetch shop.orders 1", FakeWorld::unchanged);

    Outcome outcome = bed.materialize(ASSET);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.UNCHANGED);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
  }

  @Test
  void forgetsOnlyWithTheFirstLoad() {
    bed(3).materialize(ASSET);
    world.inputs.clear();
    world.before("load shop.orders 2", move());

    Outcome outcome =
        bed.materialize(
            new Materialize.Input(
                "shop", ASSET, null, "manifest-1", "r", Refresh.DROP_RESOURCES, null, null, null));

    assertThat(outcome.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2, 3);
    assertThat(loads()).filteredOn(l -> l.refresh() != null).singleElement();
    assertThat(world.inputs)
        .filteredOn(ReadState.Request.class::isInstance)
        .extracting(r -> ((ReadState.Request) r).refresh())
        .containsExactly(Refresh.DROP_RESOURCES, null);
  }

  // ---- a window that cannot be resumed

  /** The position that a run left is not known any more, when it is asked for in this epoch. */
  private FakeWorld.Hook lost(int epoch) {
    return segment -> {
      if (segment.epoch() == epoch) {
        throw FakeWorld.failure(Failure.WINDOW_LOST, "Cannot resume: 410 (gone)");
      }
    };
  }

  /** Rows 1 to 3 in a closed window, 4 and 5 in an open one. */
  private void leaveAWindowOpen() {
    bed(3).materialize(ASSET);
    world.pages.put(ASSET, 7);
    world.before("fetch shop.orders 3", failing(1, Failure.SOURCE_REFUSED, "Cannot fetch: 403"));
    failed(bed, TestBed.input(ASSET));
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(5));
    world.inputs.clear();
  }

  @Test
  void countsTheRequestsOfAFetchThatFailed() {
    bed(3);
    world.before(
        "fetch shop.orders 1",
        segment -> {
          throw ApplicationFailure.newNonRetryableFailure(
              "Cannot fetch: 403", Failure.SOURCE_REFUSED.name(), new Fetch.Cost(7));
        });
    assertThat(failed(bed, TestBed.input(ASSET)).requests()).isEqualTo(7);
  }

  @Test
  void beginsAWindowAgainThatCannotBeResumedAndTellsWhatItRemoved() {
    leaveAWindowOpen();
    world.before("fetch shop.orders 1", lost(3));

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(7));
    assertThat(world.stored(ASSET).epoch).isEqualTo(4);
    assertThat(outcome.rows()).containsEntry("numbers", 4L);
    assertThat(outcome.pages()).isEqualTo(4);
    assertThat(outcome.restarted())
        .isEqualTo(
            "Read its open window again from its start: Cannot resume: 410 (gone);"
                + " the rows that it had were removed: 2 of numbers");
    assertThat(loads())
        .extracting(Load.Request::restart)
        .containsExactly(true, false, false, false);
    assertThat(loads().get(0).before().position())
        .as("the load follows what the destination has")
        .isNotNull();
    assertThat(fetches().get(0).resumed()).isTrue();
    assertThat(fetches().get(1).from().position()).isNull();
    assertThat(fetches().get(1).from().cursor().json().get("window_start").asInt()).isEqualTo(3);
    assertThat(fetches().subList(1, fetches().size())).noneMatch(Fetch.Request::resumed);
  }

  @Test
  void saysThatAPositionIsResumedUntilAPageCame() {
    leaveAWindowOpen();
    world.answer(
        "fetch shop.orders 1",
        r ->
            new Fetch.Result(
                r.raw(), fetches().get(0).from().position(), false, false, 0, 1, 0, 0, null));

    bed.materialize(ASSET);

    assertThat(fetches()).extracting(Fetch.Request::resumed).startsWith(true, true, false);
  }

  @Test
  void beginsAWindowAgainWhenItsSourceChangesInTheMiddleOfARun() {
    bed(3).materialize(ASSET);
    world.pages.put(ASSET, 6);
    world.before(
        "fetch shop.orders 3", failing(1, Failure.SOURCE_CHANGED, "Cannot read: a file changed"));

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(6));
    assertThat(outcome.rows())
        .as("what was committed and removed again does not count")
        .containsEntry("numbers", 3L);
    assertThat(outcome.pages()).isEqualTo(3);
    assertThat(outcome.segments()).isEqualTo(3);
    assertThat(outcome.loadIds()).hasSize(3).allMatch(id -> id.contains("-0003-"));
    assertThat(outcome.restarted()).endsWith("were removed: 2 of numbers");
  }

  @Test
  void removesNothingWhenNothingOfTheWindowIsCommitted() {
    world.before(
        "fetch shop.orders 1", failing(1, Failure.SOURCE_CHANGED, "Cannot read: a file changed"));

    Outcome outcome = bed(3).materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(3));
    assertThat(loads()).noneMatch(Load.Request::restart);
    assertThat(outcome.restarted())
        .isEqualTo("Read its open window again from its start: Cannot read: a file changed");
  }

  @Test
  void beginsAWindowAgainOnlyOnceInARun() {
    leaveAWindowOpen();
    world.before("fetch shop.orders 1", lost(3));
    world.before(
        "fetch shop.orders 2",
        failing(1, Failure.SOURCE_CHANGED, "Cannot read: it changed once more"));

    Outcome failed = failed(bed, TestBed.input(ASSET));

    assertThat(failed.failure())
        .isEqualTo(Outcome.Problem.of(Failure.SOURCE_CHANGED, "Cannot read: it changed once more"));
    assertThat(failed.restarted()).contains("410 (gone)", "removed: 2 of numbers");
    assertThat(world.stored(ASSET).rows).as("the first of the new ones").isEqualTo(numbers(4));
    bed.materialize(ASSET);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(7));
  }

  @Test
  void beginsAWindowAgainOnlyOnceOverAllExecutions() {
    world.asset(ASSET, 7);
    bed = new TestBed(world, ShortExecutions.class);
    world.before(
        "fetch shop.orders 4", failing(2, Failure.SOURCE_CHANGED, "Cannot read: a file changed"));

    Outcome failed = failed(bed, TestBed.input(ASSET));

    assertThat(failed.failure().code()).isEqualTo("SOURCE_CHANGED");
    assertThat(failed.restarted()).endsWith("were removed: 3 of numbers");
    assertThat(loads()).filteredOn(Load.Request::restart).hasSize(1);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(3));
  }

  @Test
  void removesTheWindowEvenWhenNothingComesAgain() {
    leaveAWindowOpen();
    world.before("fetch shop.orders 1", lost(3));
    world.pages.put(ASSET, 0);

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(3));
    assertThat(world.stored(ASSET).checkpoint.done()).isTrue();
    assertThat(outcome.restarted()).endsWith("were removed: 2 of numbers");
  }

  @Test
  void beginsAgainWhenTheFirstLoadOfTheWindowLosesItsPackage() {
    leaveAWindowOpen();
    world.before("fetch shop.orders 1", lost(3));
    boolean[] lost = {false};
    world.before(
        "load shop.orders 1",
        segment -> {
          if (!lost[0]) {
            lost[0] = true;
            world.loseStaging();
          }
        });

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(7));
    assertThat(outcome.restarted()).endsWith("were removed: 2 of numbers");
  }

  @Test
  void beginsAWholeRunAgainWhenItsSourceChanges() {
    world.wholeRun = true;
    bed(2).materialize(ASSET);
    world.before(
        "fetch shop.orders 2", failing(1, Failure.SOURCE_CHANGED, "Cannot read: a file changed"));
    world.stored(ASSET).checkpoint = Checkpoint.START;
    world.pages.put(ASSET, 3);

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(3));
    assertThat(outcome.rows()).containsEntry("numbers", 3L);
  }

  // ---- what goes wrong, by its name

  @Test
  void normalizesTheSameSegmentAgainWhenASiblingMovedTheSchema() {
    world.before("load shop.orders 2", move());

    bed(4).materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(4));
    assertThat(world.stored(ASSET).epoch).as("the same epoch").isEqualTo(1);
    assertThat(world.calls).as("nothing is fetched again").containsOnlyOnce("fetch shop.orders 2");
    assertThat(world.inputs)
        .filteredOn(Normalize.Request.class::isInstance)
        .extracting(n -> (Normalize.Request) n)
        .filteredOn(n -> n.segment().seq() == 2)
        .extracting(n -> n.schema().path())
        .containsExactly("schema/1", "schema/2");
  }

  @Test
  void givesUpWhenTheSchemaNeverStandsStill() {
    world.before("load shop.orders 2", failing(99, Failure.SCHEMA_MOVED, "Cannot load: moved"));

    Outcome failed = failed(bed(3), TestBed.input(ASSET));

    assertThat(failed.failure().code()).isEqualTo("SCHEMA_MOVED");
    assertThat(world.calls.stream().filter("load shop.orders 2"::equals)).hasSize(6);
    assertThat(world.stored(ASSET).rows).containsExactly(1);
  }

  /** A sibling moves the schema, and then the destination does not answer for some time. */
  private FakeWorld silentAfterAMove(int silent, FakeWorld.Hook first) {
    int[] states = {0};
    world =
        new FakeWorld() {
          @Override
          public ReadState.Result readState(ReadState.Request request) {
            int n = ++states[0];
            if (n == 2) {
              first.run(null);
            }
            if (n > 1 && n <= 1 + silent) {
              throw FakeWorld.failure(Failure.DESTINATION_UNREACHABLE, "Cannot read: down");
            }
            return super.readState(request);
          }
        };
    world.before("load shop.orders 2", move());
    return world;
  }

  @Test
  void parksWhenTheDestinationIsGoneWhileTheMovedSchemaIsRead() {
    silentAfterAMove(20, segment -> {});
    bed(4);
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    bed.temporal.sleep(Duration.ofHours(3));
    TestBed.until(() -> run.query("progress", Outcome.class).status() != Outcome.Status.RUNNING);
    Outcome parked = run.query("progress", Outcome.class);
    assertThat(parked.status()).as("it may come back").isEqualTo(Outcome.Status.PARKED);
    assertThat(parked.failure().code())
        .as("what is wrong, not what it was done for")
        .isEqualTo("DESTINATION_UNREACHABLE");

    run.update("retry", Boolean.class);
    assertThat(run.getResult(Outcome.class).status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(4));
  }

  @Test
  void aCancellationDoesNotWaitForASchemaThatNobodyAnswersFor() {
    silentAfterAMove(99, segment -> bed.client.newUntypedWorkflowStub(LOCK).cancel());
    bed(4);
    long begin = bed.temporal.currentTimeMillis();
    WorkflowStub run = bed.start(TestBed.input(ASSET));

    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .hasCauseInstanceOf(CanceledFailure.class);

    assertThat(bed.temporal.currentTimeMillis() - begin)
        .as("not the hour of all tries")
        .isLessThan(30 * 60_000L);
    assertThat(world.stored(ASSET).rows).containsExactly(1);
  }

  @Test
  void goesOnFromTheStateInANewEpochWhenALoadIsRefused() {
    world.before("load shop.orders 3", failing(1, Failure.LOAD_REFUSED, "Cannot load: refused"));

    Outcome outcome = bed(5).materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(5));
    assertThat(outcome.rows()).containsEntry("numbers", 5L);
    assertThat(outcome.pages()).as("dropped pages do not count").isEqualTo(5);
    assertThat(world.stored(ASSET).epoch).isEqualTo(2);
    assertThat(world.stored(ASSET).seq).isEqualTo(3);
  }

  @Test
  void givesUpAfterThreeRefusals() {
    world.before("load shop.orders 1", failing(99, Failure.LOAD_REFUSED, "Cannot load: refused"));

    Outcome failed = failed(bed(2), TestBed.input(ASSET));

    assertThat(failed.failure())
        .isEqualTo(Outcome.Problem.of(Failure.LOAD_REFUSED, "Cannot load: refused"));
    assertThat(world.calls.stream().filter("load shop.orders 1"::equals)).hasSize(4);
  }

  @Test
  void failsForGoodWhenAnotherRunHasTakenOver() {
    world.before("load shop.orders 2", segment -> world.stored(ASSET).epoch = 9);

    Outcome failed = failed(bed(4), TestBed.input(ASSET));

    assertThat(failed.failure().code()).isEqualTo("LOAD_REFUSED");
    assertThat(failed.failure().message())
        .isEqualTo(
            "Cannot load shop.orders: another run has taken over: epoch 9 "
                + "(this one had 1; start it again if the other one is gone)");
    assertThat(world.stored(ASSET).rows).containsExactly(1);
  }

  @Test
  void fetchesAgainWhatStagingLost() {
    boolean[] lost = {false};
    world.before(
        "normalize shop.orders 3",
        segment -> {
          if (!lost[0]) {
            lost[0] = true;
            world.loseStaging();
          }
        });

    Outcome outcome = bed(6).materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(6));
    assertThat(outcome.rows()).containsEntry("numbers", 6L);
    assertThat(outcome.pages()).isEqualTo(6);
  }

  @Test
  void fetchesAgainWhenTheFirstPackageIsLostBeforeAnythingIsCommitted() {
    boolean[] lost = {false};
    world.before(
        "load shop.orders 1",
        segment -> {
          if (!lost[0]) {
            lost[0] = true;
            world.loseStaging();
          }
        });

    bed(3).materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(3));
    assertThat(world.stored(ASSET).epoch).as("a load id is never used twice").isEqualTo(2);
  }

  @Test
  void commitsWhatCameBeforeAContractRefusal() {
    world.before(
        "normalize shop.orders 3", failing(1, Failure.CONTRACT_FROZEN, "Cannot add column x"));

    Outcome failed = failed(bed(5), TestBed.input(ASSET));

    assertThat(failed.failure().code()).isEqualTo("CONTRACT_FROZEN");
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
  }

  @Test
  void getsOverAnOutage() {
    world.before(
        "fetch shop.orders 2", failing(19, Failure.SOURCE_UNREACHABLE, "Cannot fetch: 503"));

    assertThat(bed(2).materialize(ASSET).status()).isEqualTo(Outcome.Status.SUCCEEDED);
  }

  @Test
  void parksWhenAnOutageDoesNotEndAndGoesOnWhenSomebodySaysSo() {
    world.before(
        "load shop.orders 1", failing(20, Failure.DESTINATION_UNREACHABLE, "Cannot load: down"));
    bed(2);
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    bed.temporal.sleep(Duration.ofHours(3));
    TestBed.until(() -> run.query("progress", Outcome.class).status() == Outcome.Status.PARKED);
    Outcome parked = run.query("progress", Outcome.class);
    assertThat(parked.failure().code()).isEqualTo("DESTINATION_UNREACHABLE");
    assertThat(world.calls.stream().filter("load shop.orders 1"::equals)).hasSize(20);
    assertThat(run.query("waiting", Materialize.Waiting.class))
        .isEqualTo(new Materialize.Waiting("parked", 0, "Cannot load: down"));
    var shown = run.describe().getTypedSearchAttributes();
    assertThat(shown.get(SearchAttributes.PHASE)).isEqualTo("parked");
    assertThat(shown.get(SearchAttributes.NEEDS_ATTENTION)).isTrue();

    assertThat(run.update("retry", Boolean.class)).isTrue();
    Outcome outcome = run.getResult(Outcome.class);
    assertThat(outcome.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
    assertThat(run.describe().getTypedSearchAttributes().get(SearchAttributes.NEEDS_ATTENTION))
        .isFalse();
  }

  @Test
  void aParkedOneEndsWithItsFailureWhenItIsStopped() {
    world.before(
        "fetch shop.orders 2", failing(99, Failure.SOURCE_UNREACHABLE, "Cannot fetch: down"));
    bed(3);
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    bed.temporal.sleep(Duration.ofHours(3));
    TestBed.until(() -> run.query("progress", Outcome.class).status() == Outcome.Status.PARKED);
    assertThat(world.stored(ASSET).rows).as("what came before is committed").containsExactly(1);

    run.update("stop", Void.class);
    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .satisfies(
            e -> assertThat(Outcome.of(ASSET, e).failure().code()).isEqualTo("SOURCE_UNREACHABLE"));
  }

  // ---- waits

  @Test
  void waitsSixHoursWithoutHoldingAnythingAndCommitsMeanwhile() {
    List<Integer> committedMeanwhile = new ArrayList<>();
    world.answer(
        "fetch shop.orders 2",
        r -> FakeWorld.waiting(r, Duration.ofHours(6), "429 Retry-After 21600s"));
    world.before(
        "fetch shop.orders 3", segment -> committedMeanwhile.addAll(world.stored(ASSET).rows));
    bed(3);
    long begin = bed.temporal.currentTimeMillis();

    Outcome outcome = bed.materialize(ASSET);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(bed.temporal.currentTimeMillis() - begin).isGreaterThanOrEqualTo(6 * 3_600_000L);
    assertThat(committedMeanwhile).containsExactly(1, 2);
    assertThat(bed.history(LOCK).getEvents())
        .filteredOn(e -> e.hasTimerStartedEventAttributes())
        .singleElement()
        .matches(
            e -> e.getUserMetadata().getSummary().toString().contains("Retry-After"), "says why");
  }

  @Test
  void waitsAsLongAsTheSourceSaysWhenItGaveNoPage() {
    int[] left = {2};
    world.before(
        "fetch shop.orders 2",
        segment -> {
          if (left[0]-- > 0) {
            throw ApplicationFailure.newFailureWithCauseAndDelay(
                "Cannot fetch: 429", "RATE_LIMITED", null, Duration.ofHours(2));
          }
        });
    bed(3);
    long begin = bed.temporal.currentTimeMillis();

    assertThat(bed.materialize(ASSET).status()).isEqualTo(Outcome.Status.SUCCEEDED);

    assertThat(bed.temporal.currentTimeMillis() - begin).isGreaterThanOrEqualTo(4 * 3_600_000L);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2, 3);
  }

  @Test
  void showsTheWaitAndEndsItWhenStopped() {
    world.answer(
        "fetch shop.orders 1",
        r -> FakeWorld.waiting(r, Duration.ofHours(6), "429 Retry-After 21600s"));
    bed(3);
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    TestBed.until(
        () -> {
          Outcome progress = run.query("progress", Outcome.class);
          return "rate_limited".equals(progress.phase()) && progress.segments() == 1;
        });
    assertThat(run.describe().getTypedSearchAttributes().get(SearchAttributes.PHASE))
        .isEqualTo("rate_limited");

    run.update("stop", Void.class);
    Outcome outcome = run.getResult(Outcome.class);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.CANCELLED);
    assertThat(world.stored(ASSET).rows).containsExactly(1);
    assertThat(bed.history(LOCK).getEvents())
        .anyMatch(HistoryEvent::hasTimerCanceledEventAttributes)
        .noneMatch(HistoryEvent::hasTimerFiredEventAttributes);
  }

  @Test
  void wakesBeforeItsTime() {
    world.answer(
        "fetch shop.orders 1",
        r -> FakeWorld.waiting(r, Duration.ofHours(6), "429 Retry-After 21600s"));
    bed(2);
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    TestBed.until(() -> run.query("waiting", Materialize.Waiting.class) != null);
    Materialize.Waiting waiting = run.query("waiting", Materialize.Waiting.class);
    assertThat(waiting.phase()).isEqualTo("rate_limited");
    assertThat(waiting.reason()).isEqualTo("429 Retry-After 21600s");
    assertThat(run.describe().getTypedSearchAttributes().get(SearchAttributes.WAKE_AT).toInstant())
        .isEqualTo(Instant.ofEpochMilli(waiting.wakeAt()));

    assertThat(run.update("wake", Boolean.class)).isTrue();
    assertThat(run.getResult(Outcome.class).status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
    assertThat(bed.history(LOCK).getEvents()).noneMatch(HistoryEvent::hasTimerFiredEventAttributes);
    assertThat(run.describe().getTypedSearchAttributes().containsKey(SearchAttributes.WAKE_AT))
        .isFalse();
  }

  @Test
  void restsAtASegmentBoundaryUntilItMayGoOn() {
    bed(5);
    world.before(
        "fetch shop.orders 2",
        segment -> bed.client.newUntypedWorkflowStub(LOCK).update("pause", Void.class));
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    TestBed.until(() -> world.stored(ASSET).rows.size() == 2);
    TestBed.until(() -> "paused".equals(run.query("progress", Outcome.class).phase()));
    assertThat(run.update("wake", Boolean.class)).as("nothing to wake").isFalse();
    assertThat(world.calls).doesNotContain("fetch shop.orders 3");

    assertThat(run.update("resume", Boolean.class)).isTrue();
    assertThat(run.getResult(Outcome.class).status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(5));
  }

  @Test
  void aPausedOneCanBeStopped() {
    bed(5);
    world.before(
        "fetch shop.orders 1",
        segment -> bed.client.newUntypedWorkflowStub(LOCK).update("pause", Void.class));
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    TestBed.until(() -> "paused".equals(run.query("progress", Outcome.class).phase()));
    run.update("stop", Void.class);
    assertThat(run.getResult(Outcome.class).status()).isEqualTo(Outcome.Status.CANCELLED);
    assertThat(world.stored(ASSET).rows).containsExactly(1);
  }

  // ---- stop and cancel

  @Test
  void stopsAtASegmentBoundaryAndKeepsWhatIsFetched() {
    bed(9);
    world.before(
        "fetch shop.orders 3",
        segment -> {
          if (segment.epoch() == 1) {
            bed.client.newUntypedWorkflowStub(LOCK).update("stop", Void.class);
          }
        });

    Outcome outcome = bed.materialize(ASSET);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.CANCELLED);
    assertThat(outcome.failure()).isNull();
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2, 3);
    assertThat(world.stored(ASSET).checkpoint.done()).isFalse();
    bed.materialize(ASSET);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(9));
  }

  @Test
  void aCancellationLetsTheLoadThatCommitsNowCommit() {
    bed(9);
    world.before("load shop.orders 2", segment -> bed.client.newUntypedWorkflowStub(LOCK).cancel());
    WorkflowStub run = bed.start(TestBed.input(ASSET));

    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .isInstanceOf(WorkflowFailedException.class)
        .hasCauseInstanceOf(CanceledFailure.class);

    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
    assertThat(world.calls).doesNotContain("load shop.orders 3");
    assertThat(run.query("progress", Outcome.class).status()).isEqualTo(Outcome.Status.CANCELLED);
  }

  @Test
  void aCancellationEndsAFetchThatTakesLong() {
    bed(9);
    world.before(
        "fetch shop.orders 2",
        segment -> {
          bed.client.newUntypedWorkflowStub(LOCK).cancel();
          TestBed.until(
              () -> {
                Activity.getExecutionContext().heartbeat("page"); // throws when it is cancelled
                return false;
              });
        });
    WorkflowStub run = bed.start(TestBed.input(ASSET));

    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .hasCauseInstanceOf(CanceledFailure.class);

    assertThat(world.calls).doesNotContain("fetch shop.orders 3");
  }

  // ---- executions

  /** Two segments per execution. */
  public static class ShortExecutions extends MaterializeWorkflow implements Materialize {
    @WorkflowInit
    public ShortExecutions(Input input) {
      super(input, 2);
    }
  }

  @Test
  void goesOnInTheNextExecutionWithTheSameEpoch() {
    world.asset(ASSET, 7);
    bed = new TestBed(world, ShortExecutions.class);

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(7));
    assertThat(outcome.segments()).isEqualTo(7);
    assertThat(outcome.rows()).containsEntry("numbers", 7L);
    assertThat(outcome.loadIds().stream().map(id -> id.substring(0, id.length() - 6)).distinct())
        .as("first start, run and epoch stay")
        .hasSize(1);
    assertThat(world.calls.stream().filter(("state " + ASSET)::equals)).hasSize(4);
    assertThat(world.stored(ASSET).seq).isEqualTo(7);
  }

  @Test
  void goesOnInTheNextExecutionOfAWholeRun() {
    world.wholeRun = true;
    world.asset(ASSET, 5);
    bed = new TestBed(world, ShortExecutions.class);

    Outcome outcome = bed.materialize(ASSET);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(5));
    assertThat(outcome.rows()).containsEntry("numbers", 5L);
  }

  // ---- starting

  @Test
  void startedUnderAnotherIdItStartsTheLock() {
    bed(2);
    WorkflowStub other =
        bed.client.newUntypedWorkflowStub("Materialize", TestBed.options("by-hand"));
    other.start(TestBed.input(ASSET));

    Outcome outcome = other.getResult(Outcome.class);

    assertThat(outcome.rows()).containsEntry("numbers", 2L);
    assertThat(bed.client.newUntypedWorkflowStub(LOCK).getResult(Outcome.class)).isEqualTo(outcome);
  }

  @Test
  void startedUnderAnotherIdItWaitsForTheOneThatRuns() {
    bed(2);
    WorkflowStub other =
        bed.client.newUntypedWorkflowStub("Materialize", TestBed.options("by-hand"));
    world.before(
        "load shop.orders 1",
        segment -> {
          other.start(TestBed.input(ASSET));
          TestBed.until(() -> world.calls.contains("attach " + LOCK));
        });

    Outcome first = bed.materialize(ASSET);

    assertThat(other.getResult(Outcome.class)).isEqualTo(first);
    assertThat(world.stored(ASSET).rows).containsExactly(1, 2);
  }

  @Test
  void startsWithTheTwoFieldsThatItNeeds() {
    bed(1);
    WorkflowStub run = bed.client.newUntypedWorkflowStub("Materialize", TestBed.options(LOCK));
    run.start(Map.of("project", "shop", "asset", ASSET));

    assertThat(run.getResult(Outcome.class).status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(world.calls).first().isEqualTo("plan " + ASSET);
    Segment segment = loads().get(0).segment();
    assertThat(segment.manifest()).isEqualTo("manifest-1");
    assertThat(segment.runId()).startsWith(LOCK + ":");
  }

  @Test
  void refusesAnInputWithoutAnAsset() {
    bed(1);
    WorkflowStub run = bed.client.newUntypedWorkflowStub("Materialize", TestBed.options("x"));
    run.start(Map.of("project", "shop"));

    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .hasRootCauseMessage(
            "message='Cannot materialize: the input names no asset (give {\"project\": …,"
                + " \"asset\": …})', type='CONFIG_INVALID', nonRetryable=true");
  }

  // ---- what it leaves behind

  @Test
  void tellsTheTemporalUiWhatItDid() {
    bed(3);
    WorkflowStub run = bed.start(TestBed.input(ASSET));
    run.getResult(Outcome.class);

    var attributes = run.describe().getTypedSearchAttributes();
    assertThat(attributes.get(SearchAttributes.ASSET)).isEqualTo(ASSET);
    assertThat(attributes.get(SearchAttributes.RUN)).isEqualTo("run:shop:1");
    assertThat(attributes.get(SearchAttributes.PHASE)).isEqualTo("succeeded");
    assertThat(attributes.get(SearchAttributes.ROWS)).isEqualTo(3);
    assertThat(attributes.get(SearchAttributes.REQUESTS)).isEqualTo(3);
    assertThat(bed.history(LOCK).getEvents())
        .filteredOn(e -> e.hasActivityTaskScheduledEventAttributes())
        .anyMatch(e -> e.getUserMetadata().getSummary().toString().contains("orders segment 3"));
  }

  // ---- shared

  private int at(String call) {
    assertThat(world.calls).contains(call);
    return world.calls.indexOf(call);
  }

  private List<Load.Request> loads() {
    return world.inputs.stream()
        .filter(Load.Request.class::isInstance)
        .map(Load.Request.class::cast)
        .toList();
  }

  private List<Fetch.Request> fetches() {
    return world.inputs.stream()
        .filter(Fetch.Request.class::isInstance)
        .map(Fetch.Request.class::cast)
        .toList();
  }

  /** A sibling commits a change of the schema. */
  private FakeWorld.Hook move() {
    return segment -> world.schema = 2;
  }

  private static Outcome failed(TestBed bed, Materialize.Input input) {
    try {
      Outcome outcome = bed.materialize(input);
      throw new AssertionError("It did not fail: " + outcome);
    } catch (WorkflowFailedException e) {
      Outcome outcome = Outcome.of(input.asset(), e);
      assertThat(outcome.status()).isEqualTo(Outcome.Status.FAILED);
      return outcome;
    }
  }
}
