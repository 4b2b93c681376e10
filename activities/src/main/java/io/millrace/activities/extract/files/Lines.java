package io.millrace.activities.extract.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Where records of line files end. */
final class Lines {
  private Lines() {}

  /**
   * The first byte after the line that holds the byte {@code wanted - 1} beyond {@code from}; the
   * file's size when no line end follows. Reads only around that place.
   */
  static long cut(Path file, long from, long wanted, long size) throws IOException {
    if (size - from <= wanted) {
      return size;
    }
    long position = from + Math.max(1, wanted) - 1;
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (position < size) {
        buffer.clear();
        int n = channel.read(buffer, position);
        if (n < 0) {
          return size;
        }
        for (int i = 0; i < n; i++) {
          if (buffer.get(i) == '\n') {
            return position + i + 1;
          }
        }
        position += n;
      }
      return size;
    }
  }

  /**
   * Whole lines of a stream, in blocks of about a wanted size; never more than the longest line.
   */
  static final class Blocks {
    private final InputStream in;
    private byte[] buffer = new byte[64 * 1024];
    private int filled;
    private int given;
    private boolean ended;

    Blocks(InputStream in) {
      this.in = in;
    }

    byte[] buffer() {
      return buffer;
    }

    /**
     * The length of the next block, which begins at the start of {@link #buffer()} and ends after
     * the first line end at or after {@code wanted} bytes; 0 at the end of the stream.
     *
     * @param longest bytes of a line; -1 is returned when one is longer
     */
    int next(long wanted, long longest) throws IOException {
      System.arraycopy(buffer, given, buffer, 0, filled - given);
      filled -= given;
      given = 0;
      int searched = (int) Math.min(Math.max(0, wanted - 1), Integer.MAX_VALUE - 16);
      int lineStart = 0;
      while (true) {
        for (int i = searched; i < filled; i++) {
          if (buffer[i] == '\n') {
            given = i + 1;
            return given;
          }
        }
        searched = Math.max(searched, filled);
        lineStart = Math.max(lineStart, (int) Math.min(wanted, filled));
        if (ended) {
          given = filled;
          return given;
        }
        if (filled - lineStart > longest) {
          return -1;
        }
        if (filled == buffer.length) {
          int larger = (int) Math.min(Integer.MAX_VALUE - 16L, 2L * buffer.length);
          buffer = Arrays.copyOf(buffer, larger);
        }
        int n = in.read(buffer, filled, buffer.length - filled);
        ended = n < 0;
        filled += Math.max(0, n);
      }
    }
  }
}
