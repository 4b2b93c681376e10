package io.millrace.schema;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A column of a table, or what is known of one: {@code null} in a component means "not said".
 *
 * @param name as in the destination (or as in the data, inside hints that were not normalized yet)
 * @param type {@code null} while no data has shown it: such a column is incomplete and not created
 * @param nullable {@code null} means nullable
 * @param precision digits for decimals, bits for integers, characters for text, fraction digits for
 *     timestamps
 * @param hints dlt's further column hints by dlt's names ({@code primary_key}, {@code unique},
 *     {@code variant}, {@code dedup_sort}, …), in the order given
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Column(
    String name,
    DataType type,
    Boolean nullable,
    Integer precision,
    Integer scale,
    Boolean timezone,
    Map<String, Object> hints) {
  public Column {
    hints = hints == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(hints));
  }

  public static Column of(String name, DataType type) {
    return new Column(name, type, true, null, null, null, Map.of());
  }

  /** Whether the destination should accept a missing value here. */
  public boolean acceptsNull() {
    return nullable == null || nullable;
  }

  /** Whether the column has a type, so that it can be created. */
  public boolean complete() {
    return type != null;
  }

  /** Whether a yes/no hint is set, for example {@code primary_key}. */
  public boolean hinted(String hint) {
    return Boolean.TRUE.equals(hints.get(hint));
  }

  /** The same column with one more hint. */
  public Column with(String hint, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(hints);
    more.put(hint, value);
    return new Column(name, type, nullable, precision, scale, timezone, more);
  }

  /** The same column with that hint taken away. */
  public Column without(String hint) {
    Map<String, Object> less = new LinkedHashMap<>(hints);
    less.remove(hint);
    return new Column(name, type, nullable, precision, scale, timezone, less);
  }
}
