package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import io.millrace.run.Materialize;
import io.millrace.worker.Backend;
import io.millrace.worker.ChildWorker;
import io.millrace.worker.Cli;
import io.millrace.worker.RealServer;
import io.temporal.api.activity.v1.ActivityOptions;
import io.temporal.api.common.v1.RetryPolicy;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.workflowservice.v1.UpdateActivityOptionsRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each exit code of the command line, end to end: a real source, engine and destination. */
@Timeout(180)
class ExitCodesTest {
  @TempDir Path folder;
  private final String name = "p" + UUID.randomUUID().toString().substring(0, 8);
  private final AtomicBoolean down = new AtomicBoolean(true);
  private final CountDownLatch reached = new CountDownLatch(1);
  private ApiStandIn api;

  @BeforeEach
  void anApi() throws Exception {
    api =
        new ApiStandIn()
            .on("/good", "[{\"id\":1}]")
            .on("/typed", "[{\"id\":1,\"extra\":2}]")
            .on("/secret", request -> ApiStandIn.status(401, "{}"))
            .on("/away", "{\"data\":[{\"id\":1}],\"next\":\"http://elsewhere.example/\"}")
            .on(
                "/down",
                request ->
                    down.get() ? ApiStandIn.status(503, "{}") : ApiStandIn.json("[{\"id\":1}]"))
            .on("/endless", this::slowly);
  }

  @AfterEach
  void close() {
    api.close();
  }

  /** Page after page, and each takes a moment. */
  private ApiStandIn.Answer slowly(ApiStandIn.Asked asked) {
    reached.countDown();
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int page = asked.number("page", 1);
    return ApiStandIn.json(
        "{\"data\":[{\"id\":%d}],\"next\":\"/endless?page=%d\"}".formatted(page, page + 1));
  }

  private Cli project(String resources) throws Exception {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: %s
        destination: {type: duckdb, path: shop.duckdb}
        sources:
          shop:
            type: rest_api
            client:
              base_url: %s/
              retry: {max_attempts: 1}
              paginator: {type: json_link, next_url_path: next}
            resources:
        %s
        """
            .formatted(name, api.url(), resources.indent(6)));
    return Cli.ofTheHouse(folder);
  }

  private static final String AWAY = "- {name: away, endpoint: {data_selector: data}}\n";
  private static final String FROZEN = "- {name: typed, schema_contract: {tables: freeze}}\n";

  @Test
  void zeroWhenAllIsWell() throws Exception {
    assertThat(project("- good").run("run").code()).isZero();
  }

  @Test
  void oneWhenAssetsFailedForReasonsOfSeveralKinds() throws Exception {
    Cli.Result mixed = project("- good\n- secret\n" + AWAY).run("run");
    assertThat(mixed.code()).as(mixed.err()).isEqualTo(1);
  }

  @Test
  void twoForAMistakeOfTheConfigurationOrTheCommandLine() throws Exception {
    assertThat(project("- {name: good, primry_key: id}").run("run").code()).isEqualTo(2);
    assertThat(project("- good").run("run", "shop.bad").code()).isEqualTo(2);
    assertThat(project("- good").run("run", "--nothing").code()).isEqualTo(2);
    assertThat(
            project("- {name: good, endpoint: {params: {k: \"${env:NONE}\"}}}").run("run").code())
        .as("a reference without a value")
        .isEqualTo(2);
  }

  @Test
  void threeWhenSomethingOutsideRefusesUsOrCannotBeReached() throws Exception {
    assertThat(project("- good\n- secret").run("run").code()).as("a source refuses").isEqualTo(3);
    assertThat(project("- down\n- secret").run("run").code())
        .as("several failures of one kind")
        .isEqualTo(3);
    assertThat(project("- good").run("run", "--address", "127.0.0.1:1").code())
        .as("no Temporal")
        .isEqualTo(3);
    Files.writeString(folder.resolve("shop.duckdb"), "no database");
    Cli.Result refused = project("- good").run("run");
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
  }

  @Test
  void fourWhenARuleRefuses() throws Exception {
    Cli.Result away = project(AWAY).run("run");
    assertThat(away.code()).as(away.err()).isEqualTo(4);
    Cli.Result frozen = project(FROZEN).run("run");
    assertThat(frozen.code()).as(frozen.err()).isEqualTo(4);
  }

  @Test
  void tenWhenThePlanMakesChanges() throws Exception {
    Cli cli = project("- good");
    assertThat(cli.run("plan", "--detailed-exitcode").code()).isEqualTo(10);
    assertThat(cli.run("run").code()).isZero();
    assertThat(cli.run("plan", "--detailed-exitcode").code()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalEndsARunAtAPageAndWithItsOwnCode(String signal, int code) throws Exception {
    assumeThat(signal.equals("INT") && interruptsAreIgnored()).isFalse();
    project("- {name: endless, primary_key: id, endpoint: {data_selector: data}}");
    Path log = folder.resolve("log");
    try (ChildWorker run = ChildWorker.program(log, Map.of(), "run", "-c", folder.toString())) {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
      run.signal(signal);
      assertThat(run.end()).as(Files.readString(log)).isEqualTo(code);
    }
    assertThat(Files.readString(log)).contains("Stopping at the next page", "cancelled");
  }

  /** What a shell does to its background jobs, and they to their children: INT cannot end them. */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    Matcher ignored = Pattern.compile("SigIgn:\\s*(\\w+)").matcher(Files.readString(status));
    return ignored.find() && (Long.parseUnsignedLong(ignored.group(1), 16) & 1L << 2 - 1) != 0;
  }

  /** What takes an hour otherwise: the tries of a step are made few and fast, by hand. */
  private static void hurry(Backend backend, String id) {
    RetryPolicy soon =
        RetryPolicy.newBuilder()
            .setMaximumAttempts(2)
            .setInitialInterval(Duration.newBuilder().setNanos(1_000_000))
            .build();
    backend
        .stubs()
        .blockingStub()
        .updateActivityOptions(
            UpdateActivityOptionsRequest.newBuilder()
                .setNamespace("default")
                .setExecution(WorkflowExecution.newBuilder().setWorkflowId(id))
                .setType("fetch")
                .setActivityOptions(ActivityOptions.newBuilder().setRetryPolicy(soon))
                .setUpdateMask(
                    FieldMask.newBuilder()
                        .addPaths("retry_policy.maximum_attempts")
                        .addPaths("retry_policy.initial_interval"))
                .build());
  }

  private static void await(BooleanSupplier there) throws InterruptedException {
    for (int i = 0; i < 6000 && !there.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(there.getAsBoolean()).as("within a minute").isTrue();
  }

  @Test
  void fiveWhenARunIsParkedUntilSomebodyDecides() throws Exception {
    String address = RealServer.address();
    String queue = "test-" + UUID.randomUUID();
    String id = Materialize.id(name, "shop.down", null);
    Cli worker = project("- good\n- down").with("TEMPORAL_ADDRESS", address);
    Future<Cli.Result> working = worker.start("worker", "--queues", queue);
    await(() -> worker.said().contains("Worker for"));
    try (Backend backend = Backend.connect(address, null, Map.of())) {
      Cli cli = Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address);
      Future<Cli.Result> run =
          Cli.ofTheHouse(folder)
              .with("TEMPORAL_ADDRESS", address)
              .start("run", "--queue", queue, "--output", "json");
      await(
          () ->
              cli.run("status", "shop.down").out().contains("fetch")
                  && backend
                      .client()
                      .newUntypedWorkflowStub(id)
                      .describe()
                      .getRawDescription()
                      .getPendingActivitiesList()
                      .stream()
                      .anyMatch(pending -> pending.getAttempt() > 1));
      hurry(backend, id);

      Cli.Result parked = run.get(60, TimeUnit.SECONDS);
      assertThat(parked.code()).as(parked.out() + parked.err()).isEqualTo(5);
      assertThat(parked.out()).contains("\"parked\"", "\"SOURCE_UNREACHABLE\"");
      assertThat(cli.run("watch", "shop.down").code()).isEqualTo(5);
      assertThat(cli.run("explain", "shop.down").out())
          .startsWith("shop.down: parked: Cannot read ")
          .contains("(`millrace retry shop.down` tries again)");

      down.set(false);
      assertThat(cli.run("retry", "shop.down").out()).isEqualTo("shop.down: retried\n");
      assertThat(cli.run("watch", "shop.down").code()).isZero();
      worker.signal("TERM");
      assertThat(working.get(60, TimeUnit.SECONDS).code()).isZero();
    }
  }
}
