package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Where the next segment begins. Fetch owns the position, normalize owns the cursor, load commits
 * both with the rows they cover.
 *
 * @param cursor the incremental window: {@code {"window_start", "running_max", "start_keys",
 *     "keys"}}, the keys being those at the window's start and at the running maximum, and {@code
 *     "left"} when ordered records have left it; {@code null} without {@code incremental}
 * @param position within the open window: page, file, byte; {@code null} at its beginning. Of a
 *     closed window: what its fetch knows for the next one, as a REST API's ETag; or {@code null}
 * @param done whether the window is closed: only then the running maximum becomes the next window's
 *     start
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Checkpoint(Carried cursor, Carried position, boolean done) {
  /** Before the first record of the first run. */
  public static final Checkpoint START = new Checkpoint(null, null, true);

  /**
   * Where a run begins when this is what the destination has: after a closed window the next one,
   * in an open one its position, or its start when the rows of an unfinished run are not applied.
   * Who reads the state calls it, before a large cursor is staged: a workflow cannot look into one.
   *
   * @param again whether an open window begins again at its start
   */
  public Checkpoint opened(boolean again) {
    if (!done && !again) {
      return this;
    }
    Carried next = Visits.is(position) ? Visits.opened(position, done) : done ? position : null;
    return new Checkpoint(cursor == null ? null : Carried.of(window(cursor.json())), next, false);
  }

  /**
   * The same without what the extractor knew of the source when it closed the window: a window that
   * begins again asks for everything.
   */
  public Checkpoint forgetting() {
    return done && !Visits.is(position) ? new Checkpoint(cursor, null, true) : this;
  }

  /** Whether the position lies within the open window, so that there is something to resume. */
  public boolean begun() {
    return position != null && !Visits.opened(position);
  }

  private JsonNode window(JsonNode cursor) {
    if (!(cursor instanceof ObjectNode)) {
      throw new IllegalArgumentException("Cannot open a window: its cursor is not inline");
    }
    ObjectNode open = ((ObjectNode) cursor).deepCopy();
    open.remove("left");
    if (!done) {
      copy(cursor, "window_start", open, "running_max");
      copy(cursor, "start_keys", open, "keys");
    } else if (cursor.hasNonNull("running_max")) {
      copy(cursor, "running_max", open, "window_start");
      copy(cursor, "keys", open, "start_keys");
    }
    return open;
  }

  private static void copy(JsonNode from, String name, ObjectNode to, String as) {
    if (from.has(name)) {
      to.set(as, from.get(name).deepCopy());
    } else {
      to.remove(as);
    }
  }
}
