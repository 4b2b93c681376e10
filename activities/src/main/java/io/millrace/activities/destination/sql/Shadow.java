package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run whose rows wait in shadow tables until its last load: what {@code _mr_state.shadow} holds.
 *
 * @param epoch of the run; shadow tables of another epoch are left over
 * @param from the checkpoint that the run began with; {@code null} for the beginning
 * @param loads load ids with rows so far
 * @param tables table to shadow table
 * @param again earlier loads that wait, normalized again, in their order; {@code null} for a run
 *     that fetches
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Shadow(
    int epoch, JsonNode from, List<LoadId> loads, Map<String, String> tables, List<Again> again) {
  Shadow {
    loads = List.copyOf(loads);
    tables = Map.copyOf(tables);
    again = again == null ? null : List.copyOf(again);
  }

  Shadow(int epoch, JsonNode from, List<LoadId> loads, Map<String, String> tables) {
    this(epoch, from, loads, tables, null);
  }

  /** A load that becomes visible with the others. */
  record LoadId(String id, String versionHash) {}

  /**
   * An earlier load, normalized again: what its receipt will say.
   *
   * @param rows per table, without those that get none
   * @param notes as in the receipt; {@link WindowKeys#REPEATED} is known when it waits no more
   */
  record Again(
      String id,
      String sha256,
      long rejected,
      Map<String, Long> rows,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Long> notes) {
    Again {
      notes = notes == null ? Map.of() : Map.copyOf(notes);
    }

    /** The same load with what is left of it when {@code repeated} of its records go. */
    Again without(Map<String, Long> left, Long repeated) {
      Map<String, Long> more = new TreeMap<>(notes);
      if (repeated != null) {
        more.put(WindowKeys.REPEATED, repeated);
      }
      return new Again(id, sha256, rejected, left, more);
    }

    long repeated() {
      return notes.getOrDefault(WindowKeys.REPEATED, 0L);
    }
  }
}
