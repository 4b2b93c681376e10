package io.millrace.activities.staging;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.run.Wire;
import io.millrace.schema.Schema;

/** A schema as text inside a package. */
final class SchemaText {
  private SchemaText() {}

  static String write(Schema schema) {
    try {
      return Wire.mapper().writeValueAsString(schema);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Schema read(String text) throws JsonProcessingException {
    return Wire.mapper().readValue(text, Schema.class);
  }
}
