package io.millrace.source;

import io.millrace.destination.WriteDisposition;
import io.millrace.project.Text;
import io.millrace.schema.Column;
import io.millrace.schema.SchemaContract;
import java.util.List;

/**
 * What the user says about a table: dlt's hints, for a resource or for a nested table. Names are as
 * in the data; the normalizer normalizes them. {@code null} means "not said".
 *
 * @param tableName fixed, or {@code {field}} to take it from each record; default the resource's
 *     name
 * @param columns in the order given; a column's {@code type} may be {@code null}
 * @param schemaContract {@code null} inherits the source's
 * @param maxTableNesting {@code null} inherits the source's
 */
public record TableHints(
    Text tableName,
    WriteDisposition writeDisposition,
    List<String> primaryKey,
    List<String> mergeKey,
    List<Column> columns,
    SchemaContract schemaContract,
    Integer maxTableNesting,
    List<Nested> nestedHints) {
  public static final TableHints NONE =
      new TableHints(null, null, null, null, null, null, null, null);

  public TableHints {
    primaryKey = primaryKey == null ? List.of() : List.copyOf(primaryKey);
    mergeKey = mergeKey == null ? List.of() : List.copyOf(mergeKey);
    columns = columns == null ? List.of() : List.copyOf(columns);
    nestedHints = nestedHints == null ? List.of() : List.copyOf(nestedHints);
  }

  /** The write disposition, {@code append} when none was said. */
  public WriteDisposition disposition() {
    return writeDisposition == null ? WriteDisposition.APPEND : writeDisposition;
  }

  /**
   * Hints of the table that the lists at {@code path} (names below the root) make.
   *
   * @param map what the objects at that path are when their keys are data: rows, one per entry;
   *     {@code null} when their keys are columns, as usual
   */
  public record Nested(List<String> path, TableHints hints, Entries map) {
    public Nested(List<String> path, TableHints hints) {
      this(path, hints, null);
    }
  }

  /**
   * The entries of an object as rows.
   *
   * @param key name of the column for the keys; default {@code key}
   * @param value name of the column for values that are no objects; default {@code value}
   */
  public record Entries(String key, String value) {
    public Entries {
      key = key == null ? "key" : key;
      value = value == null ? "value" : value;
    }
  }
}
