package io.millrace.workflows;

import static io.millrace.workflows.FakeWorld.failing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.run.Fetch;
import io.millrace.run.GraphRun;
import io.millrace.run.Load;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.Refresh;
import io.millrace.run.SearchAttributes;
import io.millrace.run.Wire;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GraphRunTest {
  private final FakeWorld world = new FakeWorld();
  private TestBed bed;

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void runsUpstreamBeforeDownstream() {
    world.asset("shop.a", 1).asset("shop.b", 2, "shop.a").asset("shop.c", 1, "shop.b");
    bed = new TestBed(world);

    GraphRun.Result result = bed.run(TestBed.everything());

    assertThat(result.runId()).isEqualTo("run:shop:1");
    assertThat(result.manifest()).isEqualTo("manifest-1");
    assertThat(result.assets())
        .extracting(o -> o.asset() + " " + o.status().key() + " " + o.rows().get("numbers"))
        .containsExactly("shop.a succeeded 1", "shop.b succeeded 2", "shop.c succeeded 1");
    assertThat(world.calls.indexOf("fetch shop.b 1"))
        .isGreaterThan(world.calls.indexOf("end load shop.a 1"));
    assertThat(world.inputs)
        .filteredOn(Fetch.Request.class::isInstance)
        .extracting(f -> ((Fetch.Request) f).segment())
        .allMatch(s -> s.runId().equals("run:shop:1") && s.manifest().equals("manifest-1"));
  }

  @Test
  void runsSiblingsAtTheSameTimeButNoMoreThanAskedFor() {
    CyclicBarrier two = new CyclicBarrier(2);
    int[] now = {0};
    int[] most = {0};
    for (String asset : List.of("shop.a", "shop.b", "shop.c", "shop.d")) {
      world.asset(asset, 1);
      world.before(
          "fetch " + asset + " 1",
          segment -> {
            synchronized (now) {
              most[0] = Math.max(most[0], ++now[0]);
            }
            try {
              two.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw FakeWorld.failure(Failure.DATA_INVALID, "Nobody else came");
            }
            synchronized (now) {
              now[0]--;
            }
          });
    }
    bed = new TestBed(world);

    GraphRun.Result result =
        bed.run(new GraphRun.Input("shop", null, null, null, null, 2, null, null));

    assertThat(result.assets()).allMatch(o -> o.status() == Outcome.Status.SUCCEEDED);
    assertThat(most[0]).isEqualTo(2);
  }

  @Test
  void aFailureStopsNobodyButThoseThatNeedIt() {
    world.asset("shop.a", 2).asset("shop.b", 1, "shop.a").asset("shop.c", 1);
    world.before("fetch shop.a 2", failing(1, Failure.SOURCE_REFUSED, "Cannot fetch shop.a: 401"));
    bed = new TestBed(world);

    GraphRun.Result result = bed.run(TestBed.everything());

    assertThat(result.assets())
        .extracting(Outcome::status)
        .containsExactly(Outcome.Status.FAILED, Outcome.Status.SKIPPED, Outcome.Status.SUCCEEDED);
    assertThat(result.assets().get(0).rows()).as("what it committed").containsEntry("numbers", 1L);
    assertThat(result.assets().get(0).failure())
        .isEqualTo(Outcome.Problem.of(Failure.SOURCE_REFUSED, "Cannot fetch shop.a: 401"));
    assertThat(result.assets().get(1).failure())
        .isEqualTo(
            new Outcome.Problem(
                "UPSTREAM", "Skipped: upstream shop.a failed: Cannot fetch shop.a: 401"));
    assertThat(
            bed.client
                .newUntypedWorkflowStub("run:shop:1")
                .describe()
                .getTypedSearchAttributes()
                .get(SearchAttributes.PHASE))
        .isEqualTo("failed");
    // red where people look: a nightly that fails every night must not look well
    assertThatThrownBy(
            () -> bed.client.newUntypedWorkflowStub("run:shop:1").getResult(GraphRun.Result.class))
        .isInstanceOf(WorkflowFailedException.class)
        .rootCause()
        .hasMessageContaining("1 of 3 assets failed: shop.a: Cannot fetch shop.a: 401")
        .hasMessageContaining("type='SOURCE_REFUSED'");
  }

  @Test
  void waitsForAnAssetThatRunsAlready() {
    world.asset("shop.a", 1).asset("shop.b", 1, "shop.a");
    bed = new TestBed(world);
    WorkflowStub[] run = new WorkflowStub[1];
    world.before(
        "load shop.a 1",
        segment -> {
          run[0] = bed.start(TestBed.everything());
          TestBed.until(() -> world.calls.contains("attach mat:shop:shop.a"));
        });

    bed.materialize("shop.a");
    GraphRun.Result result = TestBed.result(run[0]);

    assertThat(result.assets()).allMatch(o -> o.status() == Outcome.Status.SUCCEEDED);
    assertThat(result.notes())
        .containsExactly("shop.a was running already: this run waited for that one");
    assertThat(world.stored("shop.a").rows).containsExactly(1);
  }

  @Test
  void forgetsAndReadsAgainAfterARunThatWasToForgetNothing() {
    world.asset("shop.a", 2);
    bed = new TestBed(world);
    WorkflowStub[] run = new WorkflowStub[1];
    world.before(
        "load shop.a 2",
        segment -> {
          if (segment.epoch() == 1) {
            run[0] =
                bed.start(
                    new GraphRun.Input(
                        "shop", null, null, Refresh.DROP_DATA, null, null, null, null));
            TestBed.until(() -> world.calls.contains("attach mat:shop:shop.a"));
          }
        });

    bed.materialize("shop.a");
    GraphRun.Result result = TestBed.result(run[0]);

    assertThat(result.assets())
        .singleElement()
        .matches(o -> o.status() == Outcome.Status.SUCCEEDED, "succeeded");
    assertThat(world.inputs)
        .filteredOn(Load.Request.class::isInstance)
        .extracting(l -> (Load.Request) l)
        .filteredOn(l -> l.refresh() != null)
        .as("what was asked for was done")
        .hasSize(1);
    assertThat(world.stored("shop.a").rows).containsExactly(1, 2);
    assertThat(world.stored("shop.a").epoch).isEqualTo(2);
  }

  @Test
  void stopsTheRunningAssetsAtABoundaryAndStartsNoMore() {
    world.asset("shop.a", 9).asset("shop.b", 1, "shop.a");
    bed = new TestBed(world);
    world.before(
        "fetch shop.a 2",
        segment -> {
          WorkflowStub run = bed.client.newUntypedWorkflowStub("run:shop:1");
          run.update("stop", Void.class);
          TestBed.until(
              () ->
                  bed.history("mat:shop:shop.a").getEvents().stream()
                      .anyMatch(e -> e.hasWorkflowExecutionSignaledEventAttributes()));
        });

    GraphRun.Result result = bed.run(TestBed.everything());

    assertThat(result.assets()).allMatch(o -> o.status() == Outcome.Status.CANCELLED);
    assertThat(world.stored("shop.a").rows).startsWith(1, 2).hasSizeLessThan(9);
    assertThat(world.calls).doesNotContain("fetch shop.b 1");
  }

  @Test
  void aCancellationReachesTheAssets() {
    world.asset("shop.a", 9);
    bed = new TestBed(world);
    world.before(
        "load shop.a 2", segment -> bed.client.newUntypedWorkflowStub("run:shop:1").cancel());
    WorkflowStub run = bed.start(TestBed.everything());

    assertThatThrownBy(() -> run.getResult(GraphRun.Result.class))
        .isInstanceOf(WorkflowFailedException.class)
        .hasCauseInstanceOf(CanceledFailure.class);

    assertThat(world.stored("shop.a").rows).startsWith(1, 2).hasSizeLessThan(9);
    assertThat(run.query("progress", GraphRun.Result.class).assets())
        .allMatch(o -> o.status() == Outcome.Status.CANCELLED);
  }

  @Test
  void dropsASourceOnlyOnce() {
    world.asset("shop.a", 1).asset("shop.b", 1).asset("other.c", 1);
    bed = new TestBed(world);

    bed.run(new GraphRun.Input("shop", null, null, Refresh.DROP_SOURCES, null, null, null, null));

    assertThat(world.inputs)
        .filteredOn(Load.Request.class::isInstance)
        .extracting(l -> (Load.Request) l)
        .extracting(l -> l.segment().asset() + " " + l.refresh().key())
        .containsExactlyInAnyOrder(
            "shop.a drop_sources", "shop.b drop_resources", "other.c drop_sources");
    assertThat(world.calls.indexOf("state shop.b"))
        .isGreaterThan(world.calls.indexOf("end load shop.a 1"));
  }

  @Test
  void startsByHandWithNothingButTheProject() {
    world.asset("shop.a", 1);
    bed = new TestBed(world);
    WorkflowStub run = bed.client.newUntypedWorkflowStub("GraphRun", TestBed.options("by-hand"));

    run.start(Map.of("project", "shop"));

    assertThat(TestBed.result(run).assets())
        .extracting(Outcome::status)
        .containsExactly(Outcome.Status.SUCCEEDED);
  }

  @Test
  void failsAsThePlanDoes() {
    bed =
        new TestBed(
            new FakeWorld() {
              @Override
              public Plan.Result plan(Plan.Request request) {
                throw FakeWorld.failure(Failure.CONFIG_INVALID, "Cannot select x: no such asset");
              }
            });

    assertThatThrownBy(() -> bed.run(TestBed.everything()))
        .rootCause()
        .hasMessageContaining("Cannot select x: no such asset")
        .hasMessageContaining("CONFIG_INVALID");
  }

  @Test
  void keepsTheResultOfAThousandAssetsSmall() throws Exception {
    bed = new TestBed(world);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < GraphRun.MAX_ASSETS; i++) {
      Tally tally = new Tally("source.resource_number_" + i, null);
      for (int t = 0; t < 60; t++) {
        tally.committed(
            new Load.Receipt(
                "1700000000.000000-abcdef01-0001-" + t,
                Map.of("a_table_with_a_rather_long_name_" + t, 1L),
                List.of("new column " + "x".repeat(300)),
                0,
                null,
                false),
            null);
      }
      outcomes.add(
          tally.outcome(
              Outcome.Status.FAILED, null, Outcome.Problem.of(Failure.INTERNAL, "m".repeat(1000))));
    }
    assertThat(Wire.mapper().writeValueAsBytes(outcomes.get(0)).length).isLessThan(16 * 1024);

    GraphRun.Result result =
        Results.bounded(new GraphRun.Result("run:shop:1", "m", outcomes, List.of()));

    assertThat(Wire.mapper().writeValueAsBytes(result).length).isLessThan(Wire.MAX_PAYLOAD_BYTES);
    assertThat(result.assets())
        .hasSize(1000)
        .allMatch(o -> o.rows().values().stream().mapToLong(r -> r).sum() == 60);
  }

  @Test
  void keepsTheResultOfAThousandAssetsSmallWhateverThereIsToTellOfThem() throws Exception {
    bed = new TestBed(world);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < GraphRun.MAX_ASSETS; i++) {
      outcomes.add(
          new Outcome(
              "a_source_of_thirty_letters_or_so.a_resource_with_a_long_name_" + i,
              Outcome.Status.SUCCEEDED,
              null,
              Map.of("a_table", 123_456L),
              0,
              1_234,
              1_234,
              123_456_789,
              12,
              List.of("1700000000.000000-abcdef01-0001-000001"),
              List.of(),
              "\"2026-11-21T00:00:00.000Z\"",
              null,
              Map.of("resumed", 1L, "duplicate_keys", 12L, "repeated_keys", 12L),
              "Read its open window again from its start: " + "x".repeat(200)));
    }

    GraphRun.Result result =
        Results.bounded(new GraphRun.Result("run:shop:1", "m", outcomes, List.of()));

    assertThat(Wire.mapper().writeValueAsBytes(result).length).isLessThan(Wire.MAX_PAYLOAD_BYTES);
    assertThat(result.assets())
        .hasSize(1000)
        .allMatch(o -> o.rows().values().stream().mapToLong(r -> r).sum() == 123_456);
  }
}
