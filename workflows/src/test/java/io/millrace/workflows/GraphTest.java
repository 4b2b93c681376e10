package io.millrace.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static Plan.Step step(String asset, String... upstream) {
    return new Plan.Step(asset, List.of(upstream), asset);
  }

  private static Outcome succeeded(String asset) {
    return Outcome.queued(asset).ended(Outcome.Status.SUCCEEDED, null);
  }

  @Test
  void startsWhatNeedsNothingAndThenWhatNeededIt() {
    Graph graph = new Graph(List.of(step("a"), step("b", "a"), step("c")));
    assertThat(graph.ready()).extracting(Plan.Step::asset).containsExactly("a", "c");
    graph.started("a");
    graph.started("c");
    assertThat(graph.ready()).isEmpty();

    graph.ended("a", succeeded("a"));

    assertThat(graph.ready()).extracting(Plan.Step::asset).containsExactly("b");
  }

  @Test
  void skipsEverythingBehindAFailureAndSaysWhy() {
    Graph graph = new Graph(List.of(step("a"), step("b", "a"), step("c", "b"), step("d")));
    graph.started("a");

    graph.ended(
        "a",
        Outcome.queued("a")
            .ended(Outcome.Status.FAILED, Outcome.Problem.of(Failure.SOURCE_REFUSED, "No: 403")));

    assertThat(graph.outcomes())
        .extracting(Outcome::status)
        .containsExactly(
            Outcome.Status.FAILED,
            Outcome.Status.SKIPPED,
            Outcome.Status.SKIPPED,
            Outcome.Status.RUNNING);
    assertThat(graph.outcomes().subList(1, 3))
        .extracting(o -> o.failure().code() + " " + o.failure().message())
        .containsOnly("UPSTREAM Skipped: upstream a failed: No: 403");
  }

  @Test
  void anUpstreamOutsideThePlanIsNoCondition() {
    assertThat(new Graph(List.of(step("b", "a"))).ready()).hasSize(1);
  }

  @Test
  void anUnchangedUpstreamIsGoodEnough() {
    Graph graph = new Graph(List.of(step("a"), step("b", "a")));
    graph.started("a");
    graph.ended("a", Outcome.queued("a").ended(Outcome.Status.UNCHANGED, null));
    assertThat(graph.ready()).extracting(Plan.Step::asset).containsExactly("b");
  }

  @Test
  void orderWaitsForAnyEnd() {
    Graph graph = new Graph(List.of(step("a"), step("b")));
    graph.order("a", "b");
    assertThat(graph.ready()).extracting(Plan.Step::asset).containsExactly("a");
    graph.started("a");
    graph.ended("a", Outcome.queued("a").ended(Outcome.Status.FAILED, null));
    assertThat(graph.ready()).extracting(Plan.Step::asset).containsExactly("b");
  }
}
