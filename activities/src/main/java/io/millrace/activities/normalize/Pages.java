package io.millrace.activities.normalize;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.RawPage;
import io.millrace.source.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Finds the records of a page: the lines of JSON lines, or the elements of the list that a selector
 * leads to in a document. A line that is not JSON is rejected alone; a document that is not JSON is
 * the page's failure.
 */
final class Pages {
  /** Takes the record that begins at the scanner's position and reads it to its end. */
  interface Sink {
    /** Reads onto the tape; nothing may be kept when it throws. */
    void read();

    /** Takes what was read. */
    void take(int start, int end);

    /** A part of the page ends here. */
    void cut();

    /** A record that cannot be loaded. */
    void refuse(String why, String where, byte[] b, int off, int len);
  }

  private final Records in;
  private final Sink sink;
  private final int depth;
  private final long recordBytes;
  private RawPage page;

  /** Where the part ends that is being read; beyond any page for pages without parts. */
  private long cut;

  /** Whether a null in a list of items is an item, as in dlt; on a line of its own it is none. */
  boolean nulls;

  Pages(Records in, Sink sink, Limits limits) {
    this.in = in;
    this.sink = sink;
    this.depth = Math.min(limits.depth(), 1500);
    this.recordBytes = limits.recordBytes();
    in.maxDepth = depth;
    in.maxNumber = limits.numberLength();
  }

  void read(RawPage p) throws IOException {
    try (InputStream bytes = p.body().open()) {
      cut = Long.MAX_VALUE;
      read(p, bytes, 0);
    }
  }

  /** The rest of a page that is read in parts, from that place on. */
  void rest(RawPage p, InputStream bytes, long from) throws IOException {
    cut = Parts.end(from, Parts.size());
    read(p, bytes, from);
  }

  /** A part of a page. */
  void part(RawPage p, Window window) throws IOException {
    cut = Parts.end(window.base, Parts.size());
    read(p, window);
  }

  private void read(RawPage p, InputStream bytes, long from) throws IOException {
    // two more than a record: the byte behind it must be seen
    Window window = new Window(bytes, recordBytes + 2);
    window.base = from;
    window.more(0);
    read(p, window);
  }

  private void read(RawPage p, Window window) throws IOException {
    page = p;
    in.window = window;
    in.lines = p.format() == RawPage.Format.JSONL;
    try {
      in.attach();
      in.pos = window.base == 0 ? mark() : 0;
      if (in.lines) {
        lines();
      } else {
        document();
      }
    } catch (Refused e) {
      throw invalid(e.getMessage(), e.position());
    }
  }

  /** Behind a byte order mark, which some tools still write. */
  private int mark() {
    byte[] b = in.buf;
    return b[0] == (byte) 0xEF && b[1] == (byte) 0xBB && b[2] == (byte) 0xBF ? 3 : 0;
  }

  private MillraceException invalid(String why, int at) {
    long where = page.startOffset() + in.window.base + Math.max(0, at);
    return new MillraceException(
        Failure.RESPONSE_INVALID,
        "Cannot read records: "
            + why
            + ": "
            + page.origin()
            + " at byte "
            + where
            + " (ask the source for valid JSON; NaN and Infinity are not)");
  }

  /** The page's origin and a place in it, from the place in the window. */
  String where(int at) {
    return page.origin() + " at byte " + (page.startOffset() + in.window.base + Math.max(0, at));
  }

  /** More bytes, keeping those from {@code keep} on; false when that many are not allowed. */
  private boolean slide(int keep) throws IOException {
    boolean more = in.window.more(keep);
    in.attach();
    in.pos = more ? 0 : keep;
    return more;
  }

  private void lines() throws IOException {
    for (; ; ) {
      int start = in.window.shrink(in.pos);
      in.attach();
      in.pos = start;
      if (in.window.base + start > cut) {
        sink.cut();
        cut = Parts.end(in.window.base + start, Parts.size());
      }
      try {
        int c = in.peek();
        if (c == -1) {
          return;
        }
        if (c == '\n') {
          in.pos++;
          continue;
        }
        start = in.pos;
        if (c == '[') {
          in.skip(0);
          lineEnd();
          if (in.pos - start > recordBytes) {
            throw Refused.record(tooLong());
          }
          items(start);
        } else {
          in.tape.clear();
          int begin = in.pos;
          if (c == 'n') {
            in.word();
            lineEnd();
            continue;
          }
          sink.read();
          int end = in.pos;
          lineEnd();
          int next = in.pos;
          sink.take(begin, end);
          in.pos = next;
        }
      } catch (Refused.More e) {
        if (!slide(start)) {
          overlong(start);
        }
      } catch (Refused e) {
        int end = lineFrom(start);
        if (end < 0) {
          if (!slide(start)) {
            overlong(start);
          }
          continue;
        }
        if (in.window.end && end == in.limit && e.position() >= end) {
          // a file that somebody still writes, or that was cut: what is missing is not ours to
          // judge
          throw new MillraceException(
              Failure.RESPONSE_TRUNCATED,
              "Cannot read the last line: it ends in the middle of a record: "
                  + where(start)
                  + " (wait until the file is complete and run again; or, if it never will be, end it with a"
                  + " line feed: then the line is rejected and the rest is loaded)");
        }
        int at = e.position() < 0 ? start : e.position();
        sink.refuse(e.getMessage(), where(at), in.buf, start, end - start);
        in.pos = Math.min(end + 1, in.limit);
      }
    }
  }

  /** A line that is a list holds a page of items. */
  private void items(int start) {
    int behind = in.pos;
    in.pos = start + 1;
    if (in.peek() != ']') {
      do {
        in.peek();
        int begin = in.pos;
        if (in.buf[begin] == 'n' && !nulls) {
          in.word();
        } else {
          item(begin);
        }
      } while (in.another(']'));
    }
    in.pos = behind;
  }

  private void item(int begin) {
    try {
      sink.read();
      int end = in.pos;
      sink.take(begin, end);
      in.pos = end;
    } catch (Refused e) {
      in.pos = begin;
      in.skip(0);
      sink.refuse(e.getMessage(), where(begin), in.buf, begin, in.pos - begin);
    }
  }

  private void lineEnd() {
    int c = in.peek();
    if (c == '\n') {
      in.pos++;
    } else if (c != -1) {
      throw in.bad("something follows the value", in.pos);
    }
  }

  /** Where the line that begins there ends; -1 when that is not in the window. */
  private int lineFrom(int start) {
    for (int i = start; i < in.limit; i++) {
      if (in.buf[i] == '\n') {
        return i;
      }
    }
    return in.window.end ? in.limit : -1;
  }

  private String tooLong() {
    return tooLong(recordBytes);
  }

  static String tooLong(long recordBytes) {
    return "is longer than " + recordBytes + " bytes";
  }

  private void overlong(int start) throws IOException {
    sink.refuse(tooLong(), where(start), in.buf, start, in.limit - start);
    for (; ; ) {
      int end = lineFrom(start);
      if (end >= 0) {
        in.pos = Math.min(end + 1, in.limit);
        return;
      }
      in.window.more(in.limit);
      in.attach();
      start = 0;
    }
  }

  // documents

  private void document() throws IOException {
    int levels = 0;
    boolean found = true;
    for (String key : page.selector()) {
      if (next() != '{') {
        skip();
        found = false;
        break;
      }
      in.pos++;
      found = find(key);
      if (!found) {
        break;
      }
      levels++;
    }
    if (found) {
      target();
    }
    while (levels-- > 0) {
      int c = next();
      if (c == ',') {
        in.pos++;
        while (member()) {
          skip();
          if (!comma('}')) {
            break;
          }
        }
      } else if (c == '}') {
        in.pos++;
      } else {
        throw in.bad("neither comma nor closing bracket", in.pos);
      }
    }
    if (next() != -1) {
      throw in.bad("something follows the document", in.pos);
    }
  }

  /**
   * Inside an object: stands behind the key's colon; false behind its end when it has no such key.
   */
  private boolean find(String key) throws IOException {
    byte[] want = key.getBytes(StandardCharsets.UTF_8);
    if (next() == '}') {
      in.pos++;
      return false;
    }
    for (; ; ) {
      member();
      byte[] b = in.escaped ? in.tape.scratch : in.buf;
      if (java.util.Arrays.equals(b, in.off, in.off + in.len, want, 0, want.length)) {
        return true;
      }
      skip();
      if (!comma('}')) {
        return false;
      }
    }
  }

  /** A key and its colon; true. */
  private boolean member() throws IOException {
    for (; ; ) {
      int start = in.pos;
      try {
        if (in.peek() != '"') {
          throw in.bad("not a key", in.pos);
        }
        start = in.pos;
        in.pos++;
        in.tape.scratchSize = 0;
        in.string();
        in.colon();
        return true;
      } catch (Refused.More e) {
        need(start);
      }
    }
  }

  private boolean comma(int close) throws IOException {
    for (; ; ) {
      try {
        return in.another(close);
      } catch (Refused.More e) {
        need(in.pos);
      }
    }
  }

  private int next() throws IOException {
    for (; ; ) {
      try {
        return in.peek();
      } catch (Refused.More e) {
        need(in.pos);
      }
    }
  }

  private void need(int keep) throws IOException {
    if (!slide(keep)) {
      throw Refused.at("a key or value " + tooLong(), keep);
    }
  }

  private void target() throws IOException {
    int c = next();
    if (c != '[') {
      if (c == 'n') {
        skip();
      } else {
        element();
      }
      return;
    }
    in.pos++;
    if (next() == ']') {
      in.pos++;
      return;
    }
    do {
      if (next() == 'n' && !nulls) {
        skip();
      } else {
        element();
      }
    } while (comma(']'));
  }

  private void element() throws IOException {
    int start = in.window.shrink(in.pos);
    in.attach();
    in.pos = start;
    for (; ; ) {
      try {
        sink.read();
        int end = in.pos;
        sink.take(start, end);
        in.pos = end;
        return;
      } catch (Refused.More e) {
        if (!slide(start)) {
          sink.refuse(tooLong(), where(start), in.buf, start, in.limit - start);
          skip();
          return;
        }
        start = 0;
      } catch (Refused e) {
        if (e.position() >= 0) {
          throw e;
        }
        int kept = Math.min(in.limit - start, Utf8.KEPT);
        byte[] text = java.util.Arrays.copyOfRange(in.buf, start, start + kept);
        String at = where(start);
        in.pos = start;
        long from = in.window.base + start;
        skip();
        int len = (int) Math.min(kept, in.window.base + in.pos - from);
        sink.refuse(e.getMessage(), at, text, 0, len);
        return;
      }
    }
  }

  /** Passes over a value of any size and depth, checking it; holds one token at a time. */
  private void skip() throws IOException {
    BitSet objects = new BitSet();
    int open = 0;
    boolean value = true;
    for (; ; ) {
      int start = in.pos;
      try {
        int c = in.peek();
        start = in.pos;
        if (!value) {
          if (in.another(objects.get(open - 1) ? '}' : ']')) {
            if (objects.get(open - 1)) {
              member();
            }
            value = true;
          } else {
            open--;
          }
        } else if (c == '{' || c == '[') {
          in.pos++;
          objects.set(open++, c == '{');
          if (next() == (c == '{' ? '}' : ']')) {
            in.pos++;
            open--;
            value = false;
          } else if (c == '{') {
            member();
          }
        } else {
          in.skip(0);
          value = false;
        }
        if (!value && open == 0) {
          return;
        }
      } catch (Refused.More e) {
        if (slide(start)) {
          continue;
        }
        if (!value || in.buf[start] != '"') {
          throw Refused.at("a key or number " + tooLong(), start);
        }
        longString(start + 1);
        value = false;
        if (open == 0) {
          return;
        }
      }
    }
  }

  /** Passes over a string that does not fit in the window. */
  private void longString(int from) throws IOException {
    in.pos = from;
    boolean escape = false;
    for (; ; in.pos++) {
      if (in.pos >= in.limit) {
        in.window.more(in.limit);
        in.attach();
        in.pos = 0;
      }
      int c = in.buf[in.pos];
      if (c >= 0 && c < ' ') {
        throw in.bad("control character in a string", in.pos);
      }
      if (c == '"' && !escape) {
        in.pos++;
        return;
      }
      escape = c == '\\' && !escape;
    }
  }
}
