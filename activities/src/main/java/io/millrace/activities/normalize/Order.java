package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.steps.Steps;
import io.millrace.project.Project;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.util.Set;

/**
 * What is to be normalized and how.
 *
 * @param schema as the segment before left it
 * @param cursor as the segment before left it; {@code null} at the first start and without anything
 *     to remember. Opaque but for {@code window_start} and {@code running_max}
 * @param maxIdentifierLength code points that the destination allows in a name
 * @param foldsCase whether names that differ only in case are one to the destination
 * @param steps that each record goes through first; {@code null} for none
 * @param ownColumns names of columns that every table of the destination has already
 */
public record Order(
    Project project,
    Source source,
    Resource resource,
    Schema schema,
    JsonNode cursor,
    Segment segment,
    int maxIdentifierLength,
    boolean foldsCase,
    Steps steps,
    Set<String> ownColumns) {
  /** The same for a destination whose tables have no columns of their own. */
  public Order(
      Project project,
      Source source,
      Resource resource,
      Schema schema,
      JsonNode cursor,
      Segment segment,
      int maxIdentifierLength,
      boolean foldsCase,
      Steps steps) {
    this(
        project,
        source,
        resource,
        schema,
        cursor,
        segment,
        maxIdentifierLength,
        foldsCase,
        steps,
        Set.of());
  }

  /** The same without {@code processing_steps}. */
  public Order(
      Project project,
      Source source,
      Resource resource,
      Schema schema,
      JsonNode cursor,
      Segment segment,
      int maxIdentifierLength,
      boolean foldsCase) {
    this(project, source, resource, schema, cursor, segment, maxIdentifierLength, foldsCase, null);
  }

  /** The same after another segment. */
  Order with(Schema left) {
    return new Order(
        project,
        source,
        resource,
        left,
        cursor,
        segment,
        maxIdentifierLength,
        foldsCase,
        steps,
        ownColumns);
  }

  /** The same for a destination in which case tells names apart. */
  public Order(
      Project project,
      Source source,
      Resource resource,
      Schema schema,
      JsonNode cursor,
      Segment segment,
      int maxIdentifierLength) {
    this(project, source, resource, schema, cursor, segment, maxIdentifierLength, false);
  }
}
