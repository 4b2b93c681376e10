package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.PostgresServer;
import io.millrace.activities.destination.duckdb.DuckDbDriver;
import io.millrace.activities.destination.postgres.PostgresDriver;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.RawPage;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.project.Text;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Bytes of JSON lines, normalized and loaded into a real destination, run after run. */
final class Landing {
  private static final DestinationDriver POSTGRES = new PostgresDriver();
  private static final DestinationDriver DUCKDB = new DuckDbDriver();

  private final DestinationDriver.Capabilities engine;
  private final Loader loader;
  private final Path folder;
  private final Map<String, JsonNode> cursors = new HashMap<>();
  private int runs;

  private Landing(DestinationDriver.Capabilities engine, Loader loader, Path folder) {
    this.engine = engine;
    this.loader = loader;
    this.folder = folder;
  }

  /** In a dataset of the shared server. */
  static Landing inPostgres(Path folder, String dataset, SystemNames names) {
    Loader loader = PostgresServer.shared().loader(dataset, names);
    return new Landing(POSTGRES.capabilities(), loader, folder);
  }

  static Landing inDuckDb(Path folder, String dataset, SystemNames names) {
    Destination file =
        new Destination("default", "duckdb", dataset, Map.of("path", new Text("landed.duckdb")));
    Loader loader = DUCKDB.loader(file, names, new EnvSecrets(Map.of(), folder), folder);
    return new Landing(DUCKDB.capabilities(), loader, folder);
  }

  Loader loader() {
    return loader;
  }

  /**
   * A run of the resource {@code t} of a source {@code s} with further keys, as YAML in one line.
   */
  Normalized run(String keys, byte[]... segments) throws IOException {
    Project project =
        ProjectFile.read(
                "project: golden\nsources: {s: {type: filesystem, bucket_url: ., resources: [{name: t, %s}]}}\n"
                    .formatted(keys),
                "millrace.yaml")
            .orThrow();
    Source source = project.sources().get(0);
    runs++;
    return run(project, source, source.resources().get(0), List.of(segments), null);
  }

  /** The next resources belong to the next run. */
  void nextRun() {
    runs++;
  }

  /**
   * A run of one resource, to its end.
   *
   * @param segments each of which becomes a load
   * @param refresh {@code null} for none
   * @return the last segment
   */
  Normalized run(
      Project project, Source source, Resource resource, List<byte[]> segments, Refresh refresh)
      throws IOException {
    String asset = source.name() + "." + resource.name();
    Loader.Stored stored = loader.read(project.name(), asset, null, source.name(), refresh);
    int epoch = stored.epoch() + 1;
    JsonNode before = stored.checkpoint();
    JsonNode cursor = GoldenTest.next(cursors.get(asset));
    Schema schema = stored.schema();
    Normalized done = null;
    for (int seq = 1; seq <= segments.size(); seq++) {
      byte[] bytes = segments.get(seq - 1);
      String loadId =
          "%d.1-%08x-%04d-%06d".formatted(1_700_000_000 + runs, asset.hashCode(), epoch, seq);
      Segment segment =
          new Segment(project.name(), "manifest", asset, null, "run:" + runs, loadId, epoch, seq);
      Path file = Files.createTempFile(folder, "segment", ".pkg");
      done =
          Normalizer.run(
              new Order(
                  project,
                  source,
                  resource,
                  schema,
                  cursor,
                  segment,
                  new Identifiers(
                      engine.maxIdentifierLength(), engine.foldsCase(), engine.ownColumns()),
                  null),
              List.of(
                  new RawPage(
                      RawPage.Format.JSONL,
                      List.of(),
                      "input",
                      0,
                      () -> new ByteArrayInputStream(bytes))),
              file,
              Progress.NONE);
      boolean last = seq == segments.size();
      JsonNode after = JsonNodeFactory.instance.objectNode().put("page", loadId).put("done", last);
      try (LoadPackage load = PackageFile.open(file)) {
        loader.load(
            new Loader.Order(
                segment,
                source.name(),
                resource.hints().disposition(),
                before,
                after,
                last,
                false,
                seq == 1 ? refresh : null,
                false,
                project.schema().compat(),
                1,
                bytes.length),
            load,
            Progress.NONE);
      }
      Files.delete(file);
      schema = done.schema();
      cursor = done.cursor();
      before = after;
    }
    cursors.put(asset, cursor);
    return done;
  }
}
