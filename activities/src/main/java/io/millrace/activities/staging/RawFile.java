package io.millrace.activities.staging;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What the writer and the reader of raw segment files agree on. A file is {@link #MAGIC}, then
 * blocks, then an end block. Every block begins with its kind and a JSON header (length, bytes,
 * CRC32C). A page's header is followed by zstd frames, each with its length before it and its own
 * checksum, and a zero length. So no block needs more memory than one frame, and any change of any
 * byte is noticed.
 */
final class RawFile {
  /** The name of the file in a published raw segment. */
  static final String NAME = "raw.mrr";

  static final long MAGIC = 0x4D52_5241_5731_0D0AL; // MRRAW1 and a line end, against text modes

  static final byte PAGE = 'P';
  static final byte RANGE = 'R';
  static final byte END = 'E';

  /** Decoded bytes of a frame at the most. */
  static final int FRAME = 1 << 20;

  static final int MAX_HEADER = 1 << 20;

  private RawFile() {}

  /**
   * Of a page.
   *
   * @param offset of its first byte in the origin
   * @param included members that each record gets; {@code null} for none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PageHeader(
      RawPage.Format format, List<String> selector, String origin, long offset, String included) {}

  /** Of a part of a file: what the file was when it was pointed at. */
  record RangeHeader(
      RawPage.Format format,
      List<String> selector,
      String path,
      long from,
      long to,
      long size,
      long mtimeNanos) {}

  /** At the end: without it the file is not whole. */
  @JsonInclude
  record EndHeader(long pages, long bytes) {}
}
