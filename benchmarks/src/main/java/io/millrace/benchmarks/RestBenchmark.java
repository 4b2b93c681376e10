package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.rest.RestExtractor;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.staging.Draft;
import io.millrace.activities.staging.RawFileWriter;
import io.millrace.activities.staging.StageKey;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Checkpoint;
import io.millrace.run.Wire;
import io.millrace.source.Source;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Pages of an API fetched by the product, up to the staged segment, against bare OkHttp that throws
 * them away, with as many requests at the same time, in turn. The server is in the process and
 * takes its part of the processors from both.
 */
final class RestBenchmark {
  private static final int PAGES = 1_000;
  private static final int ROUNDS = 3;

  /** Pages for each of the two before anything counts, until the compilers have little to do. */
  private static final int WARM = 10_000;

  private static final int CONCURRENCY = 4;

  private RestBenchmark() {}

  static Report run(Options options) throws Exception {
    Report report =
        new Report("Pages of 150 KB, fetched and staged, against bare OkHttp")
            .table(
                "gzip",
                "server answers after ms",
                "OkHttp pages/s",
                "Millrace pages/s",
                "ratio",
                "OkHttp CPU ms/page",
                "Millrace CPU ms/page",
                "of it compilers");
    int pages = (int) options.recordsOr(PAGES);
    for (boolean gzip : new boolean[] {false, true}) {
      warmUp(options, gzip);
      for (long millis : new long[] {0, 20, 100}) {
        measure(options, report, pages, gzip, millis);
      }
    }
    return report
        .note(
            "%d pages, %d at the same time, medians of rounds in turn; %d pages of warm-up for each"
                .formatted(pages, CONCURRENCY, WARM))
        .note("CPU is that of the process: the server's part is in both columns")
        .note("the compilers' part is wall time: trust it on a machine that does nothing else")
        .note("%d processors, Java %s".formatted(processors(), Runtime.version()));
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private static void warmUp(Options options, boolean gzip) throws Exception {
    try (PagesServer server = new PagesServer(WARM / 10, gzip, 0)) {
      for (int round = 0; round < 10; round++) {
        okhttp(server.url(), WARM / 10);
        millrace(options, server.url(), WARM / 10);
      }
    }
  }

  private static void measure(Options options, Report report, int pages, boolean gzip, long millis)
      throws Exception {
    List<Double> bare = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    List<Double> bareCpu = new ArrayList<>();
    List<Double> oursCpu = new ArrayList<>();
    List<Double> compilers = new ArrayList<>();
    try (PagesServer server = new PagesServer(pages, gzip, millis)) {
      for (int round = 0; round < options.roundsOr(ROUNDS); round++) {
        Cost okhttp = cost(pages, () -> okhttp(server.url(), pages));
        Cost millrace = cost(pages, () -> millrace(options, server.url(), pages));
        bare.add(okhttp.perSecond());
        ours.add(millrace.perSecond());
        bareCpu.add(okhttp.cpuMillis());
        oursCpu.add(millrace.cpuMillis());
        compilers.add(millrace.compilerMillis());
      }
    }
    report.row(
        gzip ? "on" : "off",
        millis,
        Report.median(bare),
        Report.median(ours),
        Report.ratio(ours, bare),
        Report.median(bareCpu),
        Report.median(oursCpu),
        Report.median(compilers));
  }

  /**
   * Pages per second, and milliseconds per page: of all processors, and what the JVM's compilers
   * took, which is not over after ten thousand pages.
   */
  private record Cost(double perSecond, double cpuMillis, double compilerMillis) {}

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  private static Cost cost(int pages, Work work) throws Exception {
    CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    long cpu = cpu();
    long compiled = compilers.getTotalCompilationTime();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double compiling = compilers.getTotalCompilationTime() - compiled;
    return new Cost(pages / seconds, (cpu() - cpu) / 1e6 / pages, compiling / pages);
  }

  private static long cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static void okhttp(String url, int pages) throws Exception {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequestsPerHost(CONCURRENCY);
    OkHttpClient client = new OkHttpClient.Builder().dispatcher(dispatcher).build();
    CountDownLatch left = new CountDownLatch(pages);
    AtomicLong bytes = new AtomicLong();
    for (int page = 1; page <= pages; page++) {
      Request request = new Request.Builder().url(url + "events?page=" + page).build();
      client.newCall(request).enqueue(new Reading(left, bytes));
    }
    left.await();
    dispatcher.executorService().shutdown();
    client.connectionPool().evictAll();
    check(pages, bytes.get());
  }

  private record Reading(CountDownLatch left, AtomicLong bytes) implements Callback {
    @Override
    public void onResponse(Call call, Response response) throws IOException {
      try (response) {
        bytes.addAndGet(response.body().bytes().length);
      } finally {
        left.countDown();
      }
    }

    @Override
    public void onFailure(Call call, IOException e) {
      left.countDown();
    }
  }

  private static void millrace(Options options, String url, int pages) throws IOException {
    Project project = project(url);
    Source source = project.sources().get(0);
    try (Workspace workspace = Workspace.open(options, 2_000)) {
      Path folder = workspace.folder();
      RestExtractor extractor = new RestExtractor(new EnvSecrets(Map.of(), folder));
      JsonNode position = null;
      boolean done = false;
      long bytes = 0;
      while (!done) {
        String loadId = UUID.randomUUID().toString();
        try (Draft draft = new Staging(folder).draft("api.events", loadId);
            RawFileWriter out = new RawFileWriter(draft)) {
          Extractor.Order order =
              new Extractor.Order(
                  project,
                  source,
                  source.resources().get(0),
                  null,
                  position,
                  project.segment(),
                  null,
                  false);
          Extractor.Fetched fetched = extractor.fetch(order, out, Progress.NONE);
          bytes += out.bytes();
          out.finish();
          StageKey key = StageKey.raw("api.events", loadId, "m", Checkpoint.START);
          draft.publish(key, Wire.mapper().createObjectNode());
          position = fetched.position();
          done = fetched.done();
        }
      }
      check(pages, bytes);
    }
  }

  private static void check(int pages, long bytes) {
    if (bytes < (long) pages * PagesServer.BYTES) {
      throw new IllegalStateException("Cannot measure: pages are missing: " + bytes + " bytes");
    }
  }

  private static Project project(String url) {
    String yaml =
        """
        project: pages
        sources:
          api:
            type: rest_api
            client:
              base_url: %s
              concurrency: %d
              paginator: {type: page_number, base_page: 1, total_path: total_pages}
            resources:
              - {name: events, endpoint: {path: events, data_selector: data}}
        """
            .formatted(url, CONCURRENCY);
    return ProjectFile.read(yaml, "millrace.yaml").orThrow();
  }
}
