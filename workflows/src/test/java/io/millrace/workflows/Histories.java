package io.millrace.workflows;

import static io.millrace.workflows.FakeWorld.failing;

import io.millrace.Failure;
import io.millrace.run.GraphRun;
import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import io.millrace.run.Quota;
import io.millrace.run.Refresh;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The runs whose histories are kept: each is replayed by every later version of the workflows. */
final class Histories {
  private static final String ASSET = "shop.orders";
  private static final String LOCK = "mat:shop:shop.orders";
  private static final String LENDER = "mat:shop:shop.a";
  private static final String RUN = "run:shop:1";

  private Histories() {}

  /** How each is recorded, as JSON, by file name. */
  static Map<String, Supplier<String>> all() {
    Map<String, Supplier<String>> all = new TreeMap<>();
    all.put("materialize", () -> materialize(4, world -> {}));
    all.put("materialize-wait", () -> materialize(3, Histories::sixHours));
    all.put(
        "materialize-refused",
        () ->
            materialize(
                5, fails("load shop.orders 3", Failure.LOAD_REFUSED, "Cannot load: not next")));
    all.put(
        "materialize-schema-moved",
        () ->
            materialize(
                4, world -> world.before("load shop.orders 2", segment -> world.schema = 2)));
    all.put(
        "materialize-failed",
        () ->
            materialize(
                3,
                fails("normalize shop.orders 2", Failure.CONTRACT_FROZEN, "Cannot add column x")));
    all.put(
        "materialize-window-again",
        () ->
            materialize(
                4,
                fails("fetch shop.orders 3", Failure.SOURCE_CHANGED, "Cannot read: file changed")));
    all.put("materialize-parked", () -> parked("retry", Boolean.class));
    all.put("materialize-parked-stopped", () -> parked("stop", Void.class));
    all.put("materialize-paused", Histories::paused);
    all.put("materialize-woken", Histories::woken);
    all.put("graph-run-with-failure", Histories::graphRun);
    all.put("graph-run-lends", () -> lent(RUN));
    all.put("materialize-lends", () -> lent(LENDER));
    all.put("graph-run-refresh-waits", Histories::refreshed);
    all.put("materialize-renormalize", Histories::normalizedAgain);
    all.put("quota", Histories::quota);
    return all;
  }

  /** The workflow's id, which a history does not hold and which is the lock. */
  static String id(String name) {
    return switch (name) {
      case "quota" -> Quota.id("shop", "x:1");
      case "materialize-lends" -> LENDER;
      default -> name.startsWith("graph-run") ? RUN : LOCK;
    };
  }

  private static Consumer<FakeWorld> fails(String step, Failure failure, String message) {
    return world -> world.before(step, failing(1, failure, message));
  }

  private static void sixHours(FakeWorld world) {
    world.answer(
        "fetch shop.orders 2",
        r -> FakeWorld.waiting(r, Duration.ofHours(6), "429 Retry-After 21600s"));
  }

  private static String materialize(int pages, Consumer<FakeWorld> meets) {
    FakeWorld world = new FakeWorld().asset(ASSET, pages);
    meets.accept(world);
    try (TestBed bed = new TestBed(world)) {
      return end(bed, bed.start(TestBed.input(ASSET)));
    }
  }

  /** Parked for an outage, until somebody says so. */
  private static String parked(String update, Class<?> answer) {
    FakeWorld world = new FakeWorld().asset(ASSET, 2);
    world.before(
        "load shop.orders 1", failing(20, Failure.DESTINATION_UNREACHABLE, "Cannot load: down"));
    try (TestBed bed = new TestBed(world)) {
      WorkflowStub run = bed.start(TestBed.input(ASSET));
      bed.temporal.sleep(Duration.ofHours(3));
      TestBed.until(() -> run.query("progress", Outcome.class).status() == Outcome.Status.PARKED);
      run.update(update, answer);
      return end(bed, run);
    }
  }

  private static String paused() {
    FakeWorld world = new FakeWorld().asset(ASSET, 3);
    try (TestBed bed = new TestBed(world)) {
      world.before(
          "fetch shop.orders 1",
          segment -> bed.client.newUntypedWorkflowStub(LOCK).update("pause", Void.class));
      WorkflowStub run = bed.start(TestBed.input(ASSET));
      TestBed.until(() -> "paused".equals(run.query("progress", Outcome.class).phase()));
      run.update("resume", Boolean.class);
      return end(bed, run);
    }
  }

  private static String woken() {
    FakeWorld world = new FakeWorld().asset(ASSET, 3);
    sixHours(world);
    try (TestBed bed = new TestBed(world)) {
      WorkflowStub run = bed.start(TestBed.input(ASSET));
      TestBed.until(() -> run.query("waiting", Materialize.Waiting.class) != null);
      run.update("wake", Boolean.class);
      return end(bed, run);
    }
  }

  private static String graphRun() {
    FakeWorld world =
        new FakeWorld().asset("shop.a", 2).asset("shop.b", 1, "shop.a").asset("shop.c", 1);
    world.before("fetch shop.a 2", failing(1, Failure.SOURCE_REFUSED, "Cannot fetch shop.a: 401"));
    try (TestBed bed = new TestBed(world)) {
      bed.run(TestBed.everything());
      return bed.history(RUN).toJson(true);
    }
  }

  /** An asset that waits, and another one in its place. */
  private static String lent(String id) {
    FakeWorld world = new FakeWorld().asset("shop.a", 2).asset("shop.b", 1);
    PlaceTest.waits(world, 1);
    try (TestBed bed = new TestBed(world)) {
      bed.run(PlaceTest.oneAtATime());
      return bed.history(id).toJson(true);
    }
  }

  /** A run that is to forget what is there waits for one that is not. */
  private static String refreshed() {
    FakeWorld world = new FakeWorld().asset("shop.a", 1);
    try (TestBed bed = new TestBed(world)) {
      WorkflowStub run = bed.client.newUntypedWorkflowStub(RUN);
      world.before(
          "load shop.a 1",
          segment -> {
            if (segment.epoch() == 1) {
              bed.start(
                  new GraphRun.Input(
                      "shop", null, null, Refresh.DROP_DATA, null, null, null, null));
              TestBed.until(() -> world.calls.contains("attach " + LENDER));
            }
          });
      bed.materialize("shop.a");
      return end(bed, run);
    }
  }

  private static String normalizedAgain() {
    FakeWorld world = new FakeWorld().asset(ASSET, 3);
    try (TestBed bed = new TestBed(world)) {
      bed.materialize(ASSET);
      world.schema = 2;
      return end(bed, bed.start(RenormalizeTest.AGAIN));
    }
  }

  /** Places lent, given back and refused, a host that wants rest, and the end after a window. */
  private static String quota() {
    try (TestBed bed = new TestBed(new FakeWorld(), QuotaWorkflow.class)) {
      List<Quota.Limit> limits = List.of(new Quota.Limit(100, 60_000));
      Quota.Grant first = QuotaTest.lease(bed, new Quota.Request(limits, 100, null, 0));
      QuotaTest.lease(bed, new Quota.Request(limits, 10, null, 0));
      Quota.Back back = new Quota.Back(first.id(), 30, 200);
      QuotaTest.lease(bed, new Quota.Request(limits, 50, back, 5_000));
      return end(bed, bed.client.newUntypedWorkflowStub(id("quota")));
    }
  }

  private static String end(TestBed bed, WorkflowStub run) {
    try {
      run.getResult(Object.class);
    } catch (WorkflowFailedException e) {
      // its history is kept, too
    }
    return bed.history(run.getExecution().getWorkflowId()).toJson(true);
  }
}
