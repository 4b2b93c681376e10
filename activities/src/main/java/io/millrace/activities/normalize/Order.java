package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.steps.Steps;
import io.millrace.project.Project;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.source.Resource;
import io.millrace.source.Source;

/**
 * What is to be normalized and how.
 *
 * @param schema as the segment before left it
 * @param cursor as the segment before left it; {@code null} at the first start and without anything
 *     to remember. Opaque but for {@code window_start} and {@code running_max}
 * @param identifiers of the destination
 * @param steps that each record goes through first; {@code null} for none
 */
public record Order(
    Project project,
    Source source,
    Resource resource,
    Schema schema,
    JsonNode cursor,
    Segment segment,
    Identifiers identifiers,
    Steps steps) {
  /** The same after another segment. */
  Order with(Schema left) {
    return after(left, cursor, segment);
  }

  /** The same for a later segment, with what the one before it left. */
  public Order after(Schema left, JsonNode remembered, Segment next) {
    return new Order(project, source, resource, left, remembered, next, identifiers, steps);
  }
}
