package io.millrace.activities.staging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** Takes the pages of a segment as they come. */
public interface RawSegmentWriter {
  /** Stages a page's decoded bytes, compressed. */
  void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      byte[] body,
      int offset,
      int length);

  /**
   * The same for a page whose records get members that the source did not send.
   *
   * @param included of a JSON object, without braces; {@code null} for none
   */
  void page(
      RawPage.Format format, List<String> selector, String origin, String included, byte[] body);

  /**
   * Does of the work of staging a page what can be done before its turn. May be called by any
   * thread, also while another one writes.
   */
  default Packed pack(byte[] body) {
    return new Packed(body, List.of());
  }

  /**
   * The same for a page that was packed here.
   *
   * @param included of a JSON object, without braces; {@code null} for none
   */
  default void page(
      RawPage.Format format, List<String> selector, String origin, String included, Packed page) {
    page(format, selector, origin, included, page.body());
  }

  /**
   * The same for a page that is a part of something longer, which is read to its end and not kept
   * in memory.
   *
   * @param startOffset position of the first byte in {@code origin}
   */
  default void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      long startOffset,
      InputStream body)
      throws IOException {
    byte[] bytes = body.readAllBytes();
    page(format, selector, origin, bytes, 0, bytes.length);
  }

  /**
   * Points at a part of an uncompressed local file instead of copying it. The file's size and
   * modification time are kept and checked when it is read.
   *
   * @param from first byte
   * @param to end, exclusive
   */
  void range(RawPage.Format format, List<String> selector, Path file, long from, long to);

  /** Pages so far. */
  long pages();

  /** Decoded bytes so far, referenced ones included. */
  long bytes();
}
