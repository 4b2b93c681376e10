package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.normalize.Identifiers;
import io.millrace.activities.normalize.Normalized;
import io.millrace.activities.normalize.Normalizer;
import io.millrace.activities.normalize.Order;
import io.millrace.activities.staging.Draft;
import io.millrace.activities.staging.Published;
import io.millrace.activities.staging.RawFileReader;
import io.millrace.activities.staging.StageKey;
import io.millrace.activities.staging.Staging;
import io.millrace.activities.steps.Steps;
import io.millrace.project.Project;
import io.millrace.run.Normalize;
import io.millrace.run.Segment;
import io.millrace.run.StagedRef;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes a load package of a raw segment. A second attempt with the same inputs returns what the
 * first published; with another schema it makes another package.
 */
final class NormalizeActivityImpl extends StepActivityImpl implements Normalize {
  static final String PACKAGE = "package";

  NormalizeActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Result normalize(Request request) {
    Segment segment = request.segment();
    return step(
        segment.asset(), segment.loadId(), progress -> normalize(request, segment, progress));
  }

  Result normalize(Request request, Segment segment, Progress progress) throws IOException {
    Staging staging = engine.staging();
    JsonNode cursor = cursor(request, staging);
    StageKey key =
        StageKey.load(
            segment.asset(),
            segment.loadId(),
            segment.runId(),
            segment.manifest(),
            request.raw(),
            request.schema(),
            staging.carry(cursor),
            request.done());
    Optional<Published> earlier = staging.published(key);
    if (earlier.isPresent()) {
      return result(earlier.get());
    }
    Project project = engine.definitions().project(segment.project(), segment.manifest());
    Project.Located located = Definitions.locate(project, segment.asset());
    DestinationDriver.Capabilities capabilities = engine.capabilities(project, located.resource());
    Order order =
        new Order(
            project,
            located.source(),
            located.resource(),
            SchemaFile.read(staging.bytes(request.schema())),
            cursor,
            segment,
            new Identifiers(
                capabilities.maxIdentifierLength(),
                capabilities.foldsCase(),
                capabilities.ownColumns()),
            Steps.of(located.resource().processingSteps(), engine.secrets()));
    try (Draft draft = staging.draft(segment.asset(), segment.loadId())) {
      Normalized normalized;
      try (RawFileReader pages = RawFileReader.open(staging.open(request.raw()));
          ParentsSeen seen = ParentsSeen.of(located, segment, staging)) {
        normalized = Normalizer.run(order, () -> pages, draft.file(PACKAGE), progress, seen);
        if (seen != null) {
          seen.publish(normalized.sha256()); // before the package, which says that it is there
        }
      }
      StagedRef schema = staging.document(SchemaFile.bytes(normalized.schema()));
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.put("schemaPath", schema.path())
          .put("schemaSha256", schema.sha256())
          .put("records", normalized.records())
          .put("rejected", normalized.rejected());
      body.set("cursor", normalized.cursor());
      body.set("notes", Notes.json(normalized.notes()));
      return result(draft.publish(key, body));
    }
  }

  /** The cursor of the segment, with what the run remembers of the segments before. */
  private static JsonNode cursor(Request request, Staging staging) {
    JsonNode cursor = staging.expand(request.cursor());
    JsonNode remembered = staging.expand(request.remembered());
    return remembered == null ? cursor : Normalizer.remembering(cursor, remembered);
  }

  private Result result(Published published) {
    JsonNode body = published.body();
    JsonNode cursor = body.get("cursor");
    return new Result(
        published.ref(),
        new StagedRef(body.path("schemaPath").asText(), body.path("schemaSha256").asText()),
        cursor == null || cursor.isNull() ? null : engine.staging().carry(cursor),
        body.path("records").asLong(),
        body.path("rejected").asLong(),
        Notes.of(body.path("notes")));
  }
}
