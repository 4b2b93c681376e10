package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Where the next segment begins. Fetch owns the position, normalize owns the cursor, load commits
 * both with the rows they cover.
 *
 * @param cursor the incremental window: its start, the running maximum and the keys at the
 *     boundary; {@code null} without {@code incremental}
 * @param position within the open window: page, file, byte; {@code null} at its beginning
 * @param done whether the window is closed: only then the running maximum becomes the next window's
 *     start
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Checkpoint(Carried cursor, Carried position, boolean done) {
  /** Before the first record of the first run. */
  public static final Checkpoint START = new Checkpoint(null, null, true);
}
