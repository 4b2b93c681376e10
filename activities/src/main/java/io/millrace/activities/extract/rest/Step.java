package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * How a page is asked for; all components {@code null}: without anything of a paginator.
 *
 * @param url as the server gave it: absolute or relative to the page before
 * @param cursor as text
 * @param number page number or offset
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Step(String url, String cursor, Long number) {
  static final Step PLAIN = new Step(null, null, null);

  static Step url(String url) {
    return new Step(url, null, null);
  }

  static Step cursor(String cursor) {
    return new Step(null, cursor, null);
  }

  static Step number(long number) {
    return new Step(null, null, number);
  }
}
