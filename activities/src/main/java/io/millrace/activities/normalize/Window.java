package io.millrace.activities.normalize;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A sliding view of a stream. Behind {@link #limit} lie zero bytes, which no JSON token contains,
 * so that loops stop there by themselves and may read eight bytes at once.
 */
final class Window {
  static final int SLACK = 32;
  private static final int START = 1 << 18;

  private final InputStream in;
  private final int max;
  byte[] buf;
  int limit;
  boolean end;

  /** Stream position of {@code buf[0]}. */
  long base;

  /**
   * @param max bytes that one record may need
   */
  Window(InputStream in, long max) {
    this(in, (int) Math.min(max, Integer.MAX_VALUE - (1 << 20)), new byte[START + SLACK]);
  }

  private Window(InputStream in, int max, byte[] buf) {
    this.in = in;
    this.max = max;
    this.buf = buf;
  }

  /** A window without a stream, for bytes that are all there. */
  static Window whole() {
    Window w = new Window(InputStream.nullInputStream(), 0);
    w.buf = new byte[SLACK];
    w.end = true;
    return w;
  }

  /**
   * A window of bytes that are all there.
   *
   * @param bytes with {@link #SLACK} zero bytes at the end
   * @param base where they stand for in the stream
   */
  static Window of(byte[] bytes, long base) {
    return of(bytes, bytes.length - SLACK, base);
  }

  /** The same of the first bytes, behind which lie {@link #SLACK} zero bytes. */
  static Window of(byte[] bytes, int length, long base) {
    Window w = new Window(InputStream.nullInputStream(), 0, bytes);
    w.limit = length;
    w.base = base;
    w.end = true;
    return w;
  }

  /**
   * Drops what lies before {@code keep}, which becomes position 0, and reads on.
   *
   * @return whether the window now holds more; false when it is full to its maximum
   */
  boolean more(int keep) throws IOException {
    int kept = limit - keep;
    if (kept >= max) {
      return false;
    }
    if (kept > buf.length - SLACK >> 1) {
      int size = (int) Math.min(max, (long) (buf.length - SLACK) * 2);
      byte[] larger = new byte[size + SLACK];
      System.arraycopy(buf, keep, larger, 0, kept);
      buf = larger;
    } else if (keep > 0) {
      System.arraycopy(buf, keep, buf, 0, kept);
    }
    base += keep;
    limit = kept;
    fill();
    return true;
  }

  private void fill() throws IOException {
    int room = buf.length - SLACK;
    while (limit < room && !end) {
      int n = in.read(buf, limit, room - limit);
      if (n < 0) {
        end = true;
      } else {
        limit += n;
      }
    }
    Arrays.fill(buf, limit, limit + SLACK, (byte) 0);
  }

  /**
   * Gives back memory that one large record needed. Only at a record's start. Bytes that are all
   * there stay as they are: they may be read once more.
   */
  int shrink(int pos) {
    if (max == 0 || buf.length <= 4 * START || limit - pos > START) {
      return pos;
    }
    byte[] small = new byte[START + SLACK];
    System.arraycopy(buf, pos, small, 0, limit - pos);
    base += pos;
    limit -= pos;
    buf = small;
    return 0;
  }
}
