package io.millrace.activities.destination;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Segment;

/**
 * Decides whether a load follows what the destination has ({@code protocol.md} 4.2). A zombie
 * attempt, a second workflow and a rewound state all fail here, before anything is written.
 */
public final class Fence {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Fence() {}

  /**
   * What the destination has of the asset.
   *
   * @param checkpoint as the last load left it; {@code null} for the beginning
   * @param restart where a run over shadow tables began that was never applied: its successor may
   *     begin there again (or at the very beginning); {@code null} with {@code restartable} false
   * @param restartable whether there is such a run
   */
  public record Has(
      int epoch, int seq, JsonNode checkpoint, boolean restartable, JsonNode restart) {
    public static final Has NOTHING = new Has(0, 0, null, false, null);
  }

  /**
   * Throws {@code LOAD_REFUSED} unless the segment is the next one of the same epoch or the first
   * one of a higher epoch, and begins at the checkpoint that the destination has.
   *
   * @param before the checkpoint that the load begins at; {@code null} for the beginning
   * @param refreshing whether the load forgets the checkpoint anyway, so that it must begin at the
   *     beginning instead
   */
  public static void check(Has has, Segment segment, JsonNode before, boolean refreshing) {
    boolean next = segment.epoch() == has.epoch() && segment.seq() == has.seq() + 1;
    boolean first = segment.epoch() > has.epoch() && segment.seq() == 1;
    if (!next && !first) {
      throw refused(
          segment,
          "the destination has epoch %d segment %d, this is epoch %d segment %d"
              .formatted(has.epoch(), has.seq(), segment.epoch(), segment.seq()));
    }
    JsonNode begin = canonical(before);
    boolean follows =
        refreshing && first
            ? begin == null
            : same(begin, canonical(has.checkpoint()))
                || (first
                    && has.restartable()
                    && (begin == null || same(begin, canonical(has.restart()))));
    if (!follows) {
      throw refused(
          segment,
          "it begins at another checkpoint than the destination has: %s instead of %s"
              .formatted(brief(begin), brief(canonical(has.checkpoint()))));
    }
  }

  /** Whether both are the same checkpoint, however they were made. */
  public static boolean same(JsonNode one, JsonNode other) {
    JsonNode a = canonical(one);
    JsonNode b = canonical(other);
    return a == null ? b == null : b != null && a.equals(Fence::compare, b);
  }

  /** PostgreSQL keeps the value of a number, not its spelling: 1.0E10 comes back as 10000000000. */
  private static int compare(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.decimalValue().compareTo(other.decimalValue())
        : one.equals(other) ? 0 : 1;
  }

  /**
   * The value as it looks after a round trip through text (an int and a long of one value differ
   * otherwise); the beginning, {@code Checkpoint.START}, is {@code null}.
   */
  private static JsonNode canonical(JsonNode checkpoint) {
    if (checkpoint == null || checkpoint.isNull() || checkpoint.isMissingNode()) {
      return null;
    }
    if (checkpoint.isObject()
        && !checkpoint.hasNonNull("cursor")
        && !checkpoint.hasNonNull("position")
        && checkpoint.path("done").asBoolean(false)) {
      return null;
    }
    try {
      return JSON.readTree(checkpoint.toString());
    } catch (JsonProcessingException e) {
      throw new MillraceException(
          Failure.INTERNAL, "Cannot compare checkpoints: one is not JSON", e);
    }
  }

  private static String brief(JsonNode checkpoint) {
    if (checkpoint == null) {
      return "the beginning";
    }
    String text = checkpoint.toString();
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }

  private static MillraceException refused(Segment segment, String why) {
    return new MillraceException(
        Failure.LOAD_REFUSED,
        "Cannot load %s: %s: load %s (the state is read again and the run goes on from it)"
            .formatted(segment.asset(), why, segment.loadId()));
  }
}
