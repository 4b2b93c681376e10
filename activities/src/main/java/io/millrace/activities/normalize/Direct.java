package io.millrace.activities.normalize;

import io.millrace.activities.normalize.value.IsoTime;
import io.millrace.schema.DataType;
import io.millrace.source.Limits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The short way of a record: from its bytes straight into cells, when all of it is as it was
 * before. Whatever is new, odd or wrong ends it: the rows are taken back and the record goes over
 * the {@link Tape}, which decides. So this class never decides anything, and a record's rows are
 * the same on both ways.
 */
final class Direct {
  static final byte ODD = 0;
  private static final byte TEXT = 1;
  private static final byte BIGINT = 2;
  private static final byte BOOL = 3;
  private static final byte TIMESTAMP = 4;

  private static final int GIVE_UP = -1;

  /** Deeper records, and those with more rows of one table, go the other way. */
  private static final int MAX_DEPTH = 60;

  private static final int MAX_ROWS = 4096;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGHS = 0x8080808080808080L;
  private static final int TRUE = 'e' << 24 | 'u' << 16 | 'r' << 8 | 't';
  private static final int FALS = 's' << 24 | 'l' << 16 | 'a' << 8 | 'f';
  private static final int NULL = 'l' << 24 | 'l' << 16 | 'u' << 8 | 'n';

  private final Records in;
  private final Rows rows;
  private final Limits limits;
  private byte[] buf;
  private Table[] touched = new Table[16];
  private int tables;
  private long record;

  /** Of lists, in the record so far. */
  private int elements;

  private long surrogates;
  private long bent;
  private long duplicates;

  /** An object at that depth, counted from 0, may hold no other. */
  private int deepest;

  Direct(Records in, Rows rows, Limits limits) {
    this.in = in;
    this.rows = rows;
    this.limits = limits;
  }

  static byte way(DataType type) {
    return switch (type) {
      case TEXT -> TEXT;
      case BIGINT -> BIGINT;
      case BOOL -> BOOL;
      case TIMESTAMP -> TIMESTAMP;
      default -> ODD;
    };
  }

  /**
   * Reads the object at the scanner's position and writes its rows. They stay only with {@link
   * #keep}.
   *
   * @return false, nothing written and the position as before, when it must go the other way
   */
  boolean read(Shape root) {
    Table t = root.table;
    int start = in.pos;
    buf = in.buf;
    if (buf[start] != '{' || !root.single || !ready(t) || t.ids != Table.Ids.RANDOM) {
      return false;
    }
    record++;
    surrogates = in.surrogates;
    bent = rows.bent;
    duplicates = in.duplicates;
    elements = 0;
    deepest = Math.min(MAX_DEPTH, in.maxDepth - 1);
    in.tape.clear();
    Rows.Frame f = rows.frame(0);
    f.up = null;
    f.root = f;
    int end = GIVE_UP;
    try {
      touch(t);
      rows.identify(t, 0, 0, f);
      end = object(root, t, start + 1, f, 0);
      if (end != GIVE_UP && (end - start > limits.recordBytes() || !finish(t, f))) {
        end = GIVE_UP;
      }
    } catch (Refused e) {
      end = GIVE_UP;
    } catch (Refused.More | Refused.Relearn e) {
      undo();
      throw e;
    }
    if (end == GIVE_UP) {
      undo();
      in.pos = start;
      return false;
    }
    in.pos = end;
    return true;
  }

  /** Takes back what {@link #read} wrote. */
  void undo() {
    for (int i = 0; i < tables; i++) {
      touched[i].reset();
    }
    tables = 0;
    in.surrogates = surrogates;
    rows.bent = bent;
    in.duplicates = duplicates;
  }

  /** What {@link #read} wrote stays. */
  void keep() {
    for (int i = 0; i < tables; i++) {
      touched[i].keep();
    }
    tables = 0;
  }

  private boolean ready(Table t) {
    return t.known
        && !t.dropped
        && !t.cut
        && t.id.type != null
        && (t.nested() ? t.parentId.type != null && t.listIdx.type != null : t.loadId.type != null)
        && (t.rootId == null || t.rootId.type != null);
  }

  private void touch(Table t) {
    if (t.marked != record) {
      t.mark(record);
      if (tables == touched.length) {
        touched = Arrays.copyOf(touched, 2 * tables);
      }
      touched[tables++] = t;
    }
  }

  /** Ends the row that is being written. */
  private boolean finish(Table t, Rows.Frame f) {
    for (int k = 0; k < t.required.size(); k++) {
      if (!t.required.get(k).has(t.rows)) {
        return false;
      }
    }
    rows.system(t, t.rows, f);
    t.rows++;
    return t.sinceMark() <= MAX_ROWS;
  }

  /** From behind the opening brace; returns where the object ends. */
  private int object(Shape shape, Table t, int from, Rows.Frame frame, int depth) {
    byte[] b = buf;
    int p = from;
    if (b[p] == '}') {
      return p + 1;
    }
    long me = ++in.objects;
    Field before = shape.first;
    for (; ; ) {
      Field f = before.next;
      if (f != null && f.opens(b, p)) {
        p += f.length;
      } else {
        in.pos = p;
        f = in.known(shape);
        if (f == null) {
          return GIVE_UP;
        }
        before.next = f;
        p = in.pos;
      }
      if (f.seen == me) {
        return GIVE_UP;
      }
      f.seen = me;
      before = f;
      int c = b[p];
      if (c == ' ') {
        c = b[++p];
      }
      Slot s = f.slot;
      if (c == '"' && s.direct == TEXT) {
        p = text(t, s, p);
      } else if (c == '{' && f.map == null && !in.keeps(f)) {
        p = depth < deepest ? object(f.object(), t, p + 1, frame, depth + 1) : GIVE_UP;
      } else if (c == '[' && !in.keeps(f)) {
        p = depth < deepest ? list(f, p + 1, frame, depth + 1) : GIVE_UP;
      } else {
        p = scalar(t, s, c, p);
      }
      if (p < 0) {
        return GIVE_UP;
      }
      c = b[p];
      if (c == ',') {
        p++;
        if (b[p] == ' ') {
          p++;
        }
      } else if (c == '}') {
        return p + 1;
      } else {
        in.pos = p;
        boolean more = in.another('}');
        p = in.pos;
        if (!more) {
          return p;
        }
      }
    }
  }

  /** From behind the opening bracket. */
  private int list(Field f, int from, Rows.Frame up, int depth) {
    byte[] b = buf;
    in.pos = from;
    if (in.peek() == ']') {
      return in.pos + 1;
    }
    int p = in.pos;
    Shape shape = f.elements();
    Table t = shape.table;
    if (f.slot.state == Slot.SPECIAL || !shape.single || !ready(t)) {
      return GIVE_UP;
    }
    touch(t);
    Rows.Frame frame = rows.frame(up.depth + 1);
    frame.up = up;
    frame.list = f;
    frame.root = up.root;
    frame.index = 0;
    for (; ; ) {
      int c = b[p];
      if (c <= ' ') {
        in.pos = p;
        c = in.peek();
        p = in.pos;
      }
      rows.link(t, frame);
      if (c == '{') {
        p = depth < deepest ? object(shape, t, p + 1, frame, depth + 1) : GIVE_UP;
      } else if (c == '[') {
        Field inner = shape.list();
        p = depth < deepest && !in.keeps(inner) ? list(inner, p + 1, frame, depth + 1) : GIVE_UP;
      } else {
        p = scalar(t, shape.value().slot, c, p);
      }
      if (p < 0 || !finish(t, frame) || ++elements > limits.childRows()) {
        return GIVE_UP;
      }
      frame.index++;
      c = b[p];
      if (c == ',') {
        p++;
      } else if (c == ']') {
        return p + 1;
      } else {
        in.pos = p;
        boolean more = in.another(']');
        p = in.pos;
        if (!more) {
          return p;
        }
      }
    }
  }

  /** A value that is no object or list to look into; returns where it ends. */
  private int scalar(Table t, Slot s, int c, int p) {
    byte[] b = buf;
    int row = t.rows;
    switch (s.direct) {
      case TEXT:
        if (c == '"') {
          return text(t, s, p);
        }
        break;
      case BIGINT:
        {
          boolean minus = c == '-';
          int first = minus ? p + 1 : p;
          int q = first;
          long m = 0;
          int d;
          long w = (long) LONG.get(b, q);
          if (Scanner.digits(w)) {
            m = Scanner.number(w);
            q += 8;
          }
          while ((d = b[q] - '0') >= 0 && d <= 9) {
            m = m * 10 + d;
            q++;
          }
          int digits = q - first;
          // what follows is seen to be a comma or a bracket, so the number is whole
          if (digits > 0
              && digits <= 18
              && (b[first] != '0' || digits == 1)
              && (d == ',' - '0' || d == '}' - '0' || d == ']' - '0')) {
            s.put(row, minus ? -m : m);
            return q;
          }
          break;
        }
      case BOOL:
        {
          int word = (int) INT.get(b, p);
          if (word == TRUE) {
            s.put(row, 1);
            return p + 4;
          }
          if (word == FALS && b[p + 4] == 'e') {
            s.put(row, 0);
            return p + 5;
          }
          break;
        }
      case TIMESTAMP:
        // 2024-01-02T03:04:05Z
        if (c == '"' && b[p + 20] == 'Z' && b[p + 21] == '"') {
          long micros = IsoTime.timestamp(b, p + 1, 20);
          if (micros != IsoTime.NONE) {
            s.put(row, micros);
            return p + 22;
          }
        }
        break;
      default:
    }
    if (c == 'n' && (int) INT.get(b, p) == NULL) {
      return s.state == Slot.SPECIAL ? GIVE_UP : p + 4;
    }
    return s.state == Slot.PLAIN && value(t, s, c, p) ? in.pos : GIVE_UP;
  }

  /** Any other scalar of a column whose type is known. */
  private boolean value(Table t, Slot s, int c, int p) {
    in.pos = p;
    int kind;
    long v;
    if (c == '{' || c == '[') {
      return false;
    }
    if (c == '"') {
      in.pos++;
      in.string();
      kind = in.escaped ? Tape.ESCAPED : Tape.TEXT;
      v = Tape.slice(in.off, in.len);
    } else if (c == '-' || c >= '0' && c <= '9') {
      kind = in.number();
      v = in.number;
    } else {
      kind = in.word();
      v = 0;
    }
    return kind == Tape.NULL
        || (kind != Tape.BIG && kind != Tape.REAL || Tape.length(v) <= in.maxNumber)
            && rows.cell(t, t.rows, s, kind, v);
  }

  /** A text into a column of texts: checked and copied in the same pass. */
  private int text(Table t, Slot s, int quote) {
    byte[] b = buf;
    byte[] a = t.arena;
    int from = t.used;
    int p = quote + 1;
    int q = from;
    long any = 0;
    for (; ; ) {
      if (q > a.length - 8) {
        t.used = q;
        t.room(64);
        t.used = from;
        a = t.arena;
      }
      long w = (long) LONG.get(b, p);
      LONG.set(a, q, w);
      long end = Texts.end(w);
      if (end == 0) {
        any |= w;
        p += 8;
        q += 8;
        continue;
      }
      int plain = Long.numberOfTrailingZeros(end) >>> 3;
      p += plain;
      q += plain;
      // of this word only what lies before that byte
      any |= w & (1L << 8 * plain) - 1;
      int c = b[p];
      if (c == '"') {
        break;
      }
      if (c != '\\' || rows.compat || in.nuls > 0) {
        return value(t, s, '"', quote) ? in.pos : GIVE_UP;
      }
      p = in.unescaped(p + 1);
      if (in.nuls > 0) {
        return GIVE_UP;
      }
      t.used = q;
      t.room(16);
      t.used = from;
      a = t.arena;
      LONG.set(a, q, Texts.word(in.tape.scratch, 0));
      q += in.len;
    }
    if ((any & HIGHS) != 0) {
      in.utf8(quote + 1, p);
    }
    if (rows.compat && a[from] == (byte) 0xEF) {
      return value(t, s, '"', quote) ? in.pos : GIVE_UP;
    }
    s.put(t.rows, Tape.slice(from, q - from));
    t.used = q;
    return p + 1;
  }
}
