package io.millrace.schema;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The types a column can have: dlt's, by dlt's names. */
public enum DataType {
  TEXT,
  DOUBLE,
  BOOL,
  TIMESTAMP,
  DATE,
  TIME,
  BIGINT,
  BINARY,
  JSON,
  DECIMAL,
  WEI;

  /** The name in configurations, stored schemas and variant columns, for example {@code bigint}. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type of that name; {@link IllegalArgumentException} when there is none. */
  @JsonCreator
  public static DataType of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
