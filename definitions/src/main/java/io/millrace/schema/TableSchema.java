package io.millrace.schema;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table: its columns in order, its parent when it holds the elements of a list.
 *
 * @param parent the table whose rows the lists hang from; {@code null} for a root table
 * @param resource the resource that writes it; {@code null} for child tables
 * @param hints dlt's table hints by dlt's names ({@code write_disposition}, {@code
 *     x-merge-strategy}, {@code x-normalizer}, …), in the order given
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TableSchema(
    String name, String parent, String resource, Map<String, Object> hints, List<Column> columns) {
  public TableSchema {
    hints = hints == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(hints));
    columns = columns == null ? List.of() : List.copyOf(columns);
  }

  /** The column of that exact name. */
  public Optional<Column> column(String column) {
    return columns.stream().filter(c -> c.name().equals(column)).findFirst();
  }

  /** The columns that have a type, in order: those that exist in the destination. */
  public List<Column> completeColumns() {
    return columns.stream().filter(Column::complete).toList();
  }

  /** The same table with the column added at the end, or replaced where it is. */
  public TableSchema with(Column column) {
    List<Column> all = new ArrayList<>(columns);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).name().equals(column.name())) {
        all.set(i, column);
        return new TableSchema(name, parent, resource, hints, all);
      }
    }
    all.add(column);
    return new TableSchema(name, parent, resource, hints, all);
  }
}
