package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a page is asked for; all components {@code null}: without anything of a paginator.
 *
 * @param url as the server gave it: absolute or relative to the page before
 * @param cursor as text
 * @param number page number or offset
 * @param cursors several, by their parameters
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Step(String url, String cursor, Long number, Map<String, String> cursors) {
  static final Step PLAIN = new Step(null, null, null, null);

  Step {
    // in order, so that a step has one text
    cursors = cursors == null ? null : Collections.unmodifiableMap(new TreeMap<>(cursors));
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

  /** For messages. */
  String told() {
    return url != null ? url : cursors != null ? cursors.toString() : String.valueOf(cursor);
  }
}
