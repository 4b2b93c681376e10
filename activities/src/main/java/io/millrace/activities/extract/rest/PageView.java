package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import okhttp3.Headers;

/**
 * What a paginator sees of an answer.
 *
 * @param records on the page
 * @param rows of the window so far, those of the page included
 * @param values by path, as text; an absent one is missing here
 */
record PageView(long records, long rows, Map<String, JsonNode> values, Headers headers) {
  PageView {
    values = Map.copyOf(values);
  }

  /** Addresses of the Link header, by {@code rel}. */
  Map<String, String> links() {
    return Links.parse(headers.values("Link"));
  }
}
