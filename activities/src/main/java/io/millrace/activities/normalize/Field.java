package io.millrace.activities.normalize;

/** A key at one place of the records: what it is called in the data and where its values go. */
final class Field {
  final int id;
  final byte[] key;

  /**
   * How the key stands in JSON: its two quotes and the colon too. As words, to be compared fast.
   */
  private final byte[] opening;

  private final long head;
  private final long mask;
  private final long middle;
  private final long tail;

  /** Bytes of the key with its quotes and the colon. */
  final int length;

  /** The object that the key is in. */
  final Shape in;

  /** The key as a part of names. */
  final String part;

  /** Where a scalar goes. */
  Slot slot;

  /** The key that followed last time. */
  Field next;

  /** Which object showed the key last, and where on the tape: to find duplicates. */
  long seen;

  int at;

  /** Reads objects here whose keys are data; {@code null} where their keys are columns. */
  MapRows map;

  private Shape object;
  private Shape elements;

  Field(int id, byte[] key, Shape in, String part, Slot slot) {
    this.id = id;
    this.key = key;
    this.in = in;
    this.part = part;
    this.slot = slot;
    this.length = key.length + 3;
    this.opening = opening(key);
    boolean plain = plain(key);
    this.mask = !plain ? 0 : length >= 8 ? -1L : (1L << 8 * length) - 1;
    // a key that JSON would escape is found by its hash alone
    this.head = plain ? Texts.word(opening, 0) & mask : -1;
    this.middle = Texts.word(opening, 8);
    this.tail = length > 8 ? Texts.word(opening, length - 8) : 0;
  }

  private static byte[] opening(byte[] key) {
    byte[] b = new byte[key.length + 3 + Window.SLACK];
    b[0] = '"';
    System.arraycopy(key, 0, b, 1, key.length);
    b[key.length + 1] = '"';
    b[key.length + 2] = ':';
    return b;
  }

  private static boolean plain(byte[] key) {
    for (byte c : key) {
      if (c == '"' || c == '\\' || c >= 0 && c < ' ') {
        return false;
      }
    }
    return true;
  }

  /** Whether this key, quoted, and a colon stand there. */
  boolean opens(byte[] b, int p) {
    if ((Texts.word(b, p) & mask) != head) {
      return false;
    }
    int n = length;
    return n <= 8
        || (n <= 24 || p + n <= b.length)
            && Texts.word(b, p + n - 8) == tail
            && (n <= 16 || Texts.word(b, p + 8) == middle && (n <= 24 || between(b, p)));
  }

  private boolean between(byte[] b, int p) {
    return java.util.Arrays.equals(b, p + 16, p + length - 8, opening, 16, length - 8);
  }

  boolean is(byte[] b, int off, int len) {
    if (len != key.length) {
      return false;
    }
    for (int i = 0; i < len; i++) {
      if (b[off + i] != key[i]) {
        return false;
      }
    }
    return true;
  }

  /** The shape of the object here. */
  Shape object() {
    if (object == null) {
      object = in.nested(this);
    }
    return object;
  }

  /** The shape of the elements of the list here. */
  Shape elements() {
    if (elements == null) {
      elements = in.elements(this);
    }
    return elements;
  }
}
