package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * A JSON value on its way through Temporal: itself while it is small, a staged reference when it is
 * over {@link #INLINE_BYTES}. Exactly one component is there.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Carried(JsonNode json, StagedRef staged) {
  /** The largest JSON text, in UTF-8 bytes, that travels as itself ({@code protocol.md} 2). */
  public static final int INLINE_BYTES = 4096;

  public static Carried of(JsonNode json) {
    return new Carried(json, null);
  }
}
