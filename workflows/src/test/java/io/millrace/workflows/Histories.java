package io.millrace.workflows;

import static io.millrace.workflows.FakeWorld.failing;

import io.millrace.Failure;
import io.temporal.client.WorkflowFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The runs whose histories are kept: each is replayed by every later version of the workflows. */
final class Histories {
  private Histories() {}

  /** Histories as JSON by file name. */
  static Map<String, String> record() {
    Map<String, String> out = new TreeMap<>();
    FakeWorld plain = new FakeWorld().asset("shop.orders", 4);
    out.put("materialize", materialize(plain));

    FakeWorld wait = new FakeWorld().asset("shop.orders", 3);
    wait.answer(
        "fetch shop.orders 2",
        r -> FakeWorld.waiting(r, Duration.ofHours(6), "429 Retry-After 21600s"));
    out.put("materialize-wait", materialize(wait));

    FakeWorld refused = new FakeWorld().asset("shop.orders", 5);
    refused.before(
        "load shop.orders 3", failing(1, Failure.LOAD_REFUSED, "Cannot load: does not follow"));
    out.put("materialize-refused", materialize(refused));

    FakeWorld moved = new FakeWorld().asset("shop.orders", 4);
    moved.before("load shop.orders 2", segment -> moved.schema = 2);
    out.put("materialize-schema-moved", materialize(moved));

    FakeWorld failed = new FakeWorld().asset("shop.orders", 3);
    failed.before(
        "normalize shop.orders 2", failing(1, Failure.CONTRACT_FROZEN, "Cannot add column x"));
    out.put("materialize-failed", materialize(failed));

    FakeWorld changed = new FakeWorld().asset("shop.orders", 4);
    changed.before(
        "fetch shop.orders 3", failing(1, Failure.SOURCE_CHANGED, "Cannot read: a file changed"));
    out.put("materialize-window-again", materialize(changed));

    FakeWorld graph =
        new FakeWorld().asset("shop.a", 2).asset("shop.b", 1, "shop.a").asset("shop.c", 1);
    graph.before("fetch shop.a 2", failing(1, Failure.SOURCE_REFUSED, "Cannot fetch shop.a: 401"));
    try (TestBed bed = new TestBed(graph)) {
      bed.run(TestBed.everything());
      out.put("graph-run-with-failure", bed.history("run:shop:1").toJson(true));
    }
    return out;
  }

  private static String materialize(FakeWorld world) {
    try (TestBed bed = new TestBed(world)) {
      try {
        bed.materialize("shop.orders");
      } catch (WorkflowFailedException e) {
        // its history is kept, too
      }
      return bed.history("mat:shop:shop.orders").toJson(true);
    }
  }

  static List<String> names() {
    return new ArrayList<>(
        List.of(
            "graph-run-with-failure",
            "materialize",
            "materialize-failed",
            "materialize-refused",
            "materialize-schema-moved",
            "materialize-wait",
            "materialize-window-again"));
  }
}
