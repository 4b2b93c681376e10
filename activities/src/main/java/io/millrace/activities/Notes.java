package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a person should know of a step, by kind and how often, as the staged body of it says so. */
final class Notes {
  private Notes() {}

  static ObjectNode json(Map<String, Long> notes) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    notes.forEach(json::put);
    return json;
  }

  /** {@code null} for none, which an answer then leaves out. */
  static Map<String, Long> of(JsonNode json) {
    Map<String, Long> notes = new LinkedHashMap<>();
    json.properties().forEach(note -> notes.put(note.getKey(), note.getValue().asLong()));
    return notes.isEmpty() ? null : notes;
  }
}
