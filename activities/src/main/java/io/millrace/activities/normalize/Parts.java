package io.millrace.activities.normalize;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;

/**
 * A page of JSON lines in parts that can be read by themselves. A part ends with the first line
 * that reaches a multiple of its size, so the bytes alone say where; what is behind the last of
 * them is no part.
 */
final class Parts {
  /** For tests: how many bytes apart parts end. */
  static final String BYTES = "millrace.normalize.part";

  private static final int DEFAULT = 8 << 20;

  /** A line that reaches farther beyond the end of a part ends the parts. */
  private static final int BEYOND = 1 << 20;

  /** What is read of a page before it gets the memory of parts. */
  private static final int FIRST = 1 << 18;

  private final InputStream in;
  private final int size = size();

  /** Two parts may be read at the same time. */
  private final byte[][] memory = {{}, {}};

  private int turn;

  /** What was read and is in no part yet. */
  private byte[] rest = {};

  /** Where that begins in the page. */
  private long at;

  Parts(InputStream in) {
    this.in = in;
  }

  static int size() {
    return Integer.getInteger(BYTES, DEFAULT);
  }

  /** Where the part ends that begins there: with the first line feed from that place on. */
  static long end(long begin, int size) {
    return begin == 0 ? size : ((begin - 1) / size + 1) * size;
  }

  /** The next part; {@code null} for no more of them. Its memory is that of the last but one. */
  Window next() throws IOException {
    if (at == 0 && rest.length == 0) {
      rest = in.readNBytes(Math.min(FIRST, size));
    }
    if (at == 0 && rest.length < Math.min(FIRST, size)) {
      return null;
    }
    int from = (int) (end(at, size) - at);
    byte[] b = memory[turn];
    if (b.length == 0) {
      b = memory[turn] = new byte[size + BEYOND + Window.SLACK];
    }
    int n = rest.length;
    System.arraycopy(rest, 0, b, 0, n);
    n += in.readNBytes(b, n, b.length - Window.SLACK - n);
    int end = from;
    while (end < n && b[end] != '\n') {
      end++;
    }
    if (end >= n) {
      rest = Arrays.copyOf(b, n);
      return null;
    }
    rest = Arrays.copyOfRange(b, ++end, n);
    Arrays.fill(b, end, end + Window.SLACK, (byte) 0);
    Window part = Window.of(b, end, at);
    at += end;
    turn ^= 1;
    return part;
  }

  /** What was not given out, to its end. */
  InputStream rest() {
    return rest.length == 0 ? in : new SequenceInputStream(new ByteArrayInputStream(rest), in);
  }

  /** Where that begins in the page. */
  long at() {
    return at;
  }
}
