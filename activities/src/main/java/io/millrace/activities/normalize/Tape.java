package io.millrace.activities.normalize;

import java.util.Arrays;

/**
 * One record between its bytes and its cells: entries in document order, each a tag (kind and
 * field) and a value. It exists so that a record is judged whole (duplicate keys, colliding names,
 * contracts, the cursor) before one cell is written; it is reused and holds one record at a time.
 *
 * <p>Values: numbers as such, slices as {@code offset << 32 | length} into the window, or into
 * {@link #scratch} when an escape was resolved, blocks where they begin in the window and, in the
 * lower half, the index behind their last entry.
 */
final class Tape {
  static final int NULL = 0;
  static final int FALSE = 1;
  static final int TRUE = 2;
  static final int INT = 3;
  static final int DOUBLE = 4;

  /** A whole number beyond 64 bits: slice of the window. */
  static final int BIG = 5;

  /** A number that the fast conversion cannot read exactly: slice of the window. */
  static final int REAL = 6;

  static final int TEXT = 7;

  /** A text whose escapes were resolved: slice of the scratch. */
  static final int ESCAPED = 8;

  /** A list or object kept as one value: slice of the window. */
  static final int JSON = 9;

  /** A nested object: a block. */
  static final int DICT = 10;

  /** A list: a block of one entry or {@link #ROW} per element. */
  static final int LIST = 11;

  /** An element that is an object: a block. */
  static final int ROW = 12;

  static final int KIND_BITS = 4;
  static final int KIND = 15;

  /**
   * Entries of one record; more is refused: twelve bytes each, twice while they grow, and at most
   * half of the memory of the process.
   */
  static final int MAX = (int) Math.min(1 << 27, Runtime.getRuntime().maxMemory() / 48);

  int[] tag = new int[1024];
  long[] value = new long[1024];
  int size;
  byte[] scratch = new byte[1024];
  int scratchSize;

  void clear() {
    size = 0;
    scratchSize = 0;
    if (tag.length > 1 << 20) {
      tag = new int[1024];
      value = new long[1024];
    }
    if (scratch.length > 1 << 22) {
      scratch = new byte[1024];
    }
  }

  int add(int kind, int field, long v) {
    int at = size;
    if (at == tag.length) {
      grow();
    }
    tag[at] = field << KIND_BITS | kind;
    value[at] = v;
    size = at + 1;
    return at;
  }

  private void grow() {
    if (size >= MAX) {
      throw Refused.record("has more than " + MAX + " values");
    }
    int more = Math.min(MAX, size + (size >> 1));
    tag = Arrays.copyOf(tag, more);
    value = Arrays.copyOf(value, more);
  }

  /** Begins a block whose JSON begins there in the window. */
  int open(int kind, int field, int start) {
    return add(kind, field, (long) start << 32);
  }

  /** Ends the block: what was added since is in it. */
  void close(int at) {
    value[at] |= size;
  }

  /** Where the entry after that one begins. */
  int after(int at) {
    int kind = tag[at] & KIND;
    return kind >= DICT ? (int) value[at] : at + 1;
  }

  /**
   * Puts what begins at {@code now}, the last entry, in the place of the entry at {@code old}.
   *
   * @return by how much the entries between the two moved
   */
  int replace(int old, int now) {
    int end = after(old);
    int length = size - now;
    int by = length - (end - old);
    int[] tags = Arrays.copyOfRange(tag, now, size);
    long[] values = Arrays.copyOfRange(value, now, size);
    System.arraycopy(tag, end, tag, end + by, now - end);
    System.arraycopy(value, end, value, end + by, now - end);
    System.arraycopy(tags, 0, tag, old, length);
    System.arraycopy(values, 0, value, old, length);
    size = now + by;
    shift(old, old + length, old - now);
    shift(old + length, size, by);
    return by;
  }

  private void shift(int from, int to, int by) {
    for (int i = from; i < to; i++) {
      if ((tag[i] & KIND) >= DICT) {
        value[i] += by;
      }
    }
  }

  /** Takes out closed blocks; what lies behind them moves up. */
  void remove(int from, int to) {
    int cut = to - from;
    System.arraycopy(tag, to, tag, from, size - to);
    System.arraycopy(value, to, value, from, size - to);
    size -= cut;
    shift(from, size, -cut);
  }

  void room(int bytes) {
    if (scratch.length - scratchSize < bytes) {
      scratch =
          Arrays.copyOf(scratch, Math.max(scratchSize + bytes, Math.max(scratch.length * 2, 64)));
    }
  }

  static long slice(int off, int len) {
    return (long) off << 32 | len;
  }

  static int offset(long slice) {
    return (int) (slice >>> 32);
  }

  static int length(long slice) {
    return (int) slice;
  }
}
