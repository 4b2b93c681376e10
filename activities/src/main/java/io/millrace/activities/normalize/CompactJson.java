package io.millrace.activities.normalize;

import io.millrace.activities.normalize.value.PyNumbers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON that was checked before once more, as orjson does: without white space, the last of
 * equal keys in the place of the first, keys sorted when wanted.
 */
final class CompactJson {
  private static final String HEX = "0123456789abcdef";

  private byte[] b;
  private int p;
  private Out out;
  private boolean sort;
  private final boolean asWritten;
  private final Scanner scan = new Scanner();

  /** Members of the last value whose key came again behind them. */
  private long repeated;

  /**
   * @param asWritten whether numbers with a fraction or an exponent keep every digit, instead of
   *     being read as doubles and printed
   */
  CompactJson(boolean asWritten) {
    this.asWritten = asWritten;
  }

  /** A member in {@link #out}. */
  private record Member(int from, int keyEnd, int to, String key) {}

  /** Returns how many members were left out because their key came again. */
  long compact(byte[] from, int off, int end, Out to) {
    repeated = 0;
    run(from, off, to, false);
    value();
    return repeated;
  }

  /** Keys sorted at every level; those at the top that begin with the prefix are left out. */
  void sorted(byte[] from, int off, int end, Out to, String without) {
    run(from, off, to, true);
    space();
    if (b[p] == '{') {
      object(without);
    } else {
      // a record that is no object stands for one
      out.ascii("{\"value\":");
      value();
      out.one('}');
    }
  }

  private void run(byte[] from, int off, Out to, boolean sorted) {
    b = from;
    p = off;
    out = to;
    sort = sorted;
  }

  private void space() {
    while (b[p] == ' ' || b[p] == '\t' || b[p] == '\r' || b[p] == '\n') {
      p++;
    }
  }

  private void value() {
    space();
    switch (b[p]) {
      case '{' -> object(null);
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  private void word(String w) {
    p += w.length();
    out.ascii(w);
  }

  private void list() {
    p++;
    out.one('[');
    space();
    if (b[p] == ']') {
      p++;
    } else {
      for (; ; ) {
        value();
        space();
        if (b[p++] == ']') {
          break;
        }
        out.one(',');
      }
    }
    out.one(']');
  }

  private void object(String without) {
    p++;
    out.one('{');
    int start = out.size();
    List<Member> members = new ArrayList<>();
    space();
    while (b[p] != '}') {
      int from = out.size();
      string();
      String key = new String(out.array(), from, out.size() - from, StandardCharsets.UTF_8);
      int keyEnd = out.size();
      space();
      p++;
      out.one(':');
      value();
      members.add(new Member(from, keyEnd, out.size(), key));
      out.one(',');
      space();
      if (b[p] == ',') {
        p++;
        space();
      }
    }
    p++;
    finish(start, members, without);
    out.one('}');
  }

  private void finish(int start, List<Member> members, String without) {
    Map<String, Integer> last = new HashMap<>();
    List<Member> kept = new ArrayList<>(members.size());
    boolean same = !sort && without == null;
    for (Member m : members) {
      Integer before = last.putIfAbsent(m.key, kept.size());
      if (before != null) {
        kept.set(before, m);
        repeated++;
        same = false;
      } else {
        kept.add(m);
      }
    }
    if (same) {
      out.cut(members.isEmpty() ? start : out.size() - 1);
      return;
    }
    if (without != null) {
      kept.removeIf(m -> m.key.startsWith("\"" + without));
    }
    byte[] all = Arrays.copyOfRange(out.array(), start, out.size());
    if (sort) {
      kept.sort((x, y) -> compare(all, x, y, start));
    }
    out.cut(start);
    for (int i = 0; i < kept.size(); i++) {
      if (i > 0) {
        out.one(',');
      }
      Member m = kept.get(i);
      out.bytes(all, m.from - start, m.to - m.from);
    }
  }

  /** By the bytes of the keys as they read, not as they are escaped. */
  private static int compare(byte[] all, Member x, Member y, int start) {
    if (x.key.indexOf('\\') < 0 && y.key.indexOf('\\') < 0) {
      return Arrays.compareUnsigned(
          all,
          x.from - start + 1,
          x.keyEnd - start - 1,
          all,
          y.from - start + 1,
          y.keyEnd - start - 1);
    }
    return Arrays.compareUnsigned(plain(x.key), plain(y.key));
  }

  private static byte[] plain(String key) {
    Scanner s = new Scanner();
    byte[] k = key.getBytes(StandardCharsets.UTF_8);
    s.text(Arrays.copyOf(k, k.length + Window.SLACK), 1, k.length);
    byte[] from = s.escaped ? s.tape.scratch : s.buf;
    return Arrays.copyOfRange(from, s.off, s.off + s.len);
  }

  private void string() {
    scan.tape.scratchSize = 0;
    scan.text(b, p + 1, b.length - Window.SLACK);
    p = scan.pos;
    text(scan.escaped ? scan.tape.scratch : b, scan.off, scan.len, out);
  }

  private void number() {
    int start = p;
    boolean whole = true;
    for (; ; p++) {
      int c = b[p];
      if (c == '.' || c == 'e' || c == 'E') {
        whole = false;
      } else if (c != '-' && c != '+' && (c < '0' || c > '9')) {
        break;
      }
    }
    if (whole) {
      if (p - start == 2 && b[start] == '-' && b[start + 1] == '0') {
        out.one('0');
      } else {
        out.bytes(b, start, p - start);
      }
      return;
    }
    if (asWritten) {
      out.bytes(b, start, p - start);
      return;
    }
    double d = PyNumbers.parseDouble(b, start, p - start);
    out.ascii(Double.isInfinite(d) ? "null" : PyNumbers.orjson(d));
  }

  /** A text with quotes and escapes. */
  static void text(byte[] b, int off, int len, Out out) {
    out.one('"');
    int plain = off;
    for (int i = off; i < off + len; i++) {
      int c = b[i];
      if (c >= ' ' && c != '"' && c != '\\' || c < 0) {
        continue;
      }
      out.bytes(b, plain, i - plain);
      plain = i + 1;
      escape(c, out);
    }
    out.bytes(b, plain, off + len - plain);
    out.one('"');
  }

  private static void escape(int c, Out out) {
    switch (c) {
      case '"' -> out.ascii("\\\"");
      case '\\' -> out.ascii("\\\\");
      case '\b' -> out.ascii("\\b");
      case '\f' -> out.ascii("\\f");
      case '\n' -> out.ascii("\\n");
      case '\r' -> out.ascii("\\r");
      case '\t' -> out.ascii("\\t");
      default -> {
        out.ascii("\\u00");
        out.one(HEX.charAt(c >> 4));
        out.one(HEX.charAt(c & 15));
      }
    }
  }
}
