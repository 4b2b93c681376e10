package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.staging.Draft;
import io.millrace.activities.staging.Published;
import io.millrace.activities.staging.RawFileWriter;
import io.millrace.activities.staging.StageKey;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import io.millrace.run.Fetch;
import io.millrace.run.Segment;
import io.millrace.source.Resource;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Fetches a segment's pages into staging. A second attempt finds what the first published and
 * returns that.
 */
final class FetchActivityImpl extends StepActivityImpl implements Fetch {
  FetchActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Result fetch(Request request) {
    Segment segment = request.segment();
    return step(segment.asset(), segment.loadId(), progress -> fetch(request, segment, progress));
  }

  Result fetch(Request request, Segment segment, Progress progress) throws IOException {
    Staging staging = engine.staging();
    StageKey key =
        StageKey.raw(segment.asset(), segment.loadId(), segment.manifest(), request.from());
    Optional<Published> earlier = staging.published(key);
    if (earlier.isPresent()) {
      return result(earlier.get());
    }
    Project project = engine.definitions().project(segment.project(), segment.manifest());
    Project.Located located = Definitions.locate(project, segment.asset());
    Resource resource = located.resource();
    JsonNode cursor = staging.expand(request.from().cursor());
    try (Draft draft = staging.draft(segment.asset(), segment.loadId())) {
      Extractor.Fetched fetched;
      RawFileWriter out = new RawFileWriter(draft);
      try (out) {
        Extractor.Order order =
            new Extractor.Order(
                project,
                located.source(),
                resource,
                cursor == null ? null : cursor.get("window_start"),
                staging.expand(request.from().position()),
                resource.segment() == null ? project.segment() : resource.segment(),
                request.pagesLeft(),
                request.resumed(),
                request.woken(),
                CommittedParents.of(engine, project, located),
                Map.of());
        fetched = engine.extractor(located.source().type()).fetch(order, out, progress);
        out.finish();
      }
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.set("position", fetched.position());
      body.put("done", fetched.done())
          .put("unchanged", fetched.unchanged())
          .put("pages", out.pages())
          .put("requests", fetched.requests())
          .put("bytes", out.bytes());
      body.put("waitMillis", fetched.waitMillis()).put("waitReason", fetched.waitReason());
      body.set("notes", Notes.json(fetched.notes()));
      return result(draft.publish(key, body));
    }
  }

  private Result result(Published published) {
    JsonNode body = published.body();
    JsonNode position = body.get("position");
    return new Result(
        published.ref(),
        position == null || position.isNull() ? null : engine.staging().carry(position),
        body.path("done").asBoolean(),
        body.path("unchanged").asBoolean(),
        body.path("pages").asLong(),
        body.path("requests").asLong(),
        body.path("bytes").asLong(),
        body.path("waitMillis").asLong(),
        body.path("waitReason").textValue(),
        Notes.of(body.path("notes")));
  }
}
