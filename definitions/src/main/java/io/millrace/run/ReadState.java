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
   * @param restart whether an open window begins again instead of being resumed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      String project,
      String manifest,
      String asset,
      String partition,
      Refresh refresh,
      boolean restart) {}

  /**
   * @param epoch of the newest load; 0 when there is none
   * @param seq of the newest load; 0 when there is none
   * @param checkpoint as the newest load committed it, so what the next one finds; {@link
   *     Checkpoint#START} when there is none
   * @param open where a run begins: {@link Checkpoint#opened} of it, at the window's start for a
   *     restart
   * @param schema the source's newest stored schema, staged
   * @param wholeRun whether the rows are applied only with the last segment of the run ({@code
   *     replace}, …), so that an unfinished run begins again
   */
  record Result(
      int epoch,
      int seq,
      Checkpoint checkpoint,
      Checkpoint open,
      StagedRef schema,
      boolean wholeRun) {

    /** With the window that {@code checkpoint} opens; its cursor must be inline. */
    public Result(int epoch, int seq, Checkpoint checkpoint, StagedRef schema, boolean wholeRun) {
      this(epoch, seq, checkpoint, checkpoint.opened(wholeRun), schema, wholeRun);
    }
  }
}
