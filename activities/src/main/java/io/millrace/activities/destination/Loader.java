package io.millrace.activities.destination;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.WriteDisposition;
import io.millrace.run.Kept;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.run.Visits.Mark;
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
   * The loads of an asset's newest window, or of its newest run; {@code null} when it never loaded.
   *
   * @param table the asset's table when its rows show only with the last load of a run: then of the
   *     newest run that shows; {@code null} otherwise
   */
  Span newest(String project, String asset, String table);

  /**
   * The loads of an asset in a span, oldest first, without those whose rows went when their window
   * began again.
   *
   * @param limit at the most
   */
  List<Loaded> loads(String project, String asset, Span span, int limit);

  /**
   * The rows of one load that are in a root table still, by row id, which comes last.
   *
   * @param after row id behind which they come; {@code null} for the first
   * @param limit at the most
   */
  Rows rowsOf(String loadId, String table, List<String> columns, String after, int limit);

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
   * What the dataset says of its loads, and how to correct it. {@code CONFIG_INVALID} for a
   * destination that keeps no such books.
   */
  default Ledger ledger() {
    throw new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot look into the state: this type of destination keeps none: "
            + getClass().getSimpleName()
            + " (choose another with --destination)");
  }

  /**
   * @param epoch 0 when there is no state
   * @param checkpoint as the last load left it; {@code null} when there is none
   * @param schema newest stored; {@link Schema#empty} when there is none
   * @param keys the asset's rows of {@code _mr_boundary_keys}: texts by their digest
   */
  record Stored(int epoch, int seq, JsonNode checkpoint, Schema schema, Map<String, String> keys) {
    /** Without long texts of keys. */
    public Stored(int epoch, int seq, JsonNode checkpoint, Schema schema) {
      this(epoch, seq, checkpoint, schema, Map.of());
    }
  }

  /**
   * @param source name of the source, which is the schema's name
   * @param before the checkpoint that the state must hold; {@code null} for the first
   * @param finish whether shadow tables are applied now
   * @param restart whether the open window begins again with this load, so that the rows that it
   *     has are removed first
   * @param compat whether a run that is to replace and has nothing but rejects empties the tables,
   *     as dlt does, instead of failing
   * @param keys ASCII texts by their digest that {@code after} refers to: with the state, {@code
   *     _mr_boundary_keys} holds exactly these for the asset and partition
   * @param renormalized whether the package is that of an earlier load, whose id it has, normalized
   *     again: rows wait in shadow tables until {@code finish}, and {@code after} is {@code
   *     before}; {@code null} for a new load
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
      long bytes,
      Map<String, String> keys,
      Kept.Extent renormalized) {
    /** Of a new load, without long texts of keys. */
    public Order(
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
        long bytes) {
      this(
          segment,
          source,
          disposition,
          before,
          after,
          finish,
          unchanged,
          refresh,
          restart,
          compat,
          requests,
          bytes,
          Map.of(),
          null);
    }
  }

  /** Loads of an asset: those behind {@code after}, up to {@code to}. */
  record Span(Mark after, Mark to) {
    public boolean isEmpty() {
      return after.compareTo(to) >= 0;
    }
  }

  /**
   * A committed load.
   *
   * @param sha256 of its package
   */
  record Loaded(String loadId, Mark mark, String sha256) {}

  /**
   * @param replayed whether the receipt was there already
   * @param removed rows per table that the window had before it began again; {@code null} when it
   *     did not
   * @param notes what a person should know of it, by kind and how often; {@code null} for nothing
   */
  record Committed(
      Map<String, Long> rows,
      List<String> schemaChanges,
      long rejected,
      JsonNode after,
      boolean replayed,
      Map<String, Long> removed,
      Map<String, Long> notes) {}

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
