package io.millrace.activities.extract.rest;

import io.millrace.activities.staging.Packed;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Pages that wait in memory until it is their turn. Bounded by who fetches them. */
final class HeldPages implements RawSegmentWriter {
  private final RawSegmentWriter out;
  private final List<Page> pages = new ArrayList<>();
  private long bytes;

  /** A response as it came. */
  private record Page(RawPage.Format format, List<String> selector, String origin, Packed body) {}

  /**
   * @param out where they go in the end; only packs until then
   */
  HeldPages(RawSegmentWriter out) {
    this.out = out;
  }

  /** Hands the pages on, each record with these members; {@code null} for none. */
  void write(String included) {
    pages.forEach(p -> out.page(p.format(), p.selector(), p.origin(), included, p.body()));
    pages.clear();
  }

  @Override
  public void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      byte[] body,
      int offset,
      int length) {
    byte[] own =
        offset == 0 && length == body.length
            ? body
            : java.util.Arrays.copyOfRange(body, offset, offset + length);
    page(format, selector, origin, null, own);
  }

  @Override
  public void page(
      RawPage.Format format, List<String> selector, String origin, String included, byte[] body) {
    page(format, selector, origin, included, pack(body));
  }

  @Override
  public Packed pack(byte[] body) {
    return out.pack(body);
  }

  @Override
  public void page(
      RawPage.Format format, List<String> selector, String origin, String included, Packed page) {
    pages.add(new Page(format, selector, origin, page));
    bytes += page.body().length;
  }

  @Override
  public void range(RawPage.Format format, List<String> selector, Path file, long from, long to) {
    throw new IllegalStateException("a response is no file");
  }

  @Override
  public long pages() {
    return pages.size();
  }

  @Override
  public long bytes() {
    return bytes;
  }
}
