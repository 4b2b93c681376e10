package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.cursor.CursorReader;
import io.millrace.activities.cursor.CursorValue;
import io.millrace.source.Incremental;
import java.util.Map;
import java.util.TreeMap;

/** The values of {@code incremental} as a request wants them. Pure. */
final class Window {
  private Window() {}

  /** Placeholders and their values; JSON null where there is none. */
  static Map<String, JsonNode> placeholders(
      Incremental incremental, JsonNode windowStart, boolean compat) {
    Map<String, JsonNode> values = new TreeMap<>();
    CursorReader reader = new CursorReader(incremental, compat);
    CursorValue initial = reader.read(incremental.initialValue());
    CursorValue stored = incremental.backfills() ? null : reader.read(windowStart);
    values.put("incremental.start_value", reader.written(reader.start(windowStart)));
    values.put("incremental.last_value", reader.written(stored == null ? initial : stored));
    values.put("incremental.initial_value", reader.written(initial));
    values.put("incremental.end_value", reader.written(reader.read(incremental.endValue())));
    return values;
  }
}
