package io.millrace.activities.destination;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.WriteDisposition;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.schema.Schema;
import java.util.List;
import java.util.Map;

/**
 * Commits load packages into one dataset of one destination, and reads what is there. Thread-safe;
 * opens the database per call and closes it.
 */
public interface Loader {
  /**
   * What the destination knows of an asset and its source. With {@code refresh}, as if that were
   * forgotten already; nothing is written.
   */
  Stored read(String project, String asset, String partition, String source, Refresh refresh);

  /**
   * One transaction as in {@code protocol.md} 4: fence, schema additions, rows, receipt, state. May
   * be called twice for the same load.
   */
  Committed load(Order order, LoadPackage load, Progress progress);

  /**
   * Shows that loads would be let in: opens the destination, makes a table, writes a row, drops the
   * table, and takes all of it back. Leaves nothing behind, no empty database either.
   */
  void probe();

  /**
   * Runs one read-only statement.
   *
   * @param limit rows at the most; 0 for all
   */
  Rows query(String sql, int limit);

  /**
   * The dataset's tables with their columns and row counts, ours ({@code _mr_…}, {@code
   * <prefix>_…}) included when asked for.
   */
  List<TableInfo> tables(boolean system);

  /**
   * @param epoch 0 when there is no state
   * @param checkpoint as the last load left it; {@code null} when there is none
   * @param schema newest stored; {@link Schema#empty} when there is none
   */
  record Stored(int epoch, int seq, JsonNode checkpoint, Schema schema) {}

  /**
   * @param source name of the source, which is the schema's name
   * @param before the checkpoint that the state must hold; {@code null} for the first
   * @param finish whether shadow tables are applied now
   * @param restart whether the open window begins again with this load, so that the rows that it
   *     has are removed first
   * @param compat whether a run that is to replace and has nothing but rejects empties the tables,
   *     as dlt does, instead of failing
   */
  record Order(
      Segment segment,
      String source,
      WriteDisposition disposition,
      JsonNode before,
      JsonNode after,
      boolean finish,
      boolean unchanged,
      Refresh refresh,
      boolean restart,
      boolean compat,
      long requests,
      long bytes) {}

  /**
   * @param replayed whether the receipt was there already
   * @param removed rows per table that the window had before it began again; {@code null} when it
   *     did not
   */
  record Committed(
      Map<String, Long> rows,
      List<String> schemaChanges,
      long rejected,
      JsonNode after,
      boolean replayed,
      Map<String, Long> removed) {}

  /**
   * A result: column names and rows of values as text, {@code null} for NULL, numbers and booleans
   * as such.
   */
  record Rows(List<String> columns, List<List<Object>> rows) {}

  /** A table as the destination has it. */
  record TableInfo(String table, long rows, List<ColumnInfo> columns) {}

  /** A column as the destination has it, with the engine's type. */
  record ColumnInfo(String name, String type, boolean nullable) {}
}
