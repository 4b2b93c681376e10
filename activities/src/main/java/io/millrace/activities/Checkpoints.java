package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.staging.Staging;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.source.Resource;

/**
 * Between the checkpoint that travels and the one that the destination keeps: {@code {"cursor": …,
 * "position": …, "done": …}} with everything inline.
 */
final class Checkpoints {
  private Checkpoints() {}

  /** As the destination keeps it. */
  static JsonNode expand(Checkpoint checkpoint, Staging staging) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    set(json, "cursor", staging.expand(checkpoint.cursor()));
    set(json, "position", staging.expand(checkpoint.position()));
    return json.put("done", checkpoint.done());
  }

  /** As the destination kept it, still inline. */
  static Checkpoint inline(JsonNode json) {
    return json == null || json.isNull()
        ? Checkpoint.START
        : new Checkpoint(
            carried(json.get("cursor")),
            carried(json.get("position")),
            json.path("done").asBoolean());
  }

  /**
   * {@link Checkpoint#opened} for a resource. What replaces everything asks for everything: its
   * window has no cursor to begin at.
   *
   * @param from inline
   */
  static Checkpoint opened(Checkpoint from, Resource resource, boolean again) {
    boolean all = resource.hints().disposition().kind() == Kind.REPLACE && (from.done() || again);
    return (all ? new Checkpoint(null, from.position(), from.done()) : from).opened(again);
  }

  /** The same with large parts staged, so that it may travel. */
  static Checkpoint carry(Checkpoint inline, Staging staging) {
    return new Checkpoint(
        carry(inline.cursor(), staging), carry(inline.position(), staging), inline.done());
  }

  private static Carried carry(Carried inline, Staging staging) {
    return inline == null ? null : staging.carry(inline.json());
  }

  private static Carried carried(JsonNode json) {
    return json == null || json.isNull() ? null : Carried.of(json);
  }

  private static void set(ObjectNode json, String name, JsonNode value) {
    if (value != null) {
      json.set(name, value);
    }
  }
}
