package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Map;

/** Commits a load package in one destination transaction: rows, schema changes, receipt, state. */
@ActivityInterface
public interface Load {
  @ActivityMethod(name = "load")
  Receipt load(Request request);

  /**
   * @param load the staged package
   * @param before the checkpoint that the destination must have; {@link Checkpoint#START} when it
   *     must have none
   * @param after the checkpoint that it will have
   * @param finish whether this is the last load of the run: what was kept in shadow tables is
   *     applied
   * @param unchanged whether the source said that nothing changed: shadow tables are dropped,
   *     nothing is replaced
   * @param refresh what this run forgets, with the first load of the run only; {@code null} for
   *     nothing
   * @param restart whether the window begins again with this load, the first of its epoch: the rows
   *     that the window has in the destination are removed in the same transaction
   * @param renormalized whether the package is that of an earlier load, normalized again: it waits
   *     beside the tables until {@code finish}, which puts all that wait in the place of the rows
   *     that those loads had; {@code null} for a new load
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      Segment segment,
      StagedRef load,
      Checkpoint before,
      Checkpoint after,
      boolean finish,
      boolean unchanged,
      Refresh refresh,
      boolean restart,
      long requests,
      long bytes,
      Kept.Extent renormalized) {
    /** Of a new load. */
    public Request(
        Segment segment,
        StagedRef load,
        Checkpoint before,
        Checkpoint after,
        boolean finish,
        boolean unchanged,
        Refresh refresh,
        boolean restart,
        long requests,
        long bytes) {
      this(
          segment, load, before, after, finish, unchanged, refresh, restart, requests, bytes, null);
    }
  }

  /**
   * What a load committed.
   *
   * @param rows per table, at most {@link Outcome#MAX_NAMES} tables, the others under {@code …}
   * @param schemaChanges in words, at most {@link Outcome#MAX_NAMES}
   * @param replayed whether it had been committed before and this is the stored receipt
   * @param removed rows per table that the window had and that were removed because it began again,
   *     bounded like {@code rows}; {@code null} when it did not
   * @param notes what a person should know of the load, by kind and how often; {@code null} for
   *     nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Receipt(
      String loadId,
      Map<String, Long> rows,
      List<String> schemaChanges,
      long rejected,
      Checkpoint after,
      boolean replayed,
      Map<String, Long> removed,
      Map<String, Long> notes) {
    public Receipt(
        String loadId,
        Map<String, Long> rows,
        List<String> schemaChanges,
        long rejected,
        Checkpoint after,
        boolean replayed) {
      this(loadId, rows, schemaChanges, rejected, after, replayed, null, null);
    }
  }
}
