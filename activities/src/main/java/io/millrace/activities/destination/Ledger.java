package io.millrace.activities.destination;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.destination.WriteDisposition;
import io.millrace.run.Kept;
import io.millrace.run.Renormalize;
import io.millrace.schema.Schema;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The books of one dataset: how far each asset is, what was loaded, which schemas there were, what
 * was rejected; and corrections of them by hand. Thread-safe; opens the database per call. Of a
 * dataset that is not there everything is empty.
 */
public interface Ledger {
  /** How far each asset of the project is, in the order of their names. */
  List<State> states(String project);

  /**
   * The loads and corrections of an asset, newest first.
   *
   * @param limit at the most
   */
  List<Event> history(String project, String asset, int limit);

  /**
   * The stored versions of a source's schema, newest first.
   *
   * @param limit at the most
   */
  List<Version> versions(String source, int limit);

  /**
   * What the assets rejected.
   *
   * @param limit rejects at the most, newest first; the counts cover all
   */
  Rejects rejects(String project, Collection<String> assets, int limit);

  /**
   * Moves the state of an asset, in one transaction. Its epoch is raised, so that whoever still
   * writes for it is refused.
   */
  Corrected correct(Correction correction);

  /**
   * The loads of an asset that are to be normalized again, oldest first; fails when that could not
   * give the rows that loading them anew would give.
   */
  Past past(Choice choice);

  /**
   * What dlt left in the dataset for a source.
   *
   * @param pipeline whose state is meant; {@code null} when there is only one
   */
  Foreign foreign(String source, String pipeline);

  /**
   * Makes our tables beside dlt's and writes the states, in one transaction. An asset that has a
   * state already keeps it.
   *
   * @param checkpoints by asset
   */
  void adopt(String project, Map<String, JsonNode> checkpoints);

  /**
   * A row of {@code _mr_state}.
   *
   * @param partition {@code null} for none
   * @param checkpoint {@code null} for the beginning
   * @param open whether rows of an unfinished run wait to be applied
   * @param loadId {@code null} after a correction
   */
  record State(
      String asset,
      String partition,
      int epoch,
      int segment,
      JsonNode checkpoint,
      boolean open,
      String loadId,
      Instant at) {}

  /**
   * A load, or a correction.
   *
   * @param deed {@code load}, {@code reset}, {@code set}, {@code rewind}, {@code refresh}, {@code
   *     renormalize} or {@code adopt}
   * @param loadId of a rewind the load that it went back to, of a refresh and of loads that were
   *     normalized again the first load; {@code null} for other corrections
   * @param runId {@code null} for corrections
   * @param rows per table, as many as came
   * @param before checkpoint; {@code null} for the beginning
   * @param after checkpoint; {@code null} for the beginning
   * @param removed rows per table that this took away; {@code null} when it took none
   */
  record Event(
      String deed,
      String loadId,
      String runId,
      int epoch,
      int segment,
      Map<String, Long> rows,
      List<String> schemaChanges,
      long rejected,
      long bytes,
      long requests,
      JsonNode before,
      JsonNode after,
      Map<String, Long> removed,
      Instant at) {}

  /** A stored schema, without the tables that are ours. */
  record Version(long version, String hash, Instant at, Schema schema) {}

  /**
   * @param reasons most frequent first, cut
   */
  record Rejects(long total, List<Reason> reasons, List<Reject> newest) {}

  /** How often records of an asset were rejected for a reason. */
  record Reason(String asset, String reason, long count) {}

  /**
   * A rejected record, or part of one.
   *
   * @param table {@code null} when it belongs to none
   * @param path within the record; {@code null} for all of it
   * @param value what was rejected, as JSON; {@code null} when it is not kept
   */
  record Reject(
      String asset,
      String loadId,
      String table,
      String path,
      String reason,
      String value,
      Instant at) {}

  /** What a person does to a state. */
  enum Deed {
    RESET,
    SET,
    REWIND
  }

  /**
   * A change of a state.
   *
   * @param source name of the source, which is the schema's name
   * @param checkpoint the new one of {@link Deed#SET}; {@code null} otherwise
   * @param loadId to which {@link Deed#REWIND} goes back; {@code null} otherwise
   * @param deleteRows whether a rewind takes away the rows of the loads behind that one
   */
  record Correction(
      String project,
      String asset,
      String source,
      Deed deed,
      JsonNode checkpoint,
      String loadId,
      boolean deleteRows) {}

  /**
   * Which loads are meant.
   *
   * @param source name of the source, which is the schema's name
   * @param disposition as it is now
   * @param wholeRun whether what a run brings is judged only when all of it is there
   */
  record Choice(
      String project,
      String asset,
      String source,
      WriteDisposition disposition,
      boolean wholeRun,
      Renormalize renormalize) {}

  /**
   * Loads that have something in the destination, or were rejected as a whole.
   *
   * @param extent whether all rows of the asset's tables are theirs
   */
  record Past(Kept.Extent extent, List<PastLoad> loads) {}

  /**
   * An earlier load.
   *
   * @param before checkpoint, without long texts of keys; {@code null} for the beginning
   * @param after checkpoint
   * @param first whether it was the first load of its run
   * @param again whether its window began again with it
   */
  record PastLoad(String loadId, JsonNode before, JsonNode after, boolean first, boolean again) {}

  /**
   * @param epoch that the asset has now
   * @param loads that are gone
   * @param removed rows per table that are gone
   */
  record Corrected(
      int epoch, JsonNode before, JsonNode after, List<String> loads, Map<String, Long> removed) {}

  /**
   * What dlt left.
   *
   * @param adopted whether our tables are there already
   * @param schema newest stored of the source; {@code null} when there is none
   * @param sources whose schemas are stored
   * @param pipelines whose state has something of the source
   * @param pipeline the one that was read; {@code null} when none was
   * @param loads completed ones
   * @param state the pipeline's state of the source, {@code {"resources": …}}; {@code null} for
   *     none
   */
  record Foreign(
      boolean adopted,
      Schema schema,
      List<String> sources,
      List<String> pipelines,
      String pipeline,
      long loads,
      JsonNode state) {}
}
