package io.millrace.source;

/**
 * What no source may exceed. A record over a limit goes to the rejects, the rest goes on; columns
 * beyond their number share one; too many pages or too large a response end the asset with {@link
 * io.millrace.Failure#POLICY_REFUSED}.
 *
 * @param pages of one run; default 100,000
 * @param responseBytes decoded bytes of one response; default 256 MB
 * @param recordBytes default 64 MB
 * @param depth of nested objects and lists in a record; default 512
 * @param keyBytes of one key, in UTF-8; default 64 kB
 * @param numberLength characters of one number; default 4,300
 * @param columnsPerTable columns that data may make, beside ours and those of hints; {@code null}
 *     means 1,500, and no limit where all follows dlt
 * @param tables that one resource may make; default 1,000
 * @param childRows elements of all lists of one record together; default 10,000,000
 * @param ratio how many times its compressed size a response may have, beyond 10 MB; default 200
 */
public record Limits(
    Long pages,
    Long responseBytes,
    Long recordBytes,
    Integer depth,
    Integer keyBytes,
    Integer numberLength,
    Integer columnsPerTable,
    Integer tables,
    Integer childRows,
    Integer ratio) {
  public static final Limits DEFAULT = new Limits(null, null, null, null);

  public Limits {
    pages = pages == null ? 100_000 : pages;
    responseBytes = responseBytes == null ? 256_000_000L : responseBytes;
    recordBytes = recordBytes == null ? 64_000_000L : recordBytes;
    depth = depth == null ? 512 : depth;
    keyBytes = keyBytes == null ? 64_000 : keyBytes;
    numberLength = numberLength == null ? 4_300 : numberLength;
    tables = tables == null ? 1_000 : tables;
    childRows = childRows == null ? 10_000_000 : childRows;
    ratio = ratio == null ? 200 : ratio;
  }

  /** The same with the default ratio. */
  public Limits(
      Long pages,
      Long responseBytes,
      Long recordBytes,
      Integer depth,
      Integer keyBytes,
      Integer numberLength,
      Integer columnsPerTable,
      Integer tables,
      Integer childRows) {
    this(
        pages,
        responseBytes,
        recordBytes,
        depth,
        keyBytes,
        numberLength,
        columnsPerTable,
        tables,
        childRows,
        null);
  }

  /** The same with the defaults for everything inside a record. */
  public Limits(Long pages, Long responseBytes, Long recordBytes, Integer depth) {
    this(pages, responseBytes, recordBytes, depth, null, null, null, null, null);
  }
}
