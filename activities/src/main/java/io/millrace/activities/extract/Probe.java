package io.millrace.activities.extract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.MillraceException;
import java.util.List;
import java.util.Map;

/** What one look at a resource showed: nothing was staged and nothing is remembered of it. */
public sealed interface Probe {
  /**
   * One answer of a REST API. Everything in it is masked and bounded, whatever the server sent.
   *
   * @param method of the request
   * @param answer {@code null} when there was none
   * @param records {@code null} when there is no page to read, see {@code failure}
   * @param way how the pages go on; {@code null} like {@code records}
   * @param envelope the document without its records; {@code null} like {@code records}
   * @param failure why a run would fail here; {@code null} when it would not
   */
  record Page(
      String method,
      Answer answer,
      Records records,
      Way way,
      JsonNode envelope,
      MillraceException failure)
      implements Probe {

    /** The same with fields that each record gets of its parent. */
    public Page including(ObjectNode fields) {
      if (records == null || fields.isEmpty()) {
        return this;
      }
      List<JsonNode> sample =
          records.sample().stream()
              .map(r -> r.isObject() ? ((ObjectNode) r.deepCopy()).setAll(fields) : r)
              .toList();
      Records with = new Records(records.selector(), records.count(), sample);
      return new Page(method, answer, with, way, envelope, failure);
    }
  }

  /**
   * What came back, of the last request where there were several.
   *
   * @param url without secrets
   * @param millis from the request to the last byte
   * @param bytes of the body, decoded
   * @param requests sent in all: redirects and tokens count
   * @param limits the headers that tell how much may be asked for, by their names in lower case
   */
  record Answer(
      String url,
      int status,
      long millis,
      long bytes,
      long requests,
      String contentType,
      Map<String, String> limits) {}

  /**
   * @param selector where they are, as {@code data_selector} has it
   * @param count on the page
   * @param sample the first ones, in which long texts and lists are cut
   */
  record Records(String selector, long count, List<JsonNode> sample) {}

  /**
   * @param type of the paginator, as the configuration has it; the detected one for {@code auto}
   * @param detected whether the answer suggested it
   * @param path of the link, the cursor or the total in the answer; {@code null} where none counts
   * @param next how the next page would be asked for, without secrets; {@code null} when this one
   *     is the last
   * @param position with which {@link Extractor#probe} looks at the next page; {@code null} like
   *     {@code next}
   * @param told what the answer tells of more than came, although it led to no next page; {@code
   *     null} for nothing
   */
  record Way(
      String type, boolean detected, String path, String next, JsonNode position, Told told) {}

  /**
   * The files that a run would read.
   *
   * @param bytes of all of them, as they lie there
   * @param first the first one's name below the folder; {@code null} when there is none
   */
  record FileSet(String folder, long files, long bytes, String first) implements Probe {}
}
