package io.millrace.workflows;

import static io.millrace.workflows.FakeWorld.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.run.Kept;
import io.millrace.run.Load;
import io.millrace.run.Materialize;
import io.millrace.run.Normalize;
import io.millrace.run.Outcome;
import io.millrace.run.Renormalize;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code Materialize} of what earlier loads fetched. */
@Timeout(120)
class RenormalizeTest {
  private static final String ASSET = "shop.orders";
  private static final String LOCK = "mat:shop:shop.orders";
  static final Materialize.Input AGAIN =
      new Materialize.Input(
          "shop",
          ASSET,
          null,
          "manifest-2",
          "run:shop:2",
          null,
          null,
          null,
          null,
          false,
          new Renormalize(null, null));

  private FakeWorld world = new FakeWorld();
  private TestBed bed;

  @AfterEach
  void close() {
    bed.close();
  }

  /** So many loads by now, on schema 1; the world has moved on to schema 2. */
  private void loaded(int loads) {
    bed.materialize(ASSET);
    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(loads));
    world.schema = 2;
    world.calls.clear();
    world.inputs.clear();
  }

  private TestBed bed(int pages) {
    bed = new TestBed(world.asset(ASSET, pages));
    return bed;
  }

  private static List<Integer> again(int loads) {
    return numbers(loads).stream().map(n -> n * 10 + 2).toList();
  }

  private <T> List<T> asked(Class<T> type) {
    return world.inputs.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void normalizesAndLoadsInOrderWhatWasFetchedAndFetchesNothing() {
    bed(5);
    loaded(5);
    FakeWorld.Stored stored = world.stored(ASSET);
    var checkpoint = stored.checkpoint;

    Outcome outcome = bed.materialize(AGAIN);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.SUCCEEDED);
    assertThat(stored.rows).isEqualTo(again(5));
    assertThat(stored.checkpoint).isEqualTo(checkpoint);
    assertThat(stored.epoch).isEqualTo(2);
    assertThat(world.calls)
        .noneMatch(call -> call.startsWith("fetch"))
        .contains("kept shop.orders 0", "kept shop.orders 2", "kept shop.orders 4");
    assertThat(outcome.requests()).isZero();
    assertThat(outcome.segments()).isEqualTo(5);
    assertThat(outcome.notes()).isEqualTo(Map.of("renormalized", 5L));
    assertThat(outcome.loadIds())
        .as("the ids that they had")
        .containsExactlyElementsOf(world.receipts.keySet().stream().sorted().toList());
    assertThat(asked(Load.Request.class))
        .allMatch(load -> load.renormalized() == Kept.Extent.ALL)
        .extracting(Load.Request::finish)
        .containsExactly(false, false, false, false, true);
    List<Normalize.Request> normalized = asked(Normalize.Request.class);
    assertThat(normalized.get(0).remembered()).isNull();
    assertThat(normalized.get(1).remembered().json().path("running_max").asInt())
        .as("what the one before left")
        .isEqualTo(1);
    assertThat(normalized.get(1).cursor().json().has("running_max"))
        .as("its own cursor is the one that it had")
        .isFalse();
  }

  @Test
  void goesOnInTheNextExecution() {
    world.asset(ASSET, 7);
    bed = new TestBed(world, MaterializeTest.ShortExecutions.class);
    loaded(7);
    world.keptAtOnce = 3;

    Outcome outcome = bed.materialize(AGAIN);

    assertThat(world.stored(ASSET).rows).isEqualTo(again(7));
    assertThat(world.stored(ASSET).epoch).isEqualTo(2);
    assertThat(outcome.segments()).isEqualTo(7);
    assertThat(asked(Kept.Request.class)).extracting(Kept.Request::skip).contains(0, 2, 4, 6);
    assertThat(asked(Load.Request.class)).filteredOn(Load.Request::finish).hasSize(1);
  }

  @Test
  void beginsWithTheFirstAgainWhenTheSchemaMoved() {
    bed(4);
    loaded(4);
    world.before("load shop.orders 3", segment -> world.schema = 3);

    Outcome outcome = bed.materialize(AGAIN);

    assertThat(world.stored(ASSET).rows).containsExactly(13, 23, 33, 43);
    assertThat(outcome.rows()).as("counted once").isEqualTo(Map.of("numbers", 4L));
    assertThat(outcome.notes()).isEqualTo(Map.of("renormalized", 4L));
    assertThat(world.stored(ASSET).epoch).isEqualTo(3);
  }

  @Test
  void aCancellationDoesNotWaitForLoadsThatNobodyCanName() {
    world =
        new FakeWorld() {
          @Override
          public synchronized Kept.Result kept(Kept.Request request) {
            if (request.skip() > 0) {
              bed.client.newUntypedWorkflowStub(LOCK).cancel();
              throw FakeWorld.failure(Failure.DESTINATION_UNREACHABLE, "Cannot read: down");
            }
            return super.kept(request);
          }
        };
    bed(4);
    loaded(4);
    long begin = bed.temporal.currentTimeMillis();
    WorkflowStub run = bed.start(AGAIN);

    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .isInstanceOf(WorkflowFailedException.class)
        .hasCauseInstanceOf(CanceledFailure.class);

    assertThat(bed.temporal.currentTimeMillis() - begin)
        .as("not the hour of all tries")
        .isLessThan(30 * 60_000L);
    assertThat(world.stored(ASSET).rows).as("nothing shows").isEqualTo(numbers(4));
  }

  @Test
  void showsNothingWhenItFails() {
    bed(3);
    loaded(3);
    world.before(
        "load shop.orders 3", FakeWorld.failing(1, Failure.DESTINATION_REFUSED, "Cannot load: no"));

    WorkflowStub run = bed.start(AGAIN);
    assertThatThrownBy(() -> run.getResult(Outcome.class))
        .isInstanceOf(WorkflowFailedException.class);

    assertThat(world.stored(ASSET).rows).isEqualTo(numbers(3));
    assertThat(world.stored(ASSET).checkpoint.done()).isTrue();
    bed.materialize(AGAIN);
    assertThat(world.stored(ASSET).rows).isEqualTo(again(3));
  }

  @Test
  void doesNothingWithoutLoads() {
    bed(3);

    Outcome outcome = bed.materialize(AGAIN);

    assertThat(outcome.status()).isEqualTo(Outcome.Status.UNCHANGED);
    assertThat(world.stored(ASSET).epoch).isZero();
  }

  @Test
  void isRefusedWhileTheAssetRuns() {
    bed(2);
    WorkflowStub other =
        bed.client.newUntypedWorkflowStub("Materialize", TestBed.options("by-hand"));
    world.before(
        "load shop.orders 1",
        segment -> {
          other.start(AGAIN);
          assertThatThrownBy(() -> other.getResult(Outcome.class))
              .satisfies(
                  e -> {
                    Outcome refused = Outcome.of(ASSET, e);
                    assertThat(refused.failure().code()).isEqualTo("ALREADY_RUNNING");
                    assertThat(refused.failure().message()).contains(LOCK);
                  });
        });

    assertThat(bed.materialize(ASSET).status()).isEqualTo(Outcome.Status.SUCCEEDED);
  }

  @Test
  void aRunWaitsForItAndThenFetches() {
    bed(2);
    loaded(2);
    world.pages.put(ASSET, 3);
    WorkflowStub other =
        bed.client.newUntypedWorkflowStub("Materialize", TestBed.options("by-hand"));
    world.before(
        "load shop.orders 2",
        segment -> {
          if (segment.epoch() == 2) {
            other.start(TestBed.input(ASSET));
            TestBed.until(() -> world.calls.contains("attach " + LOCK));
          }
        });

    bed.materialize(AGAIN);

    Outcome run = other.getResult(Outcome.class);
    assertThat(run.notes()).as("a run of its own").isNull();
    assertThat(run.rows()).isEqualTo(Map.of("numbers", 1L));
    assertThat(world.stored(ASSET).rows).containsExactly(12, 22, 3);
  }
}
