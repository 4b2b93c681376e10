package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Locale;

/**
 * Finds the raw segments of earlier loads that staging still has, to be normalized again. Refuses
 * by name when one of them is gone, or when the rows could not be what they would have been.
 */
@ActivityInterface
public interface Kept {
  /** How many raw segments one answer names at the most. */
  int PAGE = 100;

  @ActivityMethod(name = "kept")
  Result kept(Request request);

  /**
   * @param skip how many of the chosen loads the asker has already
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      String project,
      String manifest,
      String asset,
      String partition,
      Renormalize renormalize,
      int skip) {}

  /**
   * @param loads chosen in all
   * @param schema that the first of them is normalized with, staged
   * @param next those behind the skipped ones, oldest first, at most {@link #PAGE}
   */
  record Result(Extent extent, int loads, StagedRef schema, List<Raw> next) {}

  /**
   * What one load was made of.
   *
   * @param cursor with which it was normalized; {@code null} without {@code incremental}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Raw(String loadId, StagedRef raw, Carried cursor, boolean done, long pages, long bytes) {}

  /** How much of an asset's rows comes from the loads that were chosen. */
  enum Extent {
    /** All rows: the tables are made anew, as by a first load. */
    ALL,
    /** Some rows: the tables stay, and columns are only added. */
    SOME;

    @JsonValue
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Extent of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }
  }
}
