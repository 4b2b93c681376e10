package io.millrace.activities.normalize;

import java.util.Arrays;

/** Bytes being put together. */
final class Out {
  private byte[] b = new byte[256];
  private int n;

  byte[] array() {
    return b;
  }

  int size() {
    return n;
  }

  void clear() {
    n = 0;
    if (b.length > 1 << 22) {
      b = new byte[256];
    }
  }

  void cut(int size) {
    n = size;
  }

  private void room(int more) {
    if (b.length - n < more) {
      b =
          Arrays.copyOf(
              b, (int) Math.min(Integer.MAX_VALUE - 64L, Math.max((long) n + more, 2L * n)));
    }
  }

  void one(int c) {
    room(1);
    b[n++] = (byte) c;
  }

  void bytes(byte[] from, int off, int len) {
    room(len);
    System.arraycopy(from, off, b, n, len);
    n += len;
  }

  void ascii(String s) {
    room(s.length());
    for (int i = 0; i < s.length(); i++) {
      b[n++] = (byte) s.charAt(i);
    }
  }
}
