package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.Map;

/** Fetches one segment of raw pages into staging. */
@ActivityInterface
public interface Fetch {
  @ActivityMethod(name = "fetch")
  Result fetch(Request request);

  /**
   * @param from where the segment begins; its cursor is the one of the open window
   * @param pagesLeft of the run's limit; {@code null} for no limit
   * @param resumed whether an earlier run left the position and this one has read nothing yet, so
   *     that the source may have forgotten it meanwhile
   * @param woken whether somebody ended the wait for the source before its time, so that the source
   *     is to be asked whatever it said before
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      Segment segment,
      Checkpoint from,
      Long pagesLeft,
      boolean resumed,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean woken) {
    public Request(Segment segment, Checkpoint from, Long pagesLeft, boolean resumed) {
      this(segment, from, pagesLeft, resumed, false);
    }
  }

  /**
   * @param raw the staged segment; also there when it holds no page
   * @param position where the next segment begins
   * @param done whether the resource has no more pages now
   * @param unchanged whether the source said that nothing changed, so that nothing may be replaced
   * @param waitMillis how long the source wants us to wait before the next segment; 0 for not at
   *     all. The rows so far are committed meanwhile. When not even one page came before the wait,
   *     failing with {@code RATE_LIMITED} and Temporal's next retry delay says the same
   * @param waitReason for the UI; {@code null} without a wait
   * @param notes what a person should know of it, by kind ({@code no_files}: the glob matches none;
   *     {@code more_told}, {@code more_told_came}: records that an API told of where it led to no
   *     second page, and those that came; {@code more_pages_told}: pages beyond those that came;
   *     {@code missing_records}, {@code missing_pages}: what a total told of beyond the empty page
   *     that was the end; {@code answers_with_errors}: pages with {@code errors} beside their
   *     records); {@code null} for nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Result(
      StagedRef raw,
      Carried position,
      boolean done,
      boolean unchanged,
      long pages,
      long requests,
      long bytes,
      long waitMillis,
      String waitReason,
      Map<String, Long> notes) {
    public Result(
        StagedRef raw,
        Carried position,
        boolean done,
        boolean unchanged,
        long pages,
        long requests,
        long bytes,
        long waitMillis,
        String waitReason) {
      this(raw, position, done, unchanged, pages, requests, bytes, waitMillis, waitReason, null);
    }
  }

  /**
   * What a fetch that failed has spent; travels as the detail of its failure.
   *
   * @param requests sent by the last attempt, repeated ones included
   */
  record Cost(long requests) {}
}
