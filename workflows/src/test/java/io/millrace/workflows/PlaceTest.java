package io.millrace.workflows;

import static io.millrace.workflows.FakeWorld.failing;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.SearchAttributes;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run with one place: an asset that rests lends it. */
@Timeout(60)
class PlaceTest {
  private static final String A = "mat:shop:shop.a";

  private final FakeWorld world = new FakeWorld().asset("shop.a", 3).asset("shop.b", 1);
  private TestBed bed = new TestBed(world);

  @AfterEach
  void close() {
    bed.close();
  }

  static GraphRun.Input oneAtATime() {
    return new GraphRun.Input("shop", null, null, null, null, 1, null, null);
  }

  /** {@code shop.a} waits an hour after that segment. */
  static void waits(FakeWorld world, int segment) {
    world.answer(
        "fetch shop.a " + segment,
        r -> FakeWorld.waiting(r, Duration.ofHours(1), "429 Retry-After 3600"));
  }

  private int at(String call) {
    assertThat(world.calls).contains(call);
    return world.calls.indexOf(call);
  }

  private void allWell(GraphRun.Result result) {
    assertThat(result.assets()).allMatch(o -> o.status() == Outcome.Status.SUCCEEDED);
    assertThat(world.stored("shop.a").rows).containsExactly(1, 2, 3);
    assertThat(world.stored("shop.b").rows).containsExactly(1);
  }

  private WorkflowStub work(String id) {
    return bed.client.newUntypedWorkflowStub(id);
  }

  private Materialize.Waiting waiting() {
    return work(A).query("waiting", Materialize.Waiting.class);
  }

  @Test
  void anAssetThatWaitsForItsSourceLendsItsPlace() {
    waits(world, 1);

    allWell(bed.run(oneAtATime()));

    assertThat(at("end load shop.b 1")).isLessThan(at("fetch shop.a 2"));
  }

  @Test
  void withoutRestTheNextAssetWaitsForTheEndOfTheFirst() {
    allWell(bed.run(oneAtATime()));

    assertThat(at("state shop.b")).isGreaterThan(at("end load shop.a 3"));
    assertThat(bed.history(A).getEvents())
        .noneMatch(HistoryEvent::hasSignalExternalWorkflowExecutionInitiatedEventAttributes);
  }

  @Test
  void whoWakesGoesOnWhenThereIsAPlaceAndSaysSo() {
    waits(world, 1);
    Materialize.Waiting[] seen = new Materialize.Waiting[1];
    String[] phase = new String[1];
    world.before(
        "fetch shop.b 1",
        segment -> {
          assertThat(work(A).update("wake", Boolean.class)).isTrue();
          TestBed.until(() -> "queued".equals(waiting().phase()));
          seen[0] = waiting();
          TestBed.until(
              () ->
                  "queued"
                      .equals(
                          work(A)
                              .describe()
                              .getTypedSearchAttributes()
                              .get(SearchAttributes.PHASE)));
          phase[0] = work(A).query("progress", Outcome.class).phase();
        });

    allWell(bed.run(oneAtATime()));

    assertThat(seen[0])
        .isEqualTo(
            new Materialize.Waiting(
                "queued", 0, "as many assets of the run work as may at the same time"));
    assertThat(phase[0]).isEqualTo("queued");
    assertThat(at("fetch shop.a 2")).isGreaterThan(at("end load shop.b 1"));
  }

  @Test
  void whoWakesComesBeforeWhoHasNotBegun() {
    world.asset("shop.c", 1);
    waits(world, 1);
    world.before(
        "fetch shop.b 1",
        segment -> {
          work(A).update("wake", Boolean.class);
          TestBed.until(() -> "queued".equals(waiting().phase()));
        });

    bed.run(oneAtATime());

    assertThat(at("end load shop.b 1")).isLessThan(at("fetch shop.a 2"));
    assertThat(at("end load shop.a 3")).isLessThan(at("state shop.c"));
  }

  @Test
  void aParkedAssetLendsItsPlaceUntilSomebodySaysRetry() {
    world.before(
        "load shop.a 1", failing(20, Failure.DESTINATION_UNREACHABLE, "Cannot load: down"));
    WorkflowStub run = bed.start(oneAtATime());
    bed.temporal.sleep(Duration.ofHours(3));
    TestBed.until(() -> world.calls.contains("end load shop.b 1"));
    assertThat(waiting().phase()).isEqualTo("parked");
    assertThat(run.query("progress", GraphRun.Result.class).assets())
        .extracting(Outcome::phase)
        .startsWith("waiting");

    assertThat(work(A).update("retry", Boolean.class)).isTrue();
    allWell(TestBed.result(run));
  }

  @Test
  void aPausedAssetLendsItsPlace() {
    world.before("fetch shop.a 1", segment -> work(A).update("pause", Void.class));
    world.before("load shop.b 1", segment -> work(A).update("resume", Boolean.class));

    allWell(bed.run(oneAtATime()));
  }

  @Test
  void whoWaitsForAPlaceCanBeStopped() {
    waits(world, 1);
    world.before(
        "fetch shop.b 1",
        segment -> {
          work(A).update("wake", Boolean.class);
          TestBed.until(() -> "queued".equals(waiting().phase()));
          work(A).update("stop", Void.class);
          assertThat(work(A).getResult(Outcome.class).status()).isEqualTo(Outcome.Status.CANCELLED);
        });

    assertThat(bed.run(oneAtATime()).assets())
        .extracting(Outcome::status)
        .containsExactly(Outcome.Status.CANCELLED, Outcome.Status.SUCCEEDED);
    assertThat(world.stored("shop.a").rows).containsExactly(1);
  }

  /** Its assets may rest once without their places. */
  public static class LendsOnce extends GraphRunWorkflow implements GraphRun {
    @WorkflowInit
    public LendsOnce(Input input) {
      super(input, 1);
    }
  }

  @Test
  void aRunLendsItsPlacesOnlySoOftenThatItsHistoryHolds() {
    bed.close();
    bed = new TestBed(world, LendsOnce.class, MaterializeWorkflow.class);
    waits(world, 1);
    waits(world, 2);

    allWell(bed.run(oneAtATime()));

    List<HistoryEvent> history = bed.history(A).getEvents();
    assertThat(history).filteredOn(HistoryEvent::hasTimerStartedEventAttributes).hasSize(2);
    assertThat(history)
        .filteredOn(HistoryEvent::hasSignalExternalWorkflowExecutionInitiatedEventAttributes)
        .as("lent and claimed once")
        .hasSize(2);
  }
}
