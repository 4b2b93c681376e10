package io.millrace.activities.staging;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * 64 bits that tell damage: two CRCs of different polynomials, both of which processors compute at
 * memory speed. They take turns, a block each, so that every byte is read once. Not for content
 * that somebody forges. Not thread-safe.
 */
final class Checksum {
  private static final int BLOCK = 1 << 14;

  private final CRC32 one = new CRC32();
  private final CRC32C other = new CRC32C();
  private long at;

  void reset() {
    one.reset();
    other.reset();
    at = 0;
  }

  /** However the bytes are cut into calls, the value is the same. */
  void update(byte[] b, int length) {
    for (int from = 0; from < length; ) {
      int n = (int) Math.min(BLOCK - (at & BLOCK - 1), length - from);
      if ((at & BLOCK) == 0) {
        one.update(b, from, n);
      } else {
        other.update(b, from, n);
      }
      from += n;
      at += n;
    }
  }

  long value() {
    return one.getValue() << 32 | other.getValue();
  }
}
