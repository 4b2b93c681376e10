package io.millrace.activities.extract.rest;

import io.millrace.source.Paginator;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Finds out that a server leads in a circle. Within a fetch every way is remembered, across fetches
 * one is: a circle ends all the same. Not thread-safe.
 */
final class Circle {
  private final Set<String> seen = new HashSet<>();

  /** A page was asked for in this way. */
  void went(Step step) {
    seen.add(digest(step));
  }

  boolean closes(Step next, Position.Mark mark) {
    String digest = digest(next);
    return seen.contains(digest) || digest.equals(mark.seen());
  }

  static String digest(Step step) {
    return checksum(step.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * What tells one page's records from the next one's; {@code null} where it says nothing. Only
   * paginators that count themselves cannot see by a link that the server stands still; what
   * plugins see we do not know.
   */
  static String content(Paginator active, JsonScan.Found found, byte[] body) {
    boolean counts = Counting.of(active).isPresent() || active instanceof Paginator.Custom;
    return counts && found.records() > 0
        ? checksum(body, (int) found.from(), (int) (found.to() - found.from()))
        : null;
  }

  static String checksum(byte[] bytes) {
    return checksum(bytes, 0, bytes.length);
  }

  private static String checksum(byte[] bytes, int from, int length) {
    CRC32C one = new CRC32C();
    one.update(bytes, from, length);
    CRC32 other = new CRC32();
    other.update(bytes, from, length);
    return Long.toHexString(one.getValue()) + Long.toHexString(other.getValue()) + length;
  }
}
