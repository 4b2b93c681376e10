package io.millrace.activities.normalize;

import io.millrace.schema.DataType;

/**
 * Reads one record from the window onto the tape, learning the shapes on the way. Nothing is kept
 * of a record that ends in an exception but its shapes.
 */
final class Records extends Scanner {
  private final Shapes shapes;
  private final Types types;

  /** Objects so far; each has a number of its own. */
  long objects;

  /** Characters of a number. */
  int maxNumber = Integer.MAX_VALUE;

  Records(Shapes shapes, Types types) {
    this.shapes = shapes;
    this.types = types;
  }

  /** One record at {@link #pos}: an object, or anything else as {@code {"value": …}}. */
  void record(Shape root) {
    tape.clear();
    int c = peek();
    if (c == '{') {
      pos++;
      object(root, 1);
    } else {
      Field f = root.value();
      f.at = tape.size;
      value(f, c, 0);
    }
  }

  /** Behind the opening brace. */
  void object(Shape shape, int depth) {
    long me = ++objects;
    if (peek() == '}') {
      pos++;
      return;
    }
    Field before = shape.first;
    do {
      Field f = before.next;
      if (f != null && f.opens(buf, pos)) {
        pos += f.length;
      } else {
        f = field(shape);
        before.next = f;
      }
      int c = peek();
      if (f.seen == me) {
        again(f, c, depth);
      } else {
        f.seen = me;
        f.at = tape.size;
        value(f, c, depth);
      }
      before = f;
    } while (another('}'));
  }

  /** The field of the key at {@link #pos}, which then is behind the colon. */
  private Field field(Shape shape) {
    byte[] b = key();
    Field f = shape.find(b, off, len);
    f = f != null ? f : shape.learn(b, off, len);
    colon();
    return f;
  }

  /** The same without learning: {@code null} for a key that was never seen there. */
  Field known(Shape shape) {
    Field f = shape.find(key(), off, len);
    colon();
    return f;
  }

  /** A key for the second time: its value takes the place of the first. */
  private void again(Field f, int c, int depth) {
    duplicates++;
    int old = f.at;
    int now = tape.size;
    value(f, c, depth);
    int from = tape.after(old);
    int by = tape.replace(old, now);
    for (int i = from + by; i < tape.size && by != 0; i++) {
      Field moved = shapes.fields[tape.tag[i] >>> Tape.KIND_BITS];
      if ((tape.tag[i] & Tape.KIND) != Tape.ROW && moved.at == i - by) {
        moved.at = i;
      }
    }
  }

  void value(Field f, int c, int depth) {
    switch (c) {
      case '"':
        pos++;
        string();
        tape.add(escaped ? Tape.ESCAPED : Tape.TEXT, f.id, Tape.slice(off, len));
        return;
      case '{':
      case '[':
        deeper(depth);
        if (keeps(f)) {
          int start = pos;
          skip(depth);
          tape.add(Tape.JSON, f.id, Tape.slice(start, pos - start));
          return;
        }
        pos++;
        if (c == '{' && f.map != null) {
          f.map.read(this, f, depth + 1);
        } else if (c == '{') {
          int open = tape.open(Tape.DICT, f.id, pos - 1);
          object(f.object(), depth + 1);
          tape.close(open);
        } else {
          list(f, depth + 1);
        }
        return;
      default:
        if (c == '-' || (c >= '0' && c <= '9')) {
          int kind = number();
          if (kind > Tape.DOUBLE && Tape.length(number) > maxNumber) {
            throw Refused.record("has a number of more than " + maxNumber + " characters");
          }
          tape.add(kind, f.id, number);
        } else {
          tape.add(word(), f.id, 0);
        }
    }
  }

  /** Whether an object or list stays one value there. */
  boolean keeps(Field f) {
    Slot s = f.slot.meant();
    return f.in.level <= 0
        || s.type == DataType.JSON
        || (s.type == null
            && !s.system
            && !types.none()
            && types.preferred(s.name) == DataType.JSON);
  }

  /** Behind the opening bracket. */
  private void list(Field f, int depth) {
    int open = tape.open(Tape.LIST, f.id, pos - 1);
    if (peek() == ']') {
      pos++;
      tape.close(open);
      return;
    }
    Shape elements = f.elements();
    do {
      int c = peek();
      if (c == '{') {
        deeper(depth);
        int row = tape.open(Tape.ROW, 0, 0);
        pos++;
        object(elements, depth + 1);
        tape.close(row);
      } else if (c == '[') {
        int row = tape.open(Tape.ROW, 0, 0);
        value(elements.list(), c, depth);
        tape.close(row);
      } else {
        value(elements.value(), c, depth);
      }
    } while (another(']'));
    tape.close(open);
  }
}
