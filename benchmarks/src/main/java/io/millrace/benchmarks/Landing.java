package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.normalize.Identifiers;
import io.millrace.activities.normalize.Normalizer;
import io.millrace.activities.normalize.Order;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * An asset that lands: load packages as the product makes them of a file of records, and their
 * loads as a workflow orders them, one run of one segment each.
 *
 * @param source its name; the table is {@code events}
 */
record Landing(String source, String hints) {
  private static final int NAME_LENGTH = 63;

  /** A package on disk and which run of the asset it is. */
  record Packed(Path file, int epoch) {}

  private Project project() {
    return ProjectFile.read(
            """
            project: benchmark
            destination: {type: duckdb, path: benchmark.duckdb}
            sources:
              %s:
                type: filesystem
                bucket_url: .
                resources: [{name: events, file_glob: "*.jsonl", format: jsonl%s}]
            """
                .formatted(source, hints.isEmpty() ? "" : ", " + hints),
            "benchmark")
        .orThrow();
  }

  /**
   * Makes the package of a run.
   *
   * @param before the package of the run before; {@code null} for the first
   */
  Packed pack(Path records, Path file, Packed before) throws IOException {
    Project project = project();
    Source from = project.sources().get(0);
    Resource resource = from.resources().get(0);
    int epoch = before == null ? 1 : before.epoch() + 1;
    Schema schema = Schema.empty(source);
    if (before != null) {
      try (LoadPackage last = PackageFile.open(before.file())) {
        schema = last.schema();
      }
    }
    RawPage page =
        new RawPage(
            RawPage.Format.JSONL,
            List.of(),
            records.getFileName().toString(),
            0,
            () -> Files.newInputStream(records));
    Normalizer.run(
        new Order(
            project,
            from,
            resource,
            schema,
            null,
            segment(epoch),
            new Identifiers(NAME_LENGTH, true, Set.of()),
            null),
        List.of(page),
        file,
        Progress.NONE);
    return new Packed(file, epoch);
  }

  /** Loads a package, which is a whole run; returns the rows. */
  long load(Loader loader, Packed packed) throws IOException {
    Source from = project().sources().get(0);
    Segment segment = segment(packed.epoch());
    Loader.Stored stored = loader.read(segment.project(), segment.asset(), null, source, null);
    Loader.Order order =
        new Loader.Order(
            segment,
            source,
            from.resources().get(0).hints().disposition(),
            stored.checkpoint(),
            JsonNodeFactory.instance.objectNode().put("run", packed.epoch()).put("done", true),
            true,
            false,
            null,
            false,
            false,
            1,
            Files.size(packed.file()));
    try (LoadPackage load = PackageFile.open(packed.file())) {
      return loader.load(order, load, Progress.NONE).rows().values().stream()
          .mapToLong(Long::longValue)
          .sum();
    }
  }

  private Segment segment(int epoch) {
    String asset = source + ".events";
    return new Segment("benchmark", "0", asset, null, "run:" + epoch, loadId(epoch), epoch, 1);
  }

  static String loadId(int epoch) {
    return "%d.000000-00000000-%05d-000001".formatted(1_767_225_600 + epoch, epoch);
  }
}
