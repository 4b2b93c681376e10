package io.millrace.schema;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What may change by itself, and what happens to a record that would change more. Words and meaning
 * are dlt's.
 */
public record SchemaContract(Mode tables, Mode columns, Mode dataType) {
  public static final SchemaContract EVOLVE = all(Mode.EVOLVE);

  public SchemaContract {
    tables = tables == null ? Mode.EVOLVE : tables;
    columns = columns == null ? Mode.EVOLVE : columns;
    dataType = dataType == null ? Mode.EVOLVE : dataType;
  }

  public static SchemaContract all(Mode mode) {
    return new SchemaContract(mode, mode, mode);
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
