package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import io.millrace.source.DataSelector;
import java.io.IOException;
import java.util.Optional;

/**
 * A page as a tree, for what one pass over its bytes cannot do: selectors with filters, wildcards
 * and places, and XML. A tree takes several times the page's bytes, so pages are smaller here.
 */
final class Tree {
  /** Bytes of a page that becomes a tree. */
  static final int LARGEST = 64_000_000;

  /** Deeper trees could overflow the stack of who walks through them. */
  static final int DEEPEST = 500;

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxStringLength(LARGEST)
                          .maxNumberLength(100_000)
                          .maxNameLength(LARGEST)
                          .maxTokenCount(Memory.PARTS)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final Configuration PATHS =
      Configuration.builder()
          .jsonProvider(new JacksonJsonNodeJsonProvider(MAPPER))
          .mappingProvider(new JacksonMappingProvider(MAPPER))
          .options(Option.ALWAYS_RETURN_LIST, Option.SUPPRESS_EXCEPTIONS)
          .build();

  private Tree() {}

  static JsonNode read(byte[] json) throws IOException {
    try {
      return MAPPER.readTree(json);
    } catch (StreamConstraintsException e) {
      if (e.getOriginalMessage().startsWith("Token count")) {
        throw Memory.tooManyParts();
      }
      throw e;
    }
  }

  static byte[] bytes(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The page's records as dlt takes them: of one match that match, of several a list of them;
   * {@code null} when the selector leads nowhere.
   */
  static JsonNode records(DataSelector selector, JsonNode tree) {
    if (selector.simple() != null) {
      return at(selector.simple(), tree);
    }
    JsonNode matches = JsonPath.compile(selector.expression()).read(tree, PATHS);
    if (matches.isEmpty()) {
      return at(selector.beginning(), tree) == null ? null : matches;
    }
    return matches.size() == 1 ? matches.get(0) : matches;
  }

  /** The first match of a selector that is not simple. */
  static Optional<JsonNode> first(DataSelector selector, JsonNode tree) {
    JsonNode matches = JsonPath.compile(selector.expression()).read(tree, PATHS);
    return Optional.ofNullable(matches.get(0));
  }

  /** What lies at the end of names; {@code null} for nothing. */
  static JsonNode at(io.millrace.source.JsonPath names, JsonNode tree) {
    JsonNode here = tree;
    for (Object name : names.steps()) {
      here = here == null ? null : here.get((String) name);
    }
    return here;
  }
}
