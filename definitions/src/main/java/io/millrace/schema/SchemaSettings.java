package io.millrace.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of the normalizer, dlt's names.
 *
 * @param naming {@code snake_case} (default), {@code duck_case}, {@code direct}, {@code sql_ci_v1},
 *     {@code sql_cs_v1}
 * @param detections in the order they are tried; default {@code iso_timestamp}
 * @param preferredTypes column name or {@code re:regex} to type, in order
 * @param maxIdentifierLength code points; {@code null} is the destination's
 * @param nullColumns the type of a column that has shown nothing but nulls; {@code null} leaves
 *     such columns out, as dlt does
 * @param compat whether names, collisions and losses follow dlt even where we could do better
 */
public record SchemaSettings(
    String naming,
    List<String> detections,
    Map<String, DataType> preferredTypes,
    Integer maxIdentifierLength,
    DataType nullColumns,
    boolean compat) {
  /** The same without columns for nulls. */
  public SchemaSettings(
      String naming,
      List<String> detections,
      Map<String, DataType> preferredTypes,
      Integer maxIdentifierLength,
      boolean compat) {
    this(naming, detections, preferredTypes, maxIdentifierLength, null, compat);
  }

  public SchemaSettings {
    naming = naming == null ? "snake_case" : naming;
    detections = detections == null ? List.of("iso_timestamp") : List.copyOf(detections);
    preferredTypes =
        preferredTypes == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(preferredTypes));
  }
}
