package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The first resource of a source that is written as in {@code millrace.yaml}, read for real. */
final class YamlSource {
  private final Path folder;
  private final Project project;
  private final RestExtractor extractor;
  private Resource.SegmentBounds bounds = Resource.SegmentBounds.DEFAULT;
  Progress progress = Progress.NONE;
  Long pagesLeft;
  boolean woken;

  private YamlSource(Path folder, Project project, RestExtractor extractor) {
    this.folder = folder;
    this.project = project;
    this.extractor = extractor;
  }

  /**
   * @param base of the client
   * @param client its further keys, one per line
   * @param endpoint the keys of the endpoint, one per line
   */
  static YamlSource of(Path folder, String base, String client, String endpoint) {
    // short waits pass at once; they are tested where they are decided
    return of(
        folder,
        new RestExtractor(new EnvSecrets(Map.of(), folder), Clock.systemUTC(), millis -> {}),
        base,
        client,
        endpoint);
  }

  static YamlSource of(
      Path folder, RestExtractor extractor, String base, String client, String endpoint) {
    String yaml =
        "project: shop\nsources:\n  shop:\n    type: rest_api\n    client:\n"
            + ("base_url: \"" + base + "\"\n" + client).indent(6)
            + "    resources:\n      - name: orders\n        endpoint:\n"
            + ("path: orders\n" + endpoint).indent(10);
    Project project = ProjectFile.read(yaml, "millrace.yaml").orThrow();
    return new YamlSource(folder, project, extractor);
  }

  YamlSource segmentsOf(int pages) {
    bounds = new Resource.SegmentBounds(null, pages, null);
    return this;
  }

  YamlSource segmentsOf(Resource.SegmentBounds of) {
    bounds = of;
    return this;
  }

  FetchedSegment fetch(JsonNode position) throws IOException {
    return FetchedSegment.fetch(
        folder.resolve("staging"), extractor, this::order, position, progress);
  }

  /** Everything, segment by segment. */
  List<FetchedSegment> all() throws IOException {
    return FetchedSegment.all(this::fetch);
  }

  /** The bodies of everything. */
  List<String> bodies() throws IOException {
    return all().stream().flatMap(segment -> segment.bodies().stream()).toList();
  }

  /** The same, with long waits waited out as a workflow does. */
  List<String> bodies(Pause pause) throws IOException {
    return FetchedSegment.all(
            position -> {
              FetchedSegment segment = fetch(position);
              try {
                pause.millis(segment.fetched().waitMillis());
              } catch (InterruptedException e) {
                throw Http.interrupted(e);
              }
              return segment;
            })
        .stream()
        .flatMap(segment -> segment.bodies().stream())
        .toList();
  }

  private Extractor.Order order(JsonNode position) {
    Source source = project.sources().get(0);
    Resource resource = source.resources().get(0);
    return new Extractor.Order(
        project, source, resource, null, position, bounds, pagesLeft, false, woken, null, Map.of());
  }
}
