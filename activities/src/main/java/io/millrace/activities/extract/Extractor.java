package io.millrace.activities.extract;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.project.Project;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.util.Map;

/**
 * Reads one segment of a resource from its source. One implementation per type of source;
 * thread-safe, one instance per process.
 */
public interface Extractor {
  /** The type of source that it reads, for example {@code rest_api}. */
  String type();

  /**
   * Reads from {@code order.position()} until a bound of the segment, the end of the resource or
   * {@link Progress#draining()}, and writes the pages to {@code out}. At least one page is read per
   * call unless there is none.
   */
  Fetched fetch(Order order, RawSegmentWriter out, Progress progress);

  /**
   * Looks at the source the way {@link #fetch} does, but asks for one page only, does not try again
   * and stages nothing. A refusal of the source is in the answer; {@code CONFIG_INVALID} and {@code
   * SECRET_MISSING} are thrown. With {@code order.parents()} it looks at what the first of them
   * has.
   */
  Probe probe(Order order);

  /**
   * @param windowStart the incremental cursor at which the open window begins; {@code null} for
   *     none
   * @param position where the segment begins; {@code null} at the beginning of the window
   * @param bounds where the segment ends
   * @param pagesLeft of the run's limit; {@code null} for no limit
   * @param resumed whether an earlier run left the position, so that the source may have forgotten
   *     it meanwhile: then its refusal is {@code WINDOW_LOST}
   * @param woken whether the source is to be asked although it said "later" before
   * @param parents the records for each of which the resource is read; {@code null} for a resource
   *     without a parent
   * @param values what stands for placeholders in the requests, by name; fields of the parent
   */
  record Order(
      Project project,
      Source source,
      Resource resource,
      JsonNode windowStart,
      JsonNode position,
      Resource.SegmentBounds bounds,
      Long pagesLeft,
      boolean resumed,
      boolean woken,
      Parents parents,
      Map<String, JsonNode> values) {
    public Order {
      values = Map.copyOf(values);
    }

    /** The same for a resource without a parent. */
    public Order(
        Project project,
        Source source,
        Resource resource,
        JsonNode windowStart,
        JsonNode position,
        Resource.SegmentBounds bounds,
        Long pagesLeft,
        boolean resumed) {
      this(
          project,
          source,
          resource,
          windowStart,
          position,
          bounds,
          pagesLeft,
          resumed,
          false,
          null,
          Map.of());
    }

    /** The same from another position and for so many pages. */
    public Order at(JsonNode from, long pages) {
      return new Order(
          project,
          source,
          resource,
          windowStart,
          from,
          bounds,
          pages,
          resumed,
          woken,
          parents,
          values);
    }
  }

  /**
   * @param position where the next segment begins; JSON of the extractor's own making
   * @param done whether the resource has no more pages now
   * @param unchanged whether the source said that nothing changed (304) and no page was written
   * @param requests sent, repeated ones included
   * @param waitMillis how long the source wants us to wait before going on; 0 for not at all
   * @param notes what a person should know, by kind (see {@link io.millrace.run.Fetch.Result});
   *     empty for nothing
   */
  record Fetched(
      JsonNode position,
      boolean done,
      boolean unchanged,
      long requests,
      long waitMillis,
      String waitReason,
      Map<String, Long> notes) {
    public Fetched(
        JsonNode position,
        boolean done,
        boolean unchanged,
        long requests,
        long waitMillis,
        String waitReason) {
      this(position, done, unchanged, requests, waitMillis, waitReason, Map.of());
    }
  }

  /** A fetch that failed, and what it cost. */
  final class Failed extends MillraceException {
    private static final long serialVersionUID = 1L;

    /** Sent in vain, repeated ones included. */
    public final long requests;

    public Failed(MillraceException failure, long requests) {
      super(failure.failure(), failure.getMessage(), failure.getCause());
      setStackTrace(failure.getStackTrace());
      this.requests = requests;
    }

    /** The number that a failure carries; 0 when it carries none. */
    public static long requests(MillraceException failure) {
      return failure instanceof Failed ? ((Failed) failure).requests : 0;
    }
  }
}
