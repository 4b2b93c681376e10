package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What every engine checks of staged rows, so that a damaged package is never a wrong row. */
public final class Staged {
  /** The columns of a package's rejects, in the order of the destination's table. */
  public static final List<Column> REJECTS =
      Stream.of("asset", "table_name", "path", "reason", "record")
          .map(name -> Column.of(name, DataType.TEXT))
          .toList();

  /** Columns that rows get on their way, so that none of the data may have these names. */
  public static final Set<String> COLUMNS = Set.of(Merge.NUMBER, Kept.PLACE);

  private Staged() {}

  /**
   * Where the columns are in a batch; {@code -1} for those that it has no cell of. {@code
   * STAGING_LOST} when the batch has a column that is none of them.
   *
   * @param all whether these are all columns of the table; others are passed over if not
   */
  public static int[] places(String table, List<Column> columns, TableBatch batch, boolean all) {
    int[] places = new int[columns.size()];
    Arrays.fill(places, -1);
    Map<String, Integer> ours = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      ours.put(columns.get(i).name(), i);
    }
    List<Column> theirs = batch.columns();
    for (int i = 0; i < theirs.size(); i++) {
      Integer mine = ours.get(theirs.get(i).name());
      if (mine == null && !all) {
        continue;
      }
      if (mine == null || columns.get(mine).type() != theirs.get(i).type()) {
        throw new MillraceException(
            Failure.STAGING_LOST,
            "Cannot load table %s: its rows do not fit the package's schema: column %s (the segment is fetched again)"
                .formatted(table, theirs.get(i).name()));
      }
      places[mine] = i;
    }
    return places;
  }

  /** Returns the rows that went in; {@code STAGING_LOST} when they are not all of the package's. */
  public static long whole(LoadPackage load, String table, long rows) {
    if (rows != load.rows(table)) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          "Cannot load table %s: its staged rows are not complete: %d of %d (the segment is fetched again)"
              .formatted(table, rows, load.rows(table)));
    }
    return rows;
  }
}
