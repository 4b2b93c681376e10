package io.millrace.destination;

import io.millrace.project.Text;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where rows land.
 *
 * @param name {@code default} or the name below {@code destinations}
 * @param type {@code duckdb}, …
 * @param dataset the schema (namespace) of the tables, normalized
 * @param options further keys of the type by their names ({@code path}, {@code host}, …)
 */
public record Destination(String name, String type, String dataset, Map<String, Text> options) {
  public Destination {
    options =
        options == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }
}
