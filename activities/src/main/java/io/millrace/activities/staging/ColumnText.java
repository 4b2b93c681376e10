package io.millrace.activities.staging;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.run.Wire;
import io.millrace.schema.Column;

/** A column as text inside a package. */
final class ColumnText {
  private ColumnText() {}

  static String write(Column column) {
    try {
      return Wire.mapper().writeValueAsString(column);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Column read(String text) throws JsonProcessingException {
    return Wire.mapper().readValue(text, Column.class);
  }
}
