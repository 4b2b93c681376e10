package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What a paginator sees of an answer.
 *
 * @param records on the page
 * @param values by path, as text; an absent one is missing here
 * @param links of the Link header, by {@code rel}
 */
record PageView(long records, Map<String, JsonNode> values, Map<String, String> links) {
  PageView {
    values = Map.copyOf(values);
    links = Map.copyOf(links);
  }
}
