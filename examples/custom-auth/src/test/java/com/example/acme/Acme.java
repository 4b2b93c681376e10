package com.example.acme;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.rest.RestExtractor;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockWebServer;

/** The project of this folder against a server on loopback. */
final class Acme implements RawSegmentWriter {
  final EnvSecrets secrets;
  private final Project project;
  private final List<String> bodies = new ArrayList<>();

  Acme(MockWebServer server) throws IOException {
    project =
        ProjectFile.read(Files.readAllBytes(Path.of("millrace.yaml")), "millrace.yaml").orThrow();
    secrets =
        new EnvSecrets(
            Map.of("ACME_URL", server.url("/v1/").toString(), "ACME_SECRET", "s3cret-of-acme"),
            Path.of("."));
  }

  Extractor.Fetched fetch(String name, JsonNode position, Long pages) {
    Source source = project.sources().get(0);
    Resource resource = source.resource(name).orElseThrow();
    Extractor.Order order =
        new Extractor.Order(
            project,
            source,
            resource,
            null,
            position,
            Resource.SegmentBounds.DEFAULT,
            pages,
            false);
    return new RestExtractor(secrets).fetch(order, this, Progress.NONE);
  }

  List<String> bodies() {
    return bodies;
  }

  @Override
  public void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      byte[] body,
      int offset,
      int length) {
    bodies.add(new String(body, offset, length, StandardCharsets.UTF_8));
  }

  @Override
  public void page(
      RawPage.Format format, List<String> selector, String origin, String included, byte[] body) {
    page(format, selector, origin, body, 0, body.length);
  }

  @Override
  public void range(RawPage.Format format, List<String> selector, Path file, long from, long to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long pages() {
    return bodies.size();
  }

  @Override
  public long bytes() {
    return 0;
  }
}
