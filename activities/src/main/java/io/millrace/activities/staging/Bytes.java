package io.millrace.activities.staging;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes being put together, little-endian. */
final class Bytes {
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] b;
  private int n;

  /** Memory for {@link #distances}. */
  private long[] steps = {};

  Bytes(int capacity) {
    b = new byte[capacity];
  }

  byte[] array() {
    return b;
  }

  int size() {
    return n;
  }

  void clear() {
    n = 0;
  }

  private void room(long more) {
    if (n + more > b.length) {
      long size = Math.max(n + more, 2L * b.length);
      b = Arrays.copyOf(b, (int) Math.min(size, Integer.MAX_VALUE - 64));
    }
  }

  void one(int v) {
    room(1);
    b[n++] = (byte) v;
  }

  void fixed(int v) {
    room(4);
    INT.set(b, n, v);
    n += 4;
  }

  void patch(int at, int v) {
    INT.set(b, at, v);
  }

  void varint(int v) {
    room(5);
    while ((v & ~0x7F) != 0) {
      b[n++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    b[n++] = (byte) v;
  }

  void longs(long[] values, int count) {
    room(8L * count);
    for (int i = 0; i < count; i++) {
      LONG.set(b, n, values[i]);
      n += 8;
    }
  }

  /** The first number, and the distances of the others from the one before, {@link #packed}. */
  void distances(long[] values, int count) {
    longs(values, 1);
    if (steps.length < count) {
      steps = new long[count];
    }
    for (int i = 1; i < count; i++) {
      steps[i - 1] = values[i] - values[i - 1];
    }
    packed(steps, count - 1);
  }

  /** The smallest number, a width, and each number's distance from the smallest in that width. */
  void packed(long[] values, int count) {
    packed(values, count, 0, -1L);
  }

  /** The same of some of each number's bits. */
  void packed(long[] values, int count, int shift, long bits) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      long v = values[i] >> shift & bits;
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    int width = 8 - Long.numberOfLeadingZeros(max - min) / 8;
    room(8L * count + 17);
    byte[] to = b;
    int at = n;
    LONG.set(to, at, min);
    to[at + 8] = (byte) width;
    at += 9;
    for (int i = 0; i < count && width > 0; i++) {
      LONG.set(to, at, (values[i] >> shift & bits) - min);
      at += width;
    }
    n = at;
  }

  /** Numbers from 0 to {@code max}, each in as few bytes as that one needs. */
  void small(int[] values, int count, int max) {
    int width = width(max);
    room(4L * count + 8);
    byte[] to = b;
    int at = n;
    for (int i = 0; i < count; i++) {
      INT.set(to, at, values[i]);
      at += width;
    }
    n = at;
  }

  /** Bytes that a number up to that one takes, 1 to 4. */
  static int width(int max) {
    return Math.max(1, 4 - Integer.numberOfLeadingZeros(max) / 8);
  }

  void bytes(byte[] from, int off, int len) {
    room(len);
    System.arraycopy(from, off, b, n, len);
    n += len;
  }

  /** Appends the id; where it begins. */
  int id(NumberedIds ids, long number) {
    room(NumberedIds.LENGTH);
    int at = n;
    ids.write(b, at, number);
    n += NumberedIds.LENGTH;
    return at;
  }

  void text(String s) {
    byte[] t = s.getBytes(StandardCharsets.UTF_8);
    fixed(t.length);
    bytes(t, 0, t.length);
  }
}
