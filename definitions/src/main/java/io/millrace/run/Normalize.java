package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.Map;

/**
 * Makes a load package of a raw segment. What it publishes belongs to the load id <em>and</em> the
 * schema it began with: when a sibling moved the schema, the same segment is normalized again under
 * the same load id on the newer one.
 */
@ActivityInterface
public interface Normalize {
  @ActivityMethod(name = "normalize")
  Result normalize(Request request);

  /**
   * @param raw the staged segment
   * @param schema the schema that the segment before left, staged
   * @param cursor of the window before this segment; {@code null} without {@code incremental}
   * @param done whether this is the last segment of the run
   * @param remembered the cursor that the segment before left, when {@code cursor} is another one:
   *     what the run remembers of its contracts is in it; {@code null} otherwise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      Segment segment,
      StagedRef raw,
      StagedRef schema,
      Carried cursor,
      boolean done,
      Carried remembered) {
    public Request(Segment segment, StagedRef raw, StagedRef schema, Carried cursor, boolean done) {
      this(segment, raw, schema, cursor, done, null);
    }
  }

  /**
   * @param load the staged package
   * @param schema the schema after this segment, staged
   * @param cursor after this segment
   * @param records of the source that the segment held
   * @param notes what was bent to fit, by kind ({@code duplicate_keys}, {@code
   *     unpaired_surrogates}, {@code nul_characters}, {@code names_apart}, {@code shared_ids});
   *     {@code null} for nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Result(
      StagedRef load,
      StagedRef schema,
      Carried cursor,
      long records,
      long rejected,
      Map<String, Long> notes) {
    public Result(StagedRef load, StagedRef schema, Carried cursor, long records, long rejected) {
      this(load, schema, cursor, records, rejected, null);
    }
  }
}
