package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Reads what the destination knows of an asset: the truth that every execution starts from. */
@ActivityInterface
public interface ReadState {
  @ActivityMethod(name = "readState")
  Result readState(Request request);

  /**
   * @param refresh what this run forgets; the answer is then as if it were forgotten already
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      String project, String manifest, String asset, String partition, Refresh refresh) {}

  /**
   * @param epoch of the newest load; 0 when there is none
   * @param seq of the newest load; 0 when there is none
   * @param checkpoint {@link Checkpoint#START} when there is none
   * @param schema the source's newest stored schema, staged
   * @param wholeRun whether the rows are applied only with the last segment of the run ({@code
   *     replace}, …), so that an unfinished run begins again
   */
  record Result(int epoch, int seq, Checkpoint checkpoint, StagedRef schema, boolean wholeRun) {}
}
