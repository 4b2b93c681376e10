package io.millrace.activities.staging;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * 64 bits that tell damage: two CRCs of different polynomials, both of which processors compute at
 * memory speed. Not for content that somebody forges. Not thread-safe.
 */
final class Checksum {
  private final CRC32 one = new CRC32();
  private final CRC32C other = new CRC32C();

  void reset() {
    one.reset();
    other.reset();
  }

  void update(byte[] b, int length) {
    one.update(b, 0, length);
    other.update(b, 0, length);
  }

  long value() {
    return one.getValue() << 32 | other.getValue();
  }
}
