package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which assets of a run may start, which must be skipped and what became of the others. Pure. */
final class Graph {
  private static final class Node {
    final Plan.Step step;

    /** Must have ended well. */
    final Set<String> upstream = new LinkedHashSet<>();

    /** Must have ended, no matter how. */
    final Set<String> after = new LinkedHashSet<>();

    Outcome outcome;
    boolean started;

    Node(Plan.Step step) {
      this.step = step;
      this.outcome = Outcome.queued(step.asset());
    }

    boolean waits() {
      return !started && outcome.status() == Outcome.Status.RUNNING;
    }
  }

  private final Map<String, Node> nodes = new LinkedHashMap<>();

  /** An upstream that is not in the plan is no condition: its committed rows are there. */
  Graph(List<Plan.Step> steps) {
    steps.forEach(step -> nodes.put(step.asset(), new Node(step)));
    for (Node node : nodes.values()) {
      if (node.step.upstream() != null) {
        node.upstream.addAll(node.step.upstream());
        node.upstream.retainAll(nodes.keySet());
      }
    }
  }

  /** {@code asset} starts only when {@code first} has ended, no matter how. */
  void order(String first, String asset) {
    nodes.get(asset).after.add(first);
  }

  /** What may start now, in the order of the plan. */
  List<Plan.Step> ready() {
    List<Plan.Step> ready = new ArrayList<>();
    for (Node node : nodes.values()) {
      if (node.waits()
          && node.upstream.stream().allMatch(u -> well(nodes.get(u).outcome))
          && node.after.stream().allMatch(a -> ended(nodes.get(a).outcome))) {
        ready.add(node.step);
      }
    }
    return ready;
  }

  void started(String asset) {
    nodes.get(asset).started = true;
    phase(asset, "started");
  }

  /** What an asset that has started does now. */
  void phase(String asset, String phase) {
    Node node = nodes.get(asset);
    node.outcome = node.outcome.running(phase);
  }

  /** Takes the outcome; what needed the asset and will not get it is skipped. */
  void ended(String asset, Outcome outcome) {
    nodes.get(asset).outcome = outcome;
    if (!well(outcome)) {
      for (Node node : nodes.values()) {
        if (node.waits() && node.upstream.contains(asset)) {
          ended(node.step.asset(), skipped(node.step.asset(), outcome));
        }
      }
    }
  }

  /** Gives everything that has not started this end. */
  void abandon(Outcome.Status end, Outcome.Problem problem) {
    for (Node node : nodes.values()) {
      if (node.waits()) {
        node.outcome = node.outcome.ended(end, problem);
      }
    }
  }

  /** Whether everything has ended. */
  boolean over() {
    return nodes.values().stream().allMatch(node -> ended(node.outcome));
  }

  boolean allWell() {
    return nodes.values().stream().allMatch(node -> well(node.outcome));
  }

  /** In the order of the plan. */
  List<Outcome> outcomes() {
    return nodes.values().stream().map(node -> node.outcome).toList();
  }

  private static Outcome skipped(String asset, Outcome upstream) {
    Outcome.Problem why = upstream.failure();
    boolean alsoSkipped = upstream.status() == Outcome.Status.SKIPPED;
    String message =
        alsoSkipped
            ? why.message()
            : "Skipped: upstream "
                + upstream.asset()
                + " "
                + upstream.status().key()
                + (why == null ? "" : ": " + Details.cut(why.message(), 500));
    return Outcome.queued(asset)
        .ended(Outcome.Status.SKIPPED, new Outcome.Problem("UPSTREAM", message));
  }

  /** The assets of one source, in the order of the plan; a model is its own. */
  static String source(String asset) {
    int dot = asset.indexOf('.');
    return dot < 0 ? asset : asset.substring(0, dot);
  }

  private static boolean ended(Outcome outcome) {
    return outcome.status() != Outcome.Status.RUNNING;
  }

  private static boolean well(Outcome outcome) {
    return outcome.status() == Outcome.Status.SUCCEEDED
        || outcome.status() == Outcome.Status.UNCHANGED;
  }

  /** What is left when nothing runs and nothing may start: its upstream goes in a circle. */
  void abandonCircle() {
    abandon(
        Outcome.Status.FAILED,
        Outcome.Problem.of(
            Failure.CONFIG_INVALID,
            "Cannot start: its upstream needs it, too (see depends_on in the configuration)"));
  }
}
