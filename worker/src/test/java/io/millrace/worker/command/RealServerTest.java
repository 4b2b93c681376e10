package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Duration;
import io.millrace.run.Materialize;
import io.millrace.worker.Backend;
import io.millrace.worker.BusyCommonPool;
import io.millrace.worker.Cli;
import io.millrace.worker.EmbeddedTemporal;
import io.millrace.worker.FakeRooms;
import io.millrace.worker.FakeSteps;
import io.millrace.worker.RealServer;
import io.temporal.api.workflowservice.v1.RegisterNamespaceRequest;
import io.temporal.client.WorkflowOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that need a Temporal server that stays. Each test has a task queue of its own. */
@Timeout(180)
@SuppressWarnings("try") // workers are held, not used; whoever is interrupted ends the test
class RealServerTest {
  @TempDir Path folder;
  private final FakeRooms rooms = new FakeRooms();
  private final FakeSteps steps = new FakeSteps();
  private final String queue = "test-" + UUID.randomUUID();
  private String project;
  private String address;

  @BeforeEach
  void aProject() throws Exception {
    address = RealServer.address();
    project = "p" + UUID.randomUUID().toString().substring(0, 8);
    write("");
    rooms.activities.add(steps);
    steps.drainedBy = rooms;
  }

  private void write(String more) throws Exception {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        FakeRooms.PROJECT.replace("project: shop", "project: " + project) + more);
  }

  private Cli cli() {
    return new Cli(folder, rooms).with("TEMPORAL_ADDRESS", address);
  }

  private static JsonNode json(Cli.Result result) throws Exception {
    return new ObjectMapper().readTree(result.out());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 6000; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("it did not happen within a minute");
  }

  /** A worker in a thread of the test. */
  private final class Working implements AutoCloseable {
    final Cli cli = cli();
    final Future<Cli.Result> ended = cli.start("worker", "--queues", queue, "--slots", "4");

    Working() throws InterruptedException {
      await(() -> cli.said().contains("Worker for " + project) || ended.isDone());
    }

    Cli.Result end() throws Exception {
      cli.signal("TERM");
      return ended.get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
      if (!ended.isDone()) {
        end();
      }
    }
  }

  @Test
  void setsANamespaceUpOnce() throws Exception {
    String namespace = "ns" + UUID.randomUUID().toString().substring(0, 8);
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      backend
          .stubs()
          .blockingStub()
          .registerNamespace(
              RegisterNamespaceRequest.newBuilder()
                  .setNamespace(namespace)
                  .setWorkflowExecutionRetentionPeriod(Duration.newBuilder().setSeconds(86_400 * 3))
                  .build());
    }
    // a new namespace is seen by all parts of the server after a moment
    await(() -> cli().run("server", "setup", "--namespace", namespace).code() == 0);
    Cli.Result again = cli().run("server", "setup", "--namespace", namespace);
    assertThat(again.out())
        .contains(
            "namespace " + namespace + "\n",
            "Closed runs are kept for 72 h\n",
            "All "
                + io.millrace.run.SearchAttributes.ALL.size()
                + " search attributes are registered\n");
    Cli.Result unknown = cli().run("server", "setup", "--namespace", "nobody");
    assertThat(unknown.code()).isEqualTo(3);
    assertThat(unknown.err())
        .startsWith("Cannot use the namespace nobody of " + address + ": ")
        .endsWith("(`temporal operator namespace create --namespace nobody` makes it)\n");
  }

  @Test
  void runsOnWorkersElsewhereAndDrainsThem() throws Exception {
    try (BusyCommonPool busy = new BusyCommonPool();
        Working worker = new Working()) {
      Cli.Result run = cli().run("run", "--queue", queue, "--output", "json");
      assertThat(run.code()).as(run.err() + run.out()).isZero();
      assertThat(json(run).at("/assets/1/rows/orders").asLong()).isEqualTo(20);
      Cli.Result ended = worker.end();
      assertThat(ended.code()).isZero();
      assertThat(ended.err())
          .contains(
              "queue " + queue + ", 4 slots",
              "Ending: pages and loads that run are finished first\nEnded\n");
      assertThat(rooms.drained).isTrue();
    }
  }

  @Test
  void refusesARunningAssetWhenItMayNotJoin() throws Exception {
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      String id = Materialize.id(project, "shop.orders", null);
      var stub =
          backend
              .client()
              .newUntypedWorkflowStub(
                  "Materialize",
                  WorkflowOptions.newBuilder()
                      .setWorkflowId(id)
                      .setTaskQueue("nobody-" + queue)
                      .build());
      stub.start(
          new Materialize.Input(project, "shop.orders", null, null, null, null, null, null, null));
      Cli.Result run = cli().run("run", "--queue", queue, "--on-running", "fail");
      assertThat(run.code()).isEqualTo(4);
      assertThat(run.err())
          .isEqualTo(
              "Cannot run the project: shop.orders is already running: "
                  + id
                  + " (wait for it, or leave out --on-running fail to join it)\n");
      stub.terminate("the test is over");
    }
  }

  @Test
  void refusesToStartAWorkerOnABadFile() throws Exception {
    Files.writeString(folder.resolve("millrace.yaml"), "project: Shop\n");
    Cli.Result result = cli().run("worker", "--queues", queue);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("millrace.yaml:1:10: ");
  }

  @Test
  void keepsSchedulesAsTheFileSaysAndPausesAsPeopleSay() throws Exception {
    write(
        "schedules:\n  nightly: {select: \"shop.*\", cron: \"0 2 * * *\", timezone: Europe/Paris, jitter: 5m}\n");
    assertThat(cli().run("schedule", "list").out()).contains("nightly", "not synced");
    Cli.Result first = cli().run("schedule", "sync");
    assertThat(first.out()).as(first.err()).isEqualTo("created    nightly\n");
    assertThat(cli().run("schedule", "sync").out())
        .as("nothing changed")
        .isEqualTo("unchanged  nightly\n");
    assertThat(cli().run("schedule", "pause", "nightly").out()).isEqualTo("Paused nightly\n");

    write(
        "schedules:\n  nightly: {select: \"shop.*\", cron: \"0 3 * * *\", timezone: Europe/Paris}\n");
    assertThat(
            json(cli().run("schedule", "list", "--output", "json"))
                .at("/schedules/0/state")
                .asText())
        .isEqualTo("paused");
    assertThat(cli().run("schedule", "sync").out()).isEqualTo("updated    nightly\n");
    assertThat(
            json(cli().run("schedule", "list", "--output", "json"))
                .at("/schedules/0/state")
                .asText())
        .as("a pause outlives a change")
        .isEqualTo("paused");
    assertThat(cli().run("schedule", "resume", "nightly").code()).isZero();
    JsonNode line = json(cli().run("schedule", "list", "--output", "json")).at("/schedules/0");
    assertThat(line.get("state").asText()).isEqualTo("active");
    assertThat(line.get("next").asText()).matches("20.*T0[12]:00:00Z");

    write("schedules:\n  nightly: {select: \"shop.*\", cron: \"99 3 * * *\"}\n");
    Cli.Result bad = cli().run("schedule", "sync");
    assertThat(bad.code()).as(bad.out() + bad.err()).isEqualTo(2);

    write("");
    await(() -> cli().run("schedule", "sync").out().equals("deleted    nightly\n"));
    assertThat(cli().run("schedule", "trigger", "nightly").err())
        .isEqualTo(
            "Cannot find the schedule: the project has none of that name: nightly (`millrace schedule list` shows them)\n");
  }

  @Test
  void runsAScheduleNow() throws Exception {
    write("schedules:\n  nightly: {select: \"shop.*\", cron: \"0 2 1 1 *\"}\n");
    assertThat(cli().run("schedule", "trigger", "nightly").err())
        .startsWith("Cannot trigger the schedule nightly: the server has none of that name: ")
        .endsWith("(`millrace schedule sync` puts it there)\n");
    assertThat(cli().run("schedule", "sync", "--queue", queue).code()).isZero();
    try (Working worker = new Working()) {
      assertThat(cli().run("schedule", "trigger", "nightly").out())
          .isEqualTo("Triggered nightly\n");
      await(() -> steps.loads.get() == 4);
    }
  }

  @Test
  void showsAWaitOfAnHourAndWakesIt() throws Exception {
    steps.waitMillis = 3_600_000;
    String id = Materialize.id(project, "shop.customers", null);
    try (Working worker = new Working();
        Backend backend = Backend.connect(address, null, Map.of())) {
      assertThat(cli().run("status").out()).contains("shop.customers", "unknown");
      assertThat(cli().run("wake", "shop.customers").out())
          .isEqualTo("shop.customers: not woken, it is not running\n");
      Cli runner = cli();
      Future<Cli.Result> run = runner.start("run", "--queue", queue);
      await(() -> cli().run("status", "shop.customers").out().contains("rate_limited"));

      JsonNode shown =
          json(cli().run("status", "--output", "json", "shop.customers")).at("/assets/0");
      assertThat(shown.at("/why").asText()).isEqualTo("example.com: status 429");
      Instant wakes = Instant.parse(shown.at("/wake_at").asText());
      assertThat(wakes).isAfter(Instant.now().plusSeconds(3_000));
      await(() -> cli().run("status", "shop.customers").out().contains(" 10 "));

      var history = backend.client().fetchHistory(id);
      assertThat(history.getEvents())
          .filteredOn(e -> e.hasTimerStartedEventAttributes())
          .as("a timer, which holds nothing")
          .singleElement()
          .matches(
              e -> e.getUserMetadata().getSummary().toString().contains("status 429"), "says why");
      var found = backend.client().newUntypedWorkflowStub(id).describe();
      assertThat(found.getRawDescription().getPendingActivitiesCount()).isZero();
      var attributes = found.getTypedSearchAttributes();
      assertThat(attributes.get(io.millrace.run.SearchAttributes.PHASE)).isEqualTo("rate_limited");
      assertThat(attributes.get(io.millrace.run.SearchAttributes.WAKE_AT).toInstant())
          .isEqualTo(wakes);
      assertThat(cli().run("explain", "shop.customers").out())
          .startsWith(
              "shop.customers: waits until "
                  + wakes
                  + ": example.com: status 429 (`millrace wake shop.customers` asks now)\n")
          .contains("the destination has all of the last run");

      Cli watcher = cli();
      Future<Cli.Result> watch = watcher.start("watch", "shop.customers");
      await(() -> watcher.said().contains("until " + wakes));
      assertThat(cli().run("wake", "shop.customers").out()).isEqualTo("shop.customers: woken\n");
      assertThat(run.get(60, TimeUnit.SECONDS).code()).isZero();
      assertThat(watch.get(60, TimeUnit.SECONDS).code()).isZero();
      assertThat(cli().run("status").out()).contains("succeeded");
      assertThat(cli().run("retry", "shop.orders").out())
          .isEqualTo("shop.orders: not retried, it did not fail\n");
    }
  }

  @Test
  void restsCancelsAndTriesAgain() throws Exception {
    steps.waitMillis = 3_600_000;
    try (Working worker = new Working()) {
      Future<Cli.Result> run = cli().start("run", "--queue", queue);
      await(() -> cli().run("status", "shop.customers").out().contains("rate_limited"));
      assertThat(cli().run("pause", "shop.*").out())
          .isEqualTo("shop.customers: paused\nshop.orders: not paused, it is not running\n");
      assertThat(cli().run("wake", "shop.customers").code()).isZero();
      await(() -> cli().run("status", "shop.customers").out().contains("paused"));
      assertThat(cli().run("explain", "shop.customers").out())
          .startsWith("shop.customers: paused (`millrace resume shop.customers` goes on)\n");
      assertThat(cli().run("resume", "shop.customers").out())
          .isEqualTo("shop.customers: resumed\n");
      await(() -> steps.loads.get() == 4);
      assertThat(run.get(60, TimeUnit.SECONDS).code()).isZero();

      Cli runner = cli();
      Future<Cli.Result> second = runner.start("run", "--queue", queue);
      await(() -> cli().run("status", "shop.customers").out().contains("rate_limited"));
      String id = runner.said().replaceAll("(?s).*Started (run:\\S+) .*", "$1");
      assertThat(cli().run("cancel", id).out()).isEqualTo(id + ": cancelled\n");
      assertThat(second.get(60, TimeUnit.SECONDS).code()).isEqualTo(130);

      steps.waitMillis = 0;
      Cli.Result again = cli().run("retry", id, "--queue", queue, "--output", "json");
      assertThat(again.code()).as(again.out() + again.err()).isZero();
      Cli.Result watched = cli().run("watch", json(again).at("/run").asText());
      assertThat(watched.code()).as(watched.err()).isZero();
      assertThat(watched.out()).contains("shop.customers", "shop.orders", "succeeded");
    }
  }

  @Test
  void startsARealServerWithItsUiAndEndsIt() throws Exception {
    int port = EmbeddedTemporal.freePort();
    int ui = EmbeddedTemporal.freePort();
    Cli cli =
        new Cli(folder, rooms)
            .with("MILLRACE_TEMPORAL", RealServer.binary().toString())
            .with("PATH", System.getenv("PATH"));
    Future<Cli.Result> dev =
        cli.start("dev", "-c", ".", "--port", "" + port, "--ui-port", "" + ui, "--queue", queue);
    await(() -> cli.said().contains("Worker for " + project) || dev.isDone());
    assertThat(cli.said())
        .contains(
            "Temporal   127.0.0.1:" + port,
            "UI         http://127.0.0.1:" + ui + "/namespaces/default/workflows",
            "Run        millrace run -c . --address 127.0.0.1:" + port);
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ui + "/")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(
            new Cli(folder, rooms)
                .run("run", "--address", "127.0.0.1:" + port, "--queue", queue)
                .code())
        .isZero();

    Cli.Result second =
        new Cli(folder, rooms)
            .with("MILLRACE_TEMPORAL", RealServer.binary().toString())
            .run("dev", "--port", "1");
    assertThat(second.code()).as("one database, one server").isEqualTo(4);

    cli.signal("INT");
    assertThat(dev.get(60, TimeUnit.SECONDS).code()).isZero();
    assertThat(folder.resolve(".millrace/dev/temporal.db")).exists();
  }

  @Test
  void saysHowToGetTheServersProgram() {
    Cli.Result result = new Cli(folder, rooms).run("dev");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err())
        .startsWith(
            "Cannot start a Temporal server: its program `temporal` is not on this machine (install it from ");
  }
}
