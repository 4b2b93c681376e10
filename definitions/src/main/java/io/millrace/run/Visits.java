package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;

/**
 * The position of a resource that is read once for each record of its parent: which parents the
 * window is for, and how far it is. Unlike other positions it outlives its window, because the next
 * one begins behind the parents that this one passed.
 *
 * @param passed the last load of the parent that the window before was for; {@code null} for none.
 *     In a window that has not begun the only component
 * @param to the last load of the parent that the window is for
 * @param at where the first parent is that is not done; {@code null} when all are
 * @param inner the position within that parent's pages; {@code null} at their beginning
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Visits(Mark passed, Mark to, Place at, JsonNode inner) {

  /** A load of the parent; those of an asset are in the order of epoch and number. */
  public record Mark(int epoch, int seq) implements Comparable<Mark> {
    /** Before every load. */
    public static final Mark NONE = new Mark(0, 0);

    @Override
    public int compareTo(Mark other) {
      return epoch != other.epoch
          ? Integer.compare(epoch, other.epoch)
          : Integer.compare(seq, other.seq);
    }
  }

  /**
   * A record of the parent.
   *
   * @param load that brought it
   * @param row its number in that load's list, from 0
   * @param after the row id behind which it comes, when the list is read from the parent's table;
   *     {@code null} otherwise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Place(Mark load, long row, String after) {}

  /** The value of a position; {@code null} when it is none of these. */
  public static Visits read(JsonNode json) {
    if (json == null || !json.isObject() || !(json.has("to") || json.has("passed"))) {
      return null;
    }
    try {
      return Wire.mapper().treeToValue(json, Visits.class);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  public JsonNode json() {
    return Wire.mapper().valueToTree(this);
  }

  /** What a window begins with when the one before left that position. */
  static Carried opened(Carried before, boolean done) {
    Visits visits = before == null ? null : read(before.json());
    Mark passed =
        visits == null ? null : done && visits.to() != null ? visits.to() : visits.passed();
    return passed == null ? null : Carried.of(new Visits(passed, null, null, null).json());
  }

  /** Whether it is the position of a window that has not begun. */
  static boolean opened(Carried position) {
    Visits visits = read(position.json());
    return visits != null && visits.to() == null;
  }

  /** Whether two positions are at different parents, so that something was done between them. */
  public static boolean moved(Carried from, Carried to) {
    Visits before = from == null ? null : read(from.json());
    Visits after = to == null ? null : read(to.json());
    return after != null && (before == null || !Objects.equals(before.at(), after.at()));
  }
}
