package io.millrace.activities.normalize;

/** A key at one place of the records: what it is called in the data and where its values go. */
final class Field {
  final int id;
  final byte[] key;
  private final long head;
  private final long mask;
  private final long tail;

  /** The object that the key is in. */
  final Shape in;

  /** The key as a part of names. */
  final String part;

  /** Where a scalar goes. */
  final Slot slot;

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
    this.mask = key.length >= 8 ? -1L : (1L << 8 * key.length) - 1;
    long w = 0;
    for (int i = Math.min(8, key.length) - 1; i >= 0; i--) {
      w = w << 8 | key[i] & 0xFF;
    }
    this.head = w;
    this.tail = key.length > 8 ? Scanner.word(key, key.length - 8) : 0;
  }

  /** Whether this key and a quote begin at that place. */
  boolean at(byte[] b, int p, int limit) {
    int n = key.length;
    if ((Scanner.word(b, p) & mask) != head || p + n >= limit || b[p + n] != '"') {
      return false;
    }
    if (n <= 8) {
      return true;
    }
    return Scanner.word(b, p + n - 8) == tail && (n <= 16 || middle(b, p));
  }

  private boolean middle(byte[] b, int p) {
    return java.util.Arrays.equals(b, p + 8, p + key.length - 8, key, 8, key.length - 8);
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
