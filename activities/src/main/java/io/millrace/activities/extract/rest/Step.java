package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How a page is asked for; all components {@code null}: without anything of a paginator. Plugins
 * combine them, the others need one.
 *
 * @param url as the server gave it: absolute or relative to the page before
 * @param cursor as text
 * @param number page number or offset
 * @param cursors several, by their parameters
 * @param headers by their names
 * @param body values by their paths in the request's body
 * @param state what a plugin wants to know of the page
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Step(
    String url,
    String cursor,
    Long number,
    Map<String, String> cursors,
    Map<String, String> headers,
    Map<String, JsonNode> body,
    String state) {
  static final Step PLAIN = new Step(null, null, null, null);

  Step {
    // in order, so that a step has one text
    cursors = sorted(cursors);
    headers = sorted(headers);
    body = sorted(body);
  }

  private Step(String url, String cursor, Long number, Map<String, String> cursors) {
    this(url, cursor, number, cursors, null, null, null);
  }

  static Step url(String url) {
    return new Step(url, null, null, null);
  }

  static Step cursor(String cursor) {
    return new Step(null, cursor, null, null);
  }

  static Step number(long number) {
    return new Step(null, null, number, null);
  }

  static Step cursors(Map<String, String> cursors) {
    return new Step(null, null, null, cursors);
  }

  /** The same at another address. */
  Step at(String other) {
    return new Step(other, cursor, number, cursors, headers, body, state);
  }

  /** Everything in it that is a text, but for the address. */
  Stream<String> texts() {
    return Stream.of(
            Stream.ofNullable(cursor),
            cursors == null ? Stream.<String>empty() : cursors.values().stream(),
            headers == null ? Stream.<String>empty() : headers.values().stream(),
            body == null ? Stream.<String>empty() : body.values().stream().map(JsonNode::asText),
            Stream.ofNullable(state))
        .flatMap(texts -> texts);
  }

  /** For messages. */
  String told() {
    if (url != null || cursor != null) {
      return url != null ? url : cursor;
    }
    boolean several = cursors != null && headers == null && body == null && state == null;
    return several ? cursors.toString() : texts().toList().toString();
  }

  private static <T> Map<String, T> sorted(Map<String, T> map) {
    return map == null ? null : Collections.unmodifiableMap(new TreeMap<>(map));
  }
}
