package io.millrace.schema;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What may change by itself, and what happens to a record that would change more. Words and meaning
 * are dlt's.
 *
 * @param said the entities that the user gave a mode to, for the stored schema says no more; none
 *     when one mode was given for all
 */
public record SchemaContract(Mode tables, Mode columns, Mode dataType, List<String> said) {
  public static final SchemaContract EVOLVE = all(Mode.EVOLVE);

  public SchemaContract {
    said = said == null ? said(tables, columns, dataType) : List.copyOf(said);
    tables = tables == null ? Mode.EVOLVE : tables;
    columns = columns == null ? Mode.EVOLVE : columns;
    dataType = dataType == null ? Mode.EVOLVE : dataType;
  }

  /** What was said of each entity; {@code null} for nothing. */
  public SchemaContract(Mode tables, Mode columns, Mode dataType) {
    this(tables, columns, dataType, null);
  }

  public static SchemaContract all(Mode mode) {
    return new SchemaContract(mode, mode, mode, List.of());
  }

  private static List<String> said(Mode tables, Mode columns, Mode dataType) {
    List<String> said = new ArrayList<>();
    if (tables != null) {
      said.add("tables");
    }
    if (columns != null) {
      said.add("columns");
    }
    if (dataType != null) {
      said.add("data_type");
    }
    return said;
  }

  /** As a schema stores it: a mode, or a mode for each entity that one was given to. */
  public Object written() {
    if (said.isEmpty()) {
      return tables.key();
    }
    Map<String, Object> modes = new LinkedHashMap<>();
    modes.put("tables", tables.key());
    modes.put("columns", columns.key());
    modes.put("data_type", dataType.key());
    modes.keySet().retainAll(said);
    return modes;
  }

  /** What to do with a change. */
  public enum Mode {
    EVOLVE,
    FREEZE,
    DISCARD_ROW,
    DISCARD_VALUE;

    @JsonValue
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Mode of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }
  }
}
