package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.staging.RawPage;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * An answer as a page: what is staged of it, where its records are and what the paginator wants to
 * know. Made for one try; not thread-safe.
 */
final class PageScan {
  private final JsonPath selector;
  private final Paginator active;
  private JsonScan scan;
  private byte[] body;

  /**
   * @param selector where the records are; {@code null} finds them
   * @param active what is asked of the answer
   */
  PageScan(JsonPath selector, Paginator active) {
    this.selector = selector;
    this.active = active;
  }

  /** An answer that is not what it should be. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1L;
    final boolean early;

    /**
     * @param early whether it ends too early, so that another try may help
     * @param what in words: {@code the body is not JSON}
     */
    Damaged(boolean early, String what) {
      super(what);
      this.early = early;
    }
  }

  /** Reads a whole answer, whose body is not empty. */
  PageScan read(Http.Answer answer) throws Damaged {
    try {
      body = answer.body();
      scan = json(selector, Paging.paths(active), active instanceof Paginator.Auto);
      return this;
    } catch (JsonEOFException e) {
      throw new Damaged(true, "the JSON ends too early: after " + body.length + " bytes");
    } catch (JacksonException e) {
      throw new Damaged(false, "the body is not JSON");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e); // there is none on bytes
    }
  }

  private JsonScan json(JsonPath at, List<JsonPath> paths, boolean findPaging) throws IOException {
    return new JsonScan(at, paths, findPaging).read(body);
  }

  /** Where the records are in {@link #body}, or {@code null} when the selector leads nowhere. */
  JsonScan.Found records() {
    return scan.records();
  }

  /** What is staged. */
  byte[] body() {
    return body;
  }

  RawPage.Format format() {
    return RawPage.Format.JSON;
  }

  /** The paginator that the answer suggests. */
  Detection detect(Map<String, String> links) {
    return Detection.of(scan, links);
  }

  /** Some keys of the document, for messages. */
  List<String> topKeys() {
    return scan.topKeys();
  }

  /** The values that a paginator reads; one more pass when it was detected just now, once. */
  Map<String, JsonNode> values(Paginator known) {
    List<JsonPath> paths = Paging.paths(known);
    if (paths.isEmpty() || !(active instanceof Paginator.Auto)) {
      return scan.values();
    }
    try {
      return json(JsonPath.of(scan.records().path()), paths, false).values();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e); // it was read well a moment ago
    }
  }
}
