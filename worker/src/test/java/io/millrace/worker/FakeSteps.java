package io.millrace.worker;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.Failure;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.Fetch;
import io.millrace.run.Load;
import io.millrace.run.Normalize;
import io.millrace.run.Plan;
import io.millrace.run.ReadState;
import io.millrace.run.StagedRef;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Activities without an engine: each asset has two segments of two pages and ten rows. An asset can
 * be told to fail, and the second fetch of {@code shop.customers} can be held up.
 */
public final class FakeSteps implements Plan, ReadState, Fetch, Normalize, Load {
  public final Map<String, Failure> failures = new ConcurrentHashMap<>();

  /** What a load changes in the tables, in words, by table and segment: {@code orders 1}. */
  public final Map<String, List<String>> changes = new ConcurrentHashMap<>();

  /** What was bent to fit, by asset and segment. */
  public final Map<String, Map<String, Long>> notes = new ConcurrentHashMap<>();

  public final AtomicInteger fetches = new AtomicInteger();
  public final AtomicInteger loads = new AtomicInteger();
  public final CountDownLatch reached = new CountDownLatch(1);
  public volatile boolean hold;

  /** How long the source wants a rest after the first segment of {@code shop.customers}. */
  public volatile long waitMillis;

  public volatile FakeRooms drainedBy;

  @Override
  public Plan.Result plan(Plan.Request request) {
    if (failures.containsKey("plan")) {
      throw failure("plan", failures.get("plan"));
    }
    return new Plan.Result(
        "manifest",
        List.of(
            new Step("shop.customers", List.of(), "shop.customers"),
            new Step("shop.orders", List.of("shop.customers"), "shop.orders")),
        List.of("the workers' file is another one than yours"));
  }

  @Override
  public ReadState.Result readState(ReadState.Request request) {
    return new ReadState.Result(0, 0, Checkpoint.START, ref("schema"), false);
  }

  @Override
  public Fetch.Result fetch(Fetch.Request request) {
    String asset = request.segment().asset();
    fetches.incrementAndGet();
    if (failures.containsKey(asset)) {
      throw failure(asset, failures.get(asset));
    }
    if (hold && asset.equals("shop.customers") && request.segment().seq() == 2) {
      holdUp();
    }
    boolean done = request.segment().seq() == 2;
    long wait = asset.equals("shop.customers") && !done ? waitMillis : 0;
    return new Fetch.Result(
        ref("raw"),
        Carried.of(TextNode.valueOf("page " + request.segment().seq())),
        done,
        false,
        2,
        3,
        1000,
        wait,
        wait > 0 ? "example.com: status 429" : null);
  }

  // a page that takes long: ends when the process drains, as a real one does, or when the hold ends
  private void holdUp() {
    reached.countDown();
    ActivityExecutionContext context = Activity.getExecutionContext();
    try {
      for (int i = 0; i < 3000 && hold && !drainedBy.drained; i++) {
        context.heartbeat(null);
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Normalize.Result normalize(Normalize.Request request) {
    return new Normalize.Result(
        ref("load"),
        ref("schema"),
        null,
        10,
        0,
        notes.get(request.segment().asset() + " " + request.segment().seq()));
  }

  @Override
  public Receipt load(Load.Request request) {
    loads.incrementAndGet();
    String table = request.segment().asset().replace("shop.", "");
    return new Receipt(
        request.segment().loadId(),
        Map.of(table, 10L),
        changes.getOrDefault(table + " " + request.segment().seq(), List.of()),
        0,
        request.after(),
        false);
  }

  private static ApplicationFailure failure(String asset, Failure failure) {
    return ApplicationFailure.newFailure(
        "Cannot fetch " + asset + ": " + failure.name() + " (try later)", failure.name());
  }

  private static StagedRef ref(String name) {
    return new StagedRef(name, "0".repeat(64));
  }
}
