package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a run forgets before it begins: dlt's {@code refresh}. */
public enum Refresh {
  /** Drop all tables and states of the source. */
  DROP_SOURCES,
  /** Drop the tables and the state of the selected resources. */
  DROP_RESOURCES,
  /** Empty the tables and forget the state of the selected resources; columns stay. */
  DROP_DATA;

  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static Refresh of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
