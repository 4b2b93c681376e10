package io.millrace.run;

import io.temporal.common.SearchAttributeKey;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * The search attributes that our workflows set: what the Temporal UI can filter by. A server must
 * know them before a workflow starts ({@code server setup}, the embedded server).
 */
public final class SearchAttributes {
  public static final SearchAttributeKey<String> PROJECT = keyword("MillraceProject");
  public static final SearchAttributeKey<String> ASSET = keyword("MillraceAsset");
  public static final SearchAttributeKey<String> PARTITION = keyword("MillracePartition");

  /** Id of the {@code GraphRun}. */
  public static final SearchAttributeKey<String> RUN = keyword("MillraceRun");

  /** {@code manual}, {@code schedule} or {@code retry}. */
  public static final SearchAttributeKey<String> TRIGGER = keyword("MillraceTrigger");

  /**
   * {@code queued}, {@code fetch}, {@code rate_limited}, {@code paused}, {@code parked}; at the end
   * the status.
   */
  public static final SearchAttributeKey<String> PHASE = keyword("MillracePhase");

  /** Rows committed; set when the workflow waits and when it ends. */
  public static final SearchAttributeKey<Long> ROWS = SearchAttributeKey.forLong("MillraceRows");

  /** Requests sent; set with the rows. */
  public static final SearchAttributeKey<Long> REQUESTS =
      SearchAttributeKey.forLong("MillraceRequests");

  /** When a wait for the source ends; not there without one. */
  public static final SearchAttributeKey<OffsetDateTime> WAKE_AT =
      SearchAttributeKey.forOffsetDateTime("MillraceWakeAt");

  /** Whether it is parked until a person decides. */
  public static final SearchAttributeKey<Boolean> NEEDS_ATTENTION =
      SearchAttributeKey.forBoolean("MillraceNeedsAttention");

  /** All of them, with their types. */
  public static final List<SearchAttributeKey<?>> ALL =
      List.of(
          PROJECT, ASSET, PARTITION, RUN, TRIGGER, PHASE, ROWS, REQUESTS, WAKE_AT, NEEDS_ATTENTION);

  private SearchAttributes() {}

  private static SearchAttributeKey<String> keyword(String name) {
    return SearchAttributeKey.forKeyword(name);
  }
}
