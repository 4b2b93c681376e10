package io.millrace.activities.destination.sql;

import io.millrace.schema.Column;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Moves the rows of one load package into tables, in the load's transaction. */
public interface RowMover {
  /**
   * Inserts all rows of a table and makes sure that none is missing.
   *
   * @param columns of the target that get values; the package may lack some
   * @param target where to, quoted
   * @param number name of a further column that gets the rows' numbers; {@code null} for none
   * @param first the first of these numbers
   * @return rows inserted
   */
  long insert(String table, List<Column> columns, String target, String number, long first)
      throws IOException;

  /**
   * The same for some of the columns; what the package has in others is left out.
   *
   * @param number name of a further column that gets the rows' numbers, from 0
   */
  long insertSome(String table, List<Column> columns, String target, String number)
      throws IOException;

  /** Inserts the package's rejects, text that is no JSON as a JSON string. */
  void rejects(String loadId) throws IOException;

  /** What the engine could not keep as it came, by kind and how often; empty for nothing. */
  default Map<String, Long> notes() {
    return Map.of();
  }
}
