package io.millrace.destination;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How rows meet those that are already there.
 *
 * @param strategy {@code null} unless {@code kind} is {@code MERGE}
 * @param options what is said of the strategy by dlt's names ({@code deduplicated}, {@code
 *     validity_column_names}, …), {@code strategy} itself too: dlt stores it where it is said
 */
public record WriteDisposition(Kind kind, Strategy strategy, Map<String, Object> options) {
  public static final WriteDisposition APPEND = new WriteDisposition(Kind.APPEND, null, Map.of());
  public static final WriteDisposition REPLACE = new WriteDisposition(Kind.REPLACE, null, Map.of());
  public static final WriteDisposition SKIP = new WriteDisposition(Kind.SKIP, null, Map.of());
  public static final WriteDisposition MERGE =
      new WriteDisposition(Kind.MERGE, Strategy.DELETE_INSERT, Map.of());

  public WriteDisposition {
    options =
        options == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(options));
    strategy = kind == Kind.MERGE && strategy == null ? Strategy.DELETE_INSERT : strategy;
  }

  /** The dispositions. */
  public enum Kind {
    APPEND,
    REPLACE,
    MERGE,
    SKIP;

    @JsonValue
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Kind of(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT));
    }
  }

  /** The ways to merge. */
  public enum Strategy {
    DELETE_INSERT("delete-insert"),
    UPSERT("upsert"),
    INSERT_ONLY("insert-only"),
    SCD2("scd2"),
    CDC("cdc");

    private final String key;

    Strategy(String key) {
      this.key = key;
    }

    @JsonValue
    public String key() {
      return key;
    }

    @JsonCreator
    public static Strategy of(String key) {
      for (Strategy s : values()) {
        if (s.key.equals(key)) {
          return s;
        }
      }
      throw new IllegalArgumentException(key);
    }
  }
}
