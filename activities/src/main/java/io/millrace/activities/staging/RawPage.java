package io.millrace.activities.staging;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * One page as the source sent it: a response body or a part of a file.
 *
 * @param format {@code JSONL}: one record a line; {@code JSON}: one document
 * @param selector keys that lead from the document to its records ({@code ["data","items"]}; empty:
 *     the document itself); a list there is the page's records, any other value is one record
 * @param origin for messages: URL without secrets, or file name
 * @param startOffset position of the first byte in {@code origin}, for messages
 * @param included members of a JSON object, without braces, that each record that is an object gets
 *     as its last; {@code null} for none
 * @param body opened by the caller, who closes it; decoded (not compressed)
 */
public record RawPage(
    Format format,
    List<String> selector,
    String origin,
    long startOffset,
    String included,
    Body body) {
  public RawPage {
    selector = List.copyOf(selector);
  }

  /** A page whose records are as the source sent them. */
  public RawPage(Format format, List<String> selector, String origin, long startOffset, Body body) {
    this(format, selector, origin, startOffset, null, body);
  }

  /** How records lie in a page. */
  public enum Format {
    JSONL,
    JSON
  }

  /** Where the bytes come from; may be opened once. */
  @FunctionalInterface
  public interface Body {
    InputStream open() throws IOException;
  }
}
