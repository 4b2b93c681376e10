package io.millrace.activities;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import io.millrace.schema.Schema;
import java.io.IOException;

/** A schema on its way from one step to the next, as a staged document. */
final class SchemaFile {
  private SchemaFile() {}

  static byte[] bytes(Schema schema) {
    try {
      return Wire.mapper().writeValueAsBytes(schema);
    } catch (JsonProcessingException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot write schema " + schema.name(), e);
    }
  }

  static Schema read(byte[] bytes) {
    try {
      return Wire.mapper().readValue(bytes, Schema.class);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          "Cannot read a staged schema: "
              + e.getMessage()
              + " (it was damaged, or another version of Millrace wrote it)",
          e);
    }
  }
}
