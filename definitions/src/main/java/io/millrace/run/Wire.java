package io.millrace.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.temporal.common.converter.CodecDataConverter;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import java.util.List;

/**
 * How records cross Temporal: the one mapper and the one data converter. Unknown fields are
 * ignored, so that a newer worker's history can be read by an older one.
 */
public final class Wire {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .registerModule(new Jdk8Module())
          .registerModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * The largest payload, in bytes, that we send; a larger one is a mistake of ours and fails by
   * name.
   */
  public static final int MAX_PAYLOAD_BYTES = 256 * 1024;

  private Wire() {}

  /** The mapper of every wire record. Shared and thread-safe; do not configure it. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /** How many bytes a record takes in a payload. */
  public static int bytes(Object record) {
    try {
      return MAPPER.writeValueAsBytes(record).length;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // the data converter will say the same
    }
  }

  /**
   * The converter for clients and workers. What is larger than {@link #MAX_PAYLOAD_BYTES} fails
   * with a non-retryable application failure named {@code INTERNAL}.
   */
  public static DataConverter converter() {
    return new CodecDataConverter(
        DefaultDataConverter.newDefaultInstance()
            .withPayloadConverterOverrides(new JacksonJsonPayloadConverter(MAPPER)),
        List.of(new PayloadGuard()));
  }
}
