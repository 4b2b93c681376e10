package io.millrace.schema;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The schema of a source: every table that its resources ever made. Versions and hashes follow dlt
 * (version starts at 1 and grows by one with each change of content; the hash is taken over the
 * stored JSON form).
 *
 * @param name the source's name
 * @param version 0 for a schema that was never stored
 * @param versionHash {@code null} for a schema that was never stored
 * @param previousHashes newest first, at most ten
 * @param settings what the stored form holds besides the tables ({@code settings}, {@code
 *     normalizers}); {@code null} for none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Schema(
    String name,
    long version,
    String versionHash,
    List<String> previousHashes,
    JsonNode settings,
    List<TableSchema> tables) {
  public Schema {
    previousHashes = previousHashes == null ? List.of() : List.copyOf(previousHashes);
    tables = tables == null ? List.of() : List.copyOf(tables);
  }

  public static Schema empty(String name) {
    return new Schema(name, 0, null, List.of(), null, List.of());
  }

  public Optional<TableSchema> table(String table) {
    return tables.stream().filter(t -> t.name().equals(table)).findFirst();
  }

  /**
   * The same schema with the table added at the end, or replaced where it is. Version and hash stay
   * as they are.
   */
  public Schema with(TableSchema table) {
    Map<String, TableSchema> all = new LinkedHashMap<>();
    tables.forEach(t -> all.put(t.name(), t));
    all.put(table.name(), table);
    return new Schema(
        name, version, versionHash, previousHashes, settings, new ArrayList<>(all.values()));
  }
}
