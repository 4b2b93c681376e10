package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * A run whose rows wait in shadow tables until its last load: what {@code _mr_state.shadow} holds.
 *
 * @param epoch of the run; shadow tables of another epoch are left over
 * @param from the checkpoint that the run began with; {@code null} for the beginning
 * @param loads load ids with rows so far
 * @param tables table to shadow table
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Shadow(int epoch, JsonNode from, List<LoadId> loads, Map<String, String> tables) {
  Shadow {
    loads = List.copyOf(loads);
    tables = Map.copyOf(tables);
  }

  /** A load that becomes visible with the others. */
  record LoadId(String id, String versionHash) {}
}
