package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.millrace.activities.cursor.CursorReader;
import io.millrace.activities.cursor.CursorValue;
import io.millrace.activities.extract.Extractor;
import io.millrace.source.Incremental;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Whether a page of ordered records has left the window, so that no later page can have a record of
 * it: dlt's {@code row_order}. The last record with a value decides, because one out of its place
 * in the middle of a page is no reason to miss what follows.
 */
final class PastRange {
  private static final ObjectReader VALUES =
      new ObjectMapper(new JsonFactory())
          .reader()
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final boolean watches;
  private final CursorReader reader;
  private final CursorValue start;
  private final CursorValue end;
  private final JsonPath path;

  /**
   * @param order of a resource that may have no {@code incremental}: then no page has left anything
   */
  PastRange(Extractor.Order order) {
    Incremental incremental = order.resource().incremental();
    if (incremental == null || incremental.rowOrder() == null) {
      watches = false;
      reader = null;
      start = null;
      end = null;
      path = null;
      return;
    }
    reader = new CursorReader(incremental, order.project().schema().compat());
    start = reader.start(order.windowStart());
    end = reader.read(incremental.endValue());
    path = JsonPath.parse("cursor_path", incremental.cursorPath());
    String field = String.valueOf(path.steps().get(0));
    // what the steps make of a cursor is judged behind them, and only there
    watches = order.resource().processingSteps().stream().noneMatch(step -> step.changes(field));
  }

  /**
   * @param body a whole JSON document
   * @param selector where its records are
   */
  boolean left(byte[] body, List<String> selector) {
    if (!watches) {
      return false;
    }
    try (JsonParser json = VALUES.getFactory().createParser(body)) {
      json.nextToken();
      for (String key : selector) {
        if (!enter(json, key)) {
          return false;
        }
      }
      CursorValue last = json.currentToken() == JsonToken.START_ARRAY ? last(json) : value(json);
      return last != null && reader.leaves(last, start, end);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it was read well a moment ago
    }
  }

  private static boolean enter(JsonParser json, String key) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      return false;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean here = json.currentName().equals(key);
      json.nextToken();
      if (here) {
        return true;
      }
      json.skipChildren();
    }
    return false;
  }

  private CursorValue last(JsonParser json) throws IOException {
    CursorValue last = null;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      CursorValue value = value(json);
      last = value == null ? last : value;
    }
    return last;
  }

  /** The record's cursor; one record at a time is held. */
  private CursorValue value(JsonParser json) throws IOException {
    JsonNode at = VALUES.readTree(json);
    for (Object step : path.steps()) {
      at = step instanceof Integer place ? at.path(place) : at.path((String) step);
    }
    return at.isValueNode() ? reader.read(at) : null;
  }
}
