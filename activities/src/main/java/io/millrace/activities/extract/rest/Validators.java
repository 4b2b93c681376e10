package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import okhttp3.Headers;
import okhttp3.Request;

/**
 * What a server said of an answer so that we may ask whether it has changed (RFC 9110, 13.1). Kept
 * only of a resource that was a single page, for the first page says nothing of the others; it is
 * part of the position of a closed window and so becomes valid with the rows that it stands for.
 *
 * @param etag {@code null} for none
 * @param modified the Last-Modified header; {@code null} for none
 * @param asked identifies what was asked and how it was read: another question has no answer yet
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Validators(String etag, String modified, String asked) {
  /** Longer ones are not kept: servers send some tens of characters. */
  private static final int LONGEST = 500;

  /** {@code null} when the answer has none. */
  static Validators of(Headers headers, String asked) {
    String etag = kept(headers.get("ETag"));
    String modified = kept(headers.get("Last-Modified"));
    return etag == null && modified == null ? null : new Validators(etag, modified, asked);
  }

  /** The request, for an answer only if it is another one; conditions of the user's own stay. */
  Request ask(Request request) {
    boolean own =
        request.header("If-None-Match") != null || request.header("If-Modified-Since") != null;
    if (own) {
      return request;
    }
    Request.Builder asking = request.newBuilder();
    if (etag != null) {
      asking.header("If-None-Match", etag);
    }
    if (modified != null) {
      asking.header("If-Modified-Since", modified);
    }
    return asking.build();
  }

  private static String kept(String value) {
    boolean well = value != null && !value.isBlank() && value.length() <= LONGEST;
    return well ? value.strip() : null;
  }
}
